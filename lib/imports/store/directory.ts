/** The directory's memory, where a mailbox itself said otherwise. What is asked and remembered: `lib/imports/directory.ts`. */
import type pg from 'pg';

/** Forgets what was remembered of people whose mailbox is gone, so that the directory is asked before anything is sent. */
export async function forgetMailboxes(
  client: pg.PoolClient,
  organizationId: string,
  userIds: readonly string[],
): Promise<void> {
  await client.query(
    `DELETE FROM directory_entry WHERE (organization_id, address) IN (
       SELECT organization_id, address FROM directory_entry WHERE organization_id = $1 AND user_id = ANY ($2)
       ORDER BY address FOR UPDATE)`,
    [organizationId, userIds],
  );
}
