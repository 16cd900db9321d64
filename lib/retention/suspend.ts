/** *Suspend deletion*: nothing is purged while an organization has said so, whatever was kept long enough. */
import type pg from 'pg';
import { auditOrganizationIn, SYSTEM } from '../audit/entries.ts';
import { inTransaction } from '../db.ts';

/** @returns false where there is no such organization, or it is so already */
export function suspendDeletion(pool: pg.Pool, organizationId: string, reason: string): Promise<boolean> {
  return change(pool, organizationId, reason, 'organization.deletion-suspended');
}

/** @returns false where there is no such organization, or it was not suspended */
export function resumeDeletion(pool: pg.Pool, organizationId: string, reason: string): Promise<boolean> {
  return change(pool, organizationId, reason, 'organization.deletion-resumed');
}

function change(
  pool: pg.Pool,
  organizationId: string,
  reason: string,
  action: 'organization.deletion-suspended' | 'organization.deletion-resumed',
): Promise<boolean> {
  const suspends = action === 'organization.deletion-suspended';
  return inTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `UPDATE organization SET deletion_suspended_at = CASE WHEN $2 THEN now() END,
         deletion_suspended_reason = CASE WHEN $2 THEN $3 END
       WHERE id = $1 AND (deletion_suspended_at IS NULL) = $2`,
      [organizationId, suspends, reason],
    );
    if (rowCount !== 1) return false;
    await auditOrganizationIn(client, { ...SYSTEM, organizationId }, { action, detail: { reason } });
    return true;
  });
}
