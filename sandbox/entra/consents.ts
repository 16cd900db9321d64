/** Which application permissions for Graph each tenant has granted to the portal. */
import type { DatabaseSync } from 'node:sqlite';

/** `Mail.ReadWrite` is missing where a tenant limits the app to some mailboxes by RBAC for Applications. */
export type GraphPermission = 'User.Read.All' | 'Mail.ReadWrite';

export interface ConsentRegistry {
  /** permissions in force, empty when the tenant never consented or revoked it */
  granted(tenantId: string): readonly GraphPermission[];
  /** replaces what the tenant had granted */
  grant(tenantId: string, permissions: readonly GraphPermission[]): void;
  revoke(tenantId: string): void;
  revokeAll(): void;
}

/** Consents kept in the sandbox's database. */
export function consentRegistry(database: DatabaseSync): ConsentRegistry {
  database.exec(
    'CREATE TABLE IF NOT EXISTS entra_consent (tenant TEXT, permission TEXT, PRIMARY KEY (tenant, permission)) STRICT',
  );
  const list = database.prepare('SELECT permission FROM entra_consent WHERE tenant = ? ORDER BY permission DESC');
  const add = database.prepare('INSERT INTO entra_consent VALUES (?, ?)');
  const remove = database.prepare('DELETE FROM entra_consent WHERE tenant = ?');

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
    revokeAll: () => database.exec('DELETE FROM entra_consent'),
  };
}

function isGraphPermission(value: unknown): value is GraphPermission {
  return value === 'User.Read.All' || value === 'Mail.ReadWrite';
}
