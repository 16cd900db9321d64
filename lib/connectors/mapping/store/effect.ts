/** What a version would do to copies that wait, and what it would leave in the mailboxes of before. */
import type pg from 'pg';
import { UNKNOWN_SECONDS } from '../../../imports/store/directory.ts';
import { versionRows } from '../../../mapping/version-rows.ts';
import { type Compared, differenceParameters, MOVED, readingLargeSets } from './difference.ts';
import type { FoundRow } from './difference-rows.ts';
import { restsOf } from './versions.ts';

/** Whether a row is valid at the time of copy `d`. The item is looked at only where the row is limited in time. */
export const isValidFor = (
  row: string,
): string => `(${row}.valid_from = '-infinity' AND ${row}.valid_to = 'infinity' OR EXISTS (
  SELECT 1 FROM item i WHERE i.archived_at = d.archived_at AND i.id = d.item_id
    AND ${row}.valid_from <= coalesce(i.message_time, i.archived_at) AND coalesce(i.message_time, i.archived_at) < ${row}.valid_to))`;

/**
 * Items of which a copy waits, and for which the version names another mailbox than the one compared with; an item whose
 * two copies wait counts once. Left out: copies whose mailbox the directory did not have just now, and those whose number can be read in two ways.
 */
export async function countReleased(pool: pg.Pool, compared: Compared): Promise<number> {
  const { organizationId, sourceId, versionId, against } = compared;
  const [rest, restOfOther] = await restsOf(pool, organizationId, [versionId, against]);
  const count = async (client: pg.PoolClient): Promise<number> => {
    const { rows } = await client.query<{ count: number }>(
      `SELECT count(DISTINCT (d.archived_at, d.item_id))::int AS count FROM delivery d
       JOIN ${versionRows('$3', '$6')} n ON n.organization_id = $1 AND n.number = d.number AND ${isValidFor('n')}
       LEFT JOIN ${versionRows('$4', '$7')} o ON o.organization_id = $1 AND o.number = d.number AND ${isValidFor('o')}
     WHERE d.organization_id = $1 AND d.state = 'waiting' AND d.sign_off_id IS NULL
       AND d.reason IS DISTINCT FROM 'ambiguous_number'
       AND d.connector_id IN (SELECT id FROM connector WHERE organization_id = $1 AND source_id = $2)
       AND n.mailbox IS DISTINCT FROM o.mailbox AND NOT EXISTS (
       SELECT 1 FROM directory_entry e WHERE e.organization_id = $1 AND e.address = n.mailbox AND e.result <> 'mailbox'
         AND e.checked_at > now() - make_interval(secs => $5))`,
      [organizationId, sourceId, versionId, against, UNKNOWN_SECONDS, rest, restOfOther],
    );
    return rows[0]?.count ?? 0;
  };
  return readingLargeSets(pool, count, 'on');
}

/**
 * Copies of the last 30 days that lie in the mailbox of before: the one that the row named, or where no row was the one of
 * the e-mail address at the source. `m` has number, valid_from, valid_to, old_mailbox, new_mailbox; $1 organization, $6 source.
 */
const ARCHIVED = `
  LEFT JOIN directory_entry o ON o.organization_id = $1 AND o.address = m.old_mailbox AND o.result = 'mailbox'
  LEFT JOIN directory_entry n ON n.organization_id = $1 AND n.address = m.new_mailbox AND n.result = 'mailbox'
  JOIN delivery d ON d.number = m.number
  WHERE d.organization_id = $1 AND d.archived_at > now() - interval '30 days'
    AND d.state IN ('imported', 'partially_imported')
    AND CASE WHEN m.old_mailbox IS NULL
      THEN d.rule = 'automatic' AND d.user_id IS DISTINCT FROM n.user_id AND lower(d.mailbox_address) <> m.new_mailbox
      ELSE d.rule = 'mapping' AND (d.user_id = o.user_id OR lower(d.mailbox_address) = m.old_mailbox) END
    AND d.connector_id IN (SELECT id FROM connector WHERE organization_id = $1 AND source_id = $6)
    AND ${isValidFor('m')}`;

/** Copies archived in the last 30 days that lie in other mailboxes than those that the rows of the difference name now. */
export async function countArchived(pool: pg.Pool, compared: Compared): Promise<number> {
  return readingLargeSets(pool, async (client) => {
    const { rows } = await client.query<{ count: number }>(
      `WITH ${MOVED} SELECT count(*)::int AS count FROM moved m ${ARCHIVED}`,
      [...(await differenceParameters(client, compared)), compared.sourceId],
    );
    return rows[0]?.count ?? 0;
  });
}

/** The same for some rows of a difference, in their order. */
export async function countArchivedOf(
  pool: pg.Pool,
  { organizationId, sourceId }: Compared,
  rows: readonly FoundRow[],
): Promise<readonly number[]> {
  const { rows: counted } = await pool.query<{ position: number; count: number }>(
    `WITH m AS (
       SELECT number, coalesce(valid_from, '-infinity') AS valid_from, coalesce(valid_to, 'infinity') AS valid_to,
         old_mailbox, new_mailbox, position
       FROM unnest($2::text[], $3::timestamptz[], $4::timestamptz[], $5::text[], $7::text[]) WITH ORDINALITY
         AS t (number, valid_from, valid_to, old_mailbox, new_mailbox, position)
       WHERE old_mailbox IS DISTINCT FROM new_mailbox)
     SELECT m.position::int AS position, count(*)::int AS count FROM m ${ARCHIVED} GROUP BY m.position`,
    [
      organizationId,
      rows.map(({ number }) => number),
      rows.map(({ validFrom }) => validFrom),
      rows.map(({ validTo }) => validTo),
      rows.map(({ oldMailbox }) => oldMailbox),
      sourceId,
      rows.map(({ newMailbox }) => newMailbox),
    ],
  );
  const counts = new Map(counted.map(({ position, count }) => [position, count]));
  return rows.map((_, index) => counts.get(index + 1) ?? 0);
}
