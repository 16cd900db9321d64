/** Rows that somebody put right in the portal, and to which another version gives other mailboxes. */
import type pg from 'pg';
import { versionRows } from '../../../mapping/version-rows.ts';
import { type Compared, differenceParameters, readingLargeSets } from './difference.ts';
import type { FoundRow } from './difference-rows.ts';

/**
 * Among the rows of the portal in the version that is compared with, times for which this version has the number and says
 * another mailbox of it, or none. Numbers that it does not have at all are asked about when it is proposed. By number, then
 * time.
 *
 * @param most rows that are read
 */
export function readOverruled(
  pool: pg.Pool,
  compared: Compared,
  most: number,
): Promise<{ readonly count: number; readonly rows: readonly FoundRow[] }> {
  return readingLargeSets(
    pool,
    async (client) => {
      const { rows } = await client.query<FoundRow & { count: number }>(
        `WITH portal AS MATERIALIZED (
           SELECT number, mailbox, valid_from, valid_to FROM ${versionRows('$4', '$5')} o
            WHERE organization_id = $1 AND origin = 'portal'),
         said AS MATERIALIZED (
           SELECT number, mailbox, valid_from, valid_to FROM ${versionRows('$2', '$3')} n
            WHERE organization_id = $1 AND number = ANY (ARRAY(SELECT DISTINCT number FROM portal))),
         overruled AS (
           SELECT p.number, p.mailbox AS old_mailbox, s.mailbox AS new_mailbox,
             greatest(p.valid_from, s.valid_from) AS valid_from, least(p.valid_to, s.valid_to) AS valid_to
           FROM portal p JOIN said s ON s.number = p.number AND s.mailbox <> p.mailbox
             AND s.valid_from < p.valid_to AND p.valid_from < s.valid_to
           UNION ALL
           SELECT p.number, p.mailbox, NULL, lower(silent), upper(silent)
           FROM portal p
             JOIN (SELECT number, range_agg(tstzrange(valid_from, valid_to)) AS times FROM said GROUP BY number) s
               ON s.number = p.number,
             unnest(tstzmultirange(tstzrange(p.valid_from, p.valid_to)) - s.times) AS silent)
         SELECT number, old_mailbox AS "oldMailbox", new_mailbox AS "newMailbox",
           CASE WHEN isfinite(valid_from) THEN valid_from END AS "validFrom",
           CASE WHEN isfinite(valid_to) THEN valid_to END AS "validTo", count(*) OVER ()::int AS count
         FROM overruled ORDER BY overruled.number, overruled.valid_from LIMIT $6`,
        [...(await differenceParameters(client, compared)), most],
      );
      return { count: rows[0]?.count ?? 0, rows: rows.map(({ count: _, ...row }) => row) };
    },
    'on',
  );
}
