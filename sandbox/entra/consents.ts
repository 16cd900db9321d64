/** Which permissions for Graph each tenant has granted to the portal, for the app itself and on behalf of people. */
import type { DatabaseSync } from 'node:sqlite';
import { type DelegatedPermission, delegatedPermissions } from './delegated-permissions.ts';

/**
 * Application permissions that can be granted. `Mail.ReadWrite` is missing where a tenant limits the app to some
 * mailboxes by RBAC for Applications; the portal asks for no more than the first two.
 */
export const graphPermissions = [
  'User.Read.All',
  'Mail.ReadWrite',
  'RoleManagement.Read.Exchange',
  'RoleManagement.Read.Directory',
  'RoleManagement.Read.All',
  'Directory.Read.All',
  'Organization.Read.All',
] as const;

export type GraphPermission = (typeof graphPermissions)[number];

export interface ConsentRegistry {
  /** application permissions in force, empty when the tenant never consented or revoked it */
  granted(tenantId: string): readonly GraphPermission[];
  /** replaces what the tenant had granted to the app itself */
  grant(tenantId: string, permissions: readonly GraphPermission[]): void;
  /** delegated permissions that an administrator has consented to for everybody */
  delegated(tenantId: string): readonly DelegatedPermission[];
  /** replaces them */
  grantDelegated(tenantId: string, permissions: readonly DelegatedPermission[]): void;
  /** adds to both kinds, as an administrator does who accepts on the consent page */
  consent(tenantId: string, app: readonly GraphPermission[], delegated: readonly DelegatedPermission[]): void;
  /** takes back both kinds */
  revoke(tenantId: string): void;
  revokeAll(): void;
  /**
   * Object ids of the only mailboxes that the app may touch, undefined where nothing limits it. With `Mail.ReadWrite`
   * granted this is an application access policy; without, it is RBAC for Applications, which grants them by itself.
   */
  mailboxScope(tenantId: string): ReadonlySet<string> | undefined;
  limitMailboxes(tenantId: string, userIds: readonly string[] | undefined): void;
}

/** Consents and mailbox scopes, kept in the sandbox's database. */
export function consentRegistry(database: DatabaseSync): ConsentRegistry {
  database.exec('CREATE TABLE IF NOT EXISTS entra_mailbox_scope (tenant TEXT PRIMARY KEY, users TEXT NOT NULL) STRICT');
  const ofApp = permissionTable(database, 'entra_consent', isGraphPermission);
  const ofPeople = permissionTable(database, 'entra_delegated_consent', isDelegatedPermission);
  const scope = database.prepare('SELECT users FROM entra_mailbox_scope WHERE tenant = ?');
  const unlimit = database.prepare('DELETE FROM entra_mailbox_scope WHERE tenant = ?');
  const limit = database.prepare('INSERT INTO entra_mailbox_scope VALUES (?, ?)');

  /** asked with every request to a mailbox, so remembered */
  const scopes = new Map<string, ReadonlySet<string> | undefined>();
  const readScope = (tenantId: string): ReadonlySet<string> | undefined => {
    const users = scope.get(tenantId)?.users;
    return typeof users === 'string' ? new Set(users.split(' ')) : undefined;
  };
  return {
    granted: ofApp.list,
    grant: ofApp.replace,
    delegated: ofPeople.list,
    grantDelegated: ofPeople.replace,
    consent: (tenantId, app, delegated) => {
      ofApp.add(tenantId, app);
      ofPeople.add(tenantId, delegated);
    },
    revoke: (tenantId) => {
      ofApp.replace(tenantId, []);
      ofPeople.replace(tenantId, []);
    },
    revokeAll: () => {
      scopes.clear();
      database.exec('DELETE FROM entra_consent; DELETE FROM entra_delegated_consent; DELETE FROM entra_mailbox_scope');
    },
    mailboxScope: (tenantId) => {
      if (!scopes.has(tenantId)) scopes.set(tenantId, readScope(tenantId));
      return scopes.get(tenantId);
    },
    limitMailboxes: (tenantId, userIds) => {
      scopes.delete(tenantId);
      unlimit.run(tenantId);
      if (userIds) limit.run(tenantId, userIds.join(' '));
    },
  };
}

interface PermissionTable<Permission extends string> {
  list(tenantId: string): readonly Permission[];
  add(tenantId: string, permissions: readonly Permission[]): void;
  replace(tenantId: string, permissions: readonly Permission[]): void;
}

function permissionTable<Permission extends string>(
  database: DatabaseSync,
  name: 'entra_consent' | 'entra_delegated_consent',
  isPermission: (value: unknown) => value is Permission,
): PermissionTable<Permission> {
  database.exec(
    `CREATE TABLE IF NOT EXISTS ${name} (tenant TEXT, permission TEXT, PRIMARY KEY (tenant, permission)) STRICT`,
  );
  const list = database.prepare(`SELECT permission FROM ${name} WHERE tenant = ? ORDER BY permission DESC`);
  const insert = database.prepare(`INSERT OR IGNORE INTO ${name} VALUES (?, ?)`);
  const remove = database.prepare(`DELETE FROM ${name} WHERE tenant = ?`);
  const add = (tenantId: string, permissions: readonly Permission[]): void => {
    for (const permission of permissions) insert.run(tenantId, permission);
  };
  return {
    list: (tenantId) =>
      list
        .all(tenantId)
        .map((row) => row.permission)
        .filter(isPermission),
    add,
    replace: (tenantId, permissions) => {
      remove.run(tenantId);
      add(tenantId, permissions);
    },
  };
}

function isGraphPermission(value: unknown): value is GraphPermission {
  return graphPermissions.some((permission) => permission === value);
}

function isDelegatedPermission(value: unknown): value is DelegatedPermission {
  return delegatedPermissions.some((permission) => permission === value);
}
