/**
 * What listings after a restore have noted does not stay for ever. A copy that a correction has moved is the ledger's matter again;
 * the rest goes when the audit log of that time does, but for what may still be looked for there before something is sent.
 */
import type pg from 'pg';
import { auditOrganizationIn, SYSTEM } from '../audit/entries.ts';
import { inTransaction } from '../db.ts';

/** Of the listed copy `f`: its item has a copy that is not settled, which may be the one that lies there. */
const MAY_BE_SOUGHT = `EXISTS (SELECT FROM item_identity n JOIN delivery d ON d.archived_at = n.archived_at AND d.item_id = n.item_id
  WHERE n.source_id = f.source_id AND n.source_item_id = f.source_item_id
    AND d.state IN ('waiting', 'pending', 'sending', 'created', 'failed') AND d.sign_off_id IS NULL)`;

/** The listed copy `f` was taken over, and is not that copy any more. */
const IS_MOVED = `f.delivery_id IS NOT NULL AND NOT EXISTS (SELECT FROM delivery d
  WHERE d.archived_at = f.archived_at AND d.id = f.delivery_id AND d.user_id = f.user_id)`;

/**
 * Removes what is due, with an entry in the audit log of each organization. Nothing of one that suspends deletion.
 *
 * @param years that the audit log is kept
 * @returns mailboxes and copies that went
 */
export async function purgeListings(pool: pg.Pool, years: number, now: Date): Promise<number> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ organization_id: string; count: number }>(
      `WITH kept AS (SELECT id FROM organization WHERE deletion_suspended_at IS NULL),
       over AS (SELECT id FROM recovery WHERE ended_at < $1::timestamptz - make_interval(years => $2)),
       moved AS (
         DELETE FROM recovery_copy f USING kept o, recovery r
         WHERE o.id = f.organization_id AND r.id = f.recovery_id AND r.ended_at IS NOT NULL AND ${IS_MOVED}
         RETURNING f.organization_id),
       copies AS (
         DELETE FROM recovery_copy f USING kept o, over r
         WHERE o.id = f.organization_id AND r.id = f.recovery_id AND NOT (${IS_MOVED}) AND NOT ${MAY_BE_SOUGHT}
         RETURNING f.organization_id),
       mailboxes AS (
         DELETE FROM recovery_mailbox m USING kept o, over r
         WHERE o.id = m.organization_id AND r.id = m.recovery_id RETURNING m.organization_id)
       SELECT organization_id, count(*)::int AS count
       FROM (SELECT * FROM moved UNION ALL SELECT * FROM copies UNION ALL SELECT * FROM mailboxes) AS gone GROUP BY 1`,
      [now, years],
    );
    for (const { organization_id: organizationId, count } of rows) {
      const entry = { action: 'recovery.purged', detail: { count } } as const;
      await auditOrganizationIn(client, { ...SYSTEM, organizationId }, entry);
    }
    return rows.reduce((sum, { count }) => sum + count, 0);
  });
}
