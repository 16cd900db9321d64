/** The items of a subject, the newest first, by indexes alone. Every statement names the organization, and its months. */
import type pg from 'pg';
import { inMonths } from '../../imports/store/months.ts';
import type { RowKey } from '../../imports/store/undone.ts';
import type { Subject } from '../address.ts';
import { ledgerMonths, spansOf } from './spans.ts';

/** Whose copies: those in the person's mailbox, and those of the numbers that are theirs, which may wait for it. */
export interface Owner {
  readonly userId: string | null;
  readonly numbers: readonly string[];
}

/** The numbers of a person by the source: registered under an address that the directory says is theirs. */
export async function ownerOf(
  pool: pg.Pool,
  organizationId: string,
  subject: Extract<Subject, { kind: 'person' | 'number' }>,
): Promise<Owner> {
  if (subject.kind === 'number') return { userId: null, numbers: [subject.number] };
  const { rows } = await pool.query<{ number: string }>(
    `SELECT DISTINCT s.number FROM source_user s
     WHERE s.organization_id = $1 AND s.number IS NOT NULL AND lower(s.email) IN (
       SELECT e.address FROM directory_entry e WHERE e.organization_id = $1 AND e.user_id = $2 AND e.result = 'mailbox')`,
    [organizationId, subject.userId],
  );
  return { userId: subject.userId, numbers: rows.map(({ number }) => number) };
}

/** Literally as the index of numbers has it: what is on its way to a mailbox is not in it. */
const IS_SETTLED = `state IN ('waiting', 'imported', 'partially_imported', 'skipped', 'failed')`;
const EARLIER = '(archived_at, item_id) < ($4::timestamptz, $5::bigint)';
const NEWEST_FIRST = 'ORDER BY archived_at DESC, item_id DESC LIMIT $6';

/**
 * What was skipped for another copy lies where that one lies, and is found by its number. What is on its way is found by
 * its mailbox, and by its number as soon as it is settled.
 */
const OF_OWNER = `SELECT archived_at AS "archivedAt", item_id AS id FROM (
    (SELECT archived_at, item_id FROM delivery
     WHERE organization_id = $1 AND user_id = $7::uuid AND state <> 'skipped'
       AND ${inMonths('archived_at', '$2', '$3')} AND ${EARLIER} ${NEWEST_FIRST})
    UNION
    SELECT d.archived_at, d.item_id FROM unnest($8::text[]) AS n (number) CROSS JOIN LATERAL (
      SELECT archived_at, item_id FROM delivery
      WHERE organization_id = $1 AND number = n.number AND ${IS_SETTLED}
        AND ${inMonths('archived_at', '$2', '$3')} AND ${EARLIER} ${NEWEST_FIRST}) d
  ) AS found ORDER BY 1 DESC, 2 DESC LIMIT $6`;

const LAST: RowKey = { archivedAt: new Date('9999-12-31T00:00:00Z'), id: '9223372036854775807' };

/** The next items of somebody before `after`. */
export async function itemsOfOwner(
  pool: pg.Pool,
  organizationId: string,
  { userId, numbers }: Owner,
  after: RowKey | null,
  limit: number,
): Promise<RowKey[]> {
  const months = await ledgerMonths(pool, organizationId);
  const found: RowKey[] = [];
  for (const span of months === null ? [] : spansOf(months, after?.archivedAt ?? null)) {
    const { archivedAt, id } = after ?? LAST;
    const { rows } = await pool.query<RowKey>(OF_OWNER, [
      organizationId,
      ...span,
      archivedAt,
      id,
      limit - found.length,
      userId,
      numbers,
    ]);
    found.push(...rows);
    if (found.length >= limit) break;
  }
  return found;
}

/** How many copies of somebody there are by state; at most `most` in all are counted. */
export async function countOfOwner(
  pool: pg.Pool,
  organizationId: string,
  { userId, numbers }: Owner,
  most: number,
): Promise<Map<string, number>> {
  const months = await ledgerMonths(pool, organizationId);
  const counts = new Map<string, number>();
  let left = most;
  for (const span of months === null ? [] : spansOf(months, null)) {
    const { rows } = await pool.query<{ state: string; count: number }>(
      `SELECT state, count(*)::int AS count FROM (
         SELECT * FROM (
           SELECT archived_at, id, state FROM delivery
           WHERE organization_id = $1 AND user_id = $5::uuid AND state <> 'skipped' AND ${inMonths('archived_at', '$2', '$3')}
           LIMIT $4) AS theirs
         UNION
         SELECT * FROM (
           SELECT archived_at, id, state FROM delivery
           WHERE organization_id = $1 AND number = ANY ($6::text[]) AND ${IS_SETTLED} AND ${inMonths('archived_at', '$2', '$3')}
           LIMIT $4) AS by_number
         LIMIT $4) AS found GROUP BY state`,
      [organizationId, ...span, left, userId, numbers],
    );
    for (const { state, count } of rows) counts.set(state, (counts.get(state) ?? 0) + count);
    left = most - [...counts.values()].reduce((sum, count) => sum + count, 0);
    if (left <= 0) break;
  }
  return counts;
}

/** The items that the source calls so: one for each account at most. */
export async function itemsCalled(pool: pg.Pool, organizationId: string, sourceItemId: string): Promise<RowKey[]> {
  const { rows } = await pool.query<RowKey>(
    `SELECT n.archived_at AS "archivedAt", n.item_id AS id FROM source s
       JOIN item_identity n ON n.source_id = s.id AND n.source_item_id = $2
     WHERE s.organization_id = $1 AND n.organization_id = $1 ORDER BY 1 DESC, 2 DESC`,
    [organizationId, sourceItemId],
  );
  return rows;
}

/** Items that reached the source from `from` on and before `to`, within a day, of one import or of all. */
export async function itemsBetween(
  pool: pg.Pool,
  organizationId: string,
  { from, to, importId }: { readonly from: Date; readonly to: Date; readonly importId: string | null },
  after: RowKey | null,
  limit: number,
): Promise<RowKey[]> {
  const { archivedAt, id } = after ?? LAST;
  const { rows } = await pool.query<RowKey>(
    `SELECT archived_at AS "archivedAt", id FROM item
     WHERE organization_id = $1 AND archived_at >= $2 AND archived_at < $3 AND ($4::uuid IS NULL OR import_id = $4)
       AND (archived_at, id) < ($5::timestamptz, $6::bigint)
     ORDER BY archived_at DESC, id DESC LIMIT $7`,
    [organizationId, from, to, importId, archivedAt, id, limit],
  );
  return rows;
}
