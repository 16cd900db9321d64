/** Built-in roles of Entra ID as far as people of the sandbox have or may get them, with Microsoft's own template ids. */
import type { Person, Tenant } from './people.ts';
import { guidOf } from './staff.ts';

export interface DirectoryRoleTemplate {
  /** the same in every tenant, and the id of the role's definition */
  readonly templateId: string;
  /** the word in `Person.directoryRoles` */
  readonly displayName: string;
  readonly description: string;
  readonly allowedResourceActions: readonly string[];
}

export const directoryRoleTemplates: readonly DirectoryRoleTemplate[] = [
  template('62e90394-69f5-4237-9190-012177145e10', 'Global Administrator', 'Can manage all aspects of Entra ID.', [
    'microsoft.directory/users/allProperties/allTasks',
    'microsoft.directory/applications/allProperties/allTasks',
    'microsoft.office365.exchange/allEntities/basic/allTasks',
  ]),
  template(
    'e8611ab8-c189-46e8-94e1-60213ab1f814',
    'Privileged Role Administrator',
    'Can manage role assignments, and all aspects of Privileged Identity Management.',
    [
      'microsoft.directory/roleAssignments/allProperties/allTasks',
      'microsoft.directory/servicePrincipals/managePermissionGrantsForAll.microsoft-company-admin',
    ],
  ),
  template('29232cdf-9323-42fd-ade2-1d097af3e4de', 'Exchange Administrator', 'Can manage all aspects of Exchange.', [
    'microsoft.office365.exchange/allEntities/basic/allTasks',
  ]),
  template(
    '31392ffb-586c-42d1-9346-e59415a2cc4e',
    'Exchange Recipient Administrator',
    'Can create and update recipients in the Exchange organization.',
    ['microsoft.office365.exchange/recipients/allProperties/allTasks'],
  ),
  template(
    '17315797-102d-40b4-93e0-432062caca18',
    'Compliance Administrator',
    'Can read and manage compliance configuration and reports.',
    ['microsoft.office365.complianceManager/allEntities/allTasks'],
  ),
  template(
    'e6d1a23a-da11-4be4-9570-befc86d067a7',
    'Compliance Data Administrator',
    'Can create and manage compliance content.',
    ['microsoft.office365.complianceManager/allEntities/allTasks'],
  ),
  template('194ae4cb-b126-40b2-bd5b-6091b380977d', 'Security Administrator', 'Can manage security configuration.', [
    'microsoft.directory/policies/standard/read',
  ]),
  template('fe930be7-5e62-47db-91af-98c3a49a38b1', 'User Administrator', 'Can manage users and groups.', [
    'microsoft.directory/users/create',
    'microsoft.directory/users/basic/update',
  ]),
  template('f2ef992c-3afb-46b9-b7cf-a126ee74c451', 'Global Reader', 'Can read what a Global Administrator can.', [
    'microsoft.directory/users/allProperties/read',
  ]),
  template('88d8e3e3-8f55-4a1e-953a-9b9898b8876b', 'Directory Readers', 'Can read basic directory information.', [
    'microsoft.directory/users/standard/read',
  ]),
];

/** A role as it stands in one tenant's directory. */
export interface DirectoryRole extends DirectoryRoleTemplate {
  /** object id in the tenant, unlike the template's id */
  readonly id: string;
  readonly members: readonly Person[];
}

/** The roles that are activated in a tenant: Global Administrator always, another one as soon as somebody has it. */
export function directoryRolesOf(tenant: Tenant): readonly DirectoryRole[] {
  return directoryRoleTemplates
    .map((one) => ({
      ...one,
      id: guidOf(`${tenant.id} directory role ${one.templateId}`),
      members: tenant.people.filter((person) => person.directoryRoles.includes(one.displayName)),
    }))
    .filter((role, position) => position === 0 || role.members.length > 0);
}

/** Template ids of a person's roles; a role by a name that is not built in has none. */
export function roleTemplateIdsOf(person: Person): readonly string[] {
  return directoryRoleTemplates
    .filter(({ displayName }) => person.directoryRoles.includes(displayName))
    .map(({ templateId }) => templateId);
}

function template(
  templateId: string,
  displayName: string,
  description: string,
  allowedResourceActions: readonly string[],
): DirectoryRoleTemplate {
  return { templateId, displayName, description, allowedResourceActions };
}
