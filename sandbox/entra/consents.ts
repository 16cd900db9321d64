/** Which application permissions for Graph each tenant has granted to the portal. */
import type { DatabaseSync } from 'node:sqlite';

/**
 * `Mail.ReadWrite` is missing where a tenant limits the app to some mailboxes by RBAC for Applications;
 * `RoleManagement.Read.Exchange` is there where it lets the app read Exchange roles.
 */
export const graphPermissions = ['User.Read.All', 'Mail.ReadWrite', 'RoleManagement.Read.Exchange'] as const;

export type GraphPermission = (typeof graphPermissions)[number];

export interface ConsentRegistry {
  /** permissions in force, empty when the tenant never consented or revoked it */
  granted(tenantId: string): readonly GraphPermission[];
  /** replaces what the tenant had granted */
  grant(tenantId: string, permissions: readonly GraphPermission[]): void;
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
  database.exec(`
    CREATE TABLE IF NOT EXISTS entra_consent (tenant TEXT, permission TEXT, PRIMARY KEY (tenant, permission)) STRICT;
    CREATE TABLE IF NOT EXISTS entra_mailbox_scope (tenant TEXT PRIMARY KEY, users TEXT NOT NULL) STRICT;
  `);
  const list = database.prepare('SELECT permission FROM entra_consent WHERE tenant = ? ORDER BY permission DESC');
  const add = database.prepare('INSERT INTO entra_consent VALUES (?, ?)');
  const remove = database.prepare('DELETE FROM entra_consent WHERE tenant = ?');
  const scope = database.prepare('SELECT users FROM entra_mailbox_scope WHERE tenant = ?');
  const unlimit = database.prepare('DELETE FROM entra_mailbox_scope WHERE tenant = ?');
  const limit = database.prepare('INSERT INTO entra_mailbox_scope VALUES (?, ?)');

  /** asked with every request to a mailbox, so remembered */
  const scopes = new Map<string, ReadonlySet<string> | undefined>();
  const readScope = (tenantId: string): ReadonlySet<string> | undefined => {
    const users = scope.get(tenantId)?.users;
    return typeof users === 'string' ? new Set(users.split(' ')) : undefined;
  };
  const revoke = (tenantId: string): void => {
    remove.run(tenantId);
  };
  return {
    granted: (tenantId) =>
      list
        .all(tenantId)
        .map((row) => row.permission)
        .filter(isGraphPermission),
    grant: (tenantId, permissions) => {
      revoke(tenantId);
      for (const permission of new Set(permissions)) add.run(tenantId, permission);
    },
    revoke,
    revokeAll: () => {
      scopes.clear();
      database.exec('DELETE FROM entra_consent; DELETE FROM entra_mailbox_scope');
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

function isGraphPermission(value: unknown): value is GraphPermission {
  return graphPermissions.some((permission) => permission === value);
}
