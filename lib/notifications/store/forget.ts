/** What is removed of notifications, and when. */
import type { Queryable } from '../../db.ts';

const NOT_SUSPENDED =
  'NOT EXISTS (SELECT 1 FROM organization h WHERE h.id = $1 AND h.deletion_suspended_at IS NOT NULL)';

/**
 * Removes what was told long ago: notices after 30 days, conditions 90 days after their end. What is on its way and what is
 * not over stays, however old.
 */
export async function forgetOld(client: Queryable, organizationId: string): Promise<void> {
  await client.query(
    `DELETE FROM notice WHERE organization_id = $1 AND created_at < now() - interval '30 days' AND state <> 'pending'
       AND ${NOT_SUSPENDED}`,
    [organizationId],
  );
  await client.query(
    `DELETE FROM notification_condition WHERE organization_id = $1 AND ended_at < now() - interval '90 days'
       AND ${NOT_SUSPENDED}`,
    [organizationId],
  );
}
