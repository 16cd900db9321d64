/**
 * Sessions of long ago go. What the access review says of a person is kept: their newest session stays for as long as the
 * audit log does, with the roles of the last look, the last sign-in and the last use; older ones say nothing more.
 */
import type pg from 'pg';
import { auditOrganizationIn, SYSTEM } from '../audit/entries.ts';
import { inTransaction } from '../db.ts';

/** A session that is not a person's newest is kept for so long after its sign-in; it can be used for 8 hours of them. */
export const OLD_SESSION_DAYS = 90;

/**
 * Removes what is due, with an entry in the audit log of each organization. Nothing of one that suspends deletion.
 *
 * @param years that a person's newest session is kept
 * @returns sessions that went
 */
export async function purgeSessions(pool: pg.Pool, years: number, now: Date): Promise<number> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ organization_id: string; count: number }>(
      `WITH gone AS (
         DELETE FROM portal_session s USING organization o
         WHERE o.id = s.organization_id AND o.deletion_suspended_at IS NULL
           AND (s.signed_in_at < $1::timestamptz - make_interval(years => $2)
             OR (s.signed_in_at < $1::timestamptz - make_interval(days => $3) AND EXISTS (
               SELECT FROM portal_session newer
               WHERE newer.organization_id = s.organization_id AND newer.user_id = s.user_id
                 AND newer.signed_in_at > s.signed_in_at AND newer.last_used_at >= s.last_used_at
                 AND newer.checked_at >= s.checked_at)))
         RETURNING s.organization_id)
       SELECT organization_id, count(*)::int AS count FROM gone GROUP BY 1`,
      [now, years, OLD_SESSION_DAYS],
    );
    for (const { organization_id: organizationId, count } of rows) {
      await auditOrganizationIn(
        client,
        { ...SYSTEM, organizationId },
        { action: 'sessions.purged', detail: { count } },
      );
    }
    return rows.reduce((sum, { count }) => sum + count, 0);
  });
}
