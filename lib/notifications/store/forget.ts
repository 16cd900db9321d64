/** What is removed of notifications, and when. */
import type { Queryable } from '../../db.ts';

/**
 * Removes what was told long ago: notices after 30 days, conditions 90 days after their end. What is on its way and what is
 * not over stays, however old.
 */
export async function forgetOld(client: Queryable, organizationId: string): Promise<void> {
  await client.query(
    `DELETE FROM notice WHERE organization_id = $1 AND created_at < now() - interval '30 days' AND state <> 'pending'`,
    [organizationId],
  );
  await client.query(
    `DELETE FROM notification_condition WHERE organization_id = $1 AND ended_at < now() - interval '90 days'`,
    [organizationId],
  );
}
