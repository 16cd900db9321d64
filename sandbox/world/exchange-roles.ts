/** Exchange's management roles, as far as the portal asks for them, and who has them through which role group. */
import type { Tenant } from './people.ts';
import { guidOf } from './staff.ts';

export interface ExchangeRoleDefinition extends Readonly<Record<string, unknown>> {
  readonly id: string;
  readonly displayName: string;
}

export interface ExchangeRoleAssignment extends Readonly<Record<string, unknown>> {
  readonly id: string;
  readonly roleDefinitionId: string;
  /** a path in Exchange's directory: `/RoleGroups/…`, or `/Users/…` for a direct assignment */
  readonly principalId: string;
}

const MAILBOX_IMPORT_EXPORT = definition(
  'Mailbox Import Export',
  'Enables administrators to import and export mailbox content.',
);

export const exchangeRoleDefinitions: readonly ExchangeRoleDefinition[] = [
  MAILBOX_IMPORT_EXPORT,
  definition('Mail Recipients', 'Enables administrators to manage existing mailboxes, mail users, and mail contacts.'),
  definition('View-Only Recipients', 'Enables administrators to view the configuration of recipients.'),
];

/** Role groups and the roles that they hold. Nobody holds Mailbox Import Export by default. */
const roleGroups: Readonly<Record<string, readonly ExchangeRoleDefinition[]>> = {
  'Mailbox Import Operators': [MAILBOX_IMPORT_EXPORT],
};

/** Names of the role groups that a person can be a member of. */
export const exchangeRoleGroups: readonly string[] = Object.keys(roleGroups);

/** The assignments of a tenant: each role of each role group that has members, and each member's by path. */
export function roleAssignmentsOf(tenant: Tenant): readonly ExchangeRoleAssignment[] {
  return Object.entries(roleGroups).flatMap(([group, roles]) => {
    const members = tenant.people.filter((one) => one.exchangeRoleGroups.includes(group));
    if (members.length === 0) return [];
    const principals = [`/RoleGroups/${guidOf(`${tenant.id} ${group}`)}`, ...members.map((one) => `/Users/${one.id}`)];
    return roles.flatMap((role) => principals.map((principalId) => assignment(role, principalId)));
  });
}

function assignment(role: ExchangeRoleDefinition, principalId: string): ExchangeRoleAssignment {
  return {
    id: guidOf(`${role.id} ${principalId}`),
    principalId,
    roleDefinitionId: role.id,
    directoryScopeId: '/',
    appScopeId: null,
  };
}

function definition(displayName: string, description: string): ExchangeRoleDefinition {
  return {
    id: guidOf(`exchange role ${displayName}`),
    displayName,
    description,
    isBuiltIn: true,
    isEnabled: true,
    version: '0.12 (14.0.451.0)',
  };
}
