/** Which staged content of a completed import is still needed, and where it lies after it was moved. */
import type pg from 'pg';
import { inTransaction } from '../../db.ts';
import { itemIdentity } from '../../mail/identity.ts';
import { foldCounters } from './counters.ts';

/** A row and the frame that it needs. */
export interface KeptFrame {
  readonly table: 'delivery' | 'item' | 'item_change';
  readonly archivedAt: Date;
  readonly id: string;
  readonly itemId: string;
  /** what the frame is sealed to */
  readonly itemIdentity: string;
  readonly page: number;
  readonly offset: number;
  readonly length: number;
}

/** Where it lies now. One that was sealed anew under a key with another id has another length. */
export interface MovedFrame {
  readonly frame: KeptFrame;
  readonly offset: number;
  readonly length: number;
}

/** Nothing more is collected for it; what it holds changes only by what waits or is retried. `i` is the import. */
export const IS_OVER = `i.phase IN ('completed', 'cancelled')`;

/** What is still needed of a page. */
export interface KeptOfPage {
  readonly page: number;
  /** rows that name something on it */
  readonly rows: number;
  /** of the frames that they name, each counted once */
  readonly bytes: number;
}

/** Reserves page numbers above all others of the import. @returns the highest; null where there is nothing to clear */
export async function reserveKeptPages(
  pool: pg.Pool,
  organizationId: string,
  importId: string,
  count: number,
): Promise<number | null> {
  const { rows } = await pool.query<{ pages: number }>(
    `UPDATE import i SET pages = pages + $3
     WHERE organization_id = $1 AND id = $2 AND ${IS_OVER} AND staging_cleared_at IS NULL
       -- Cleared while something that waited is on its way, it would not be cleared again when that has arrived.
       AND coalesce((SELECT sum(count) FROM import_counter c
         WHERE c.import_id = i.id AND c.outcome = 'copies.pending'), 0) = 0
     RETURNING pages`,
    [organizationId, importId, count],
  );
  return rows[0]?.pages ?? null;
}

/**
 * Copies whose content may be wanted again; `d` is the copy. One that was skipped for another is wanted as long as the
 * other has not arrived whole: sent again into a mailbox that is gone, it makes both wait. What somebody signed off is
 * wanted no more, nor is what was skipped for it.
 */
export const OPEN_DELIVERY = `(d.state NOT IN ('imported', 'skipped') AND d.sign_off_id IS NULL OR d.state = 'skipped' AND EXISTS (
  SELECT 1 FROM delivery other WHERE other.archived_at = coalesce(d.twin_archived_at, d.archived_at)
    AND other.item_id = coalesce(d.twin_item_id, d.item_id) AND other.user_id = d.user_id
    AND other.state NOT IN ('imported', 'skipped') AND other.sign_off_id IS NULL))`;

/**
 * Items whose own frame may be wanted again; `t` is the item. A repeat whose copy is owed again waits by its own row, and so
 * does an item of which no copy is whole, when one of them is retried and meets a mailbox that is gone.
 */
const OPEN_ITEM = `(t.outcome = 'unreadable' AND t.sign_off_id IS NULL
  OR t.outcome = 'imported' AND EXISTS (SELECT 1 FROM delivery d WHERE d.archived_at = t.archived_at
    AND d.item_id = t.id AND d.state = 'partially_imported' AND d.sign_off_id IS NULL)
    AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.archived_at = t.archived_at AND d.item_id = t.id
      AND d.state = 'imported')
  OR t.outcome IN ('waiting', 'failed', 'pending') AND EXISTS (SELECT 1 FROM delivery d
    WHERE d.archived_at = t.archived_at AND d.item_id = t.id AND d.state <> 'skipped' AND d.sign_off_id IS NULL)
  OR t.outcome = 'repeat' AND EXISTS (SELECT 1 FROM delivery d
    WHERE d.archived_at = t.archived_at AND d.item_id = t.id AND ${OPEN_DELIVERY}))`;

const NEEDED = `SELECT 'delivery' AS table, archived_at, id, item_id, page, frame_offset, frame_length FROM delivery d
    WHERE import_id = $1 AND ${OPEN_DELIVERY}
  UNION ALL
  SELECT 'item', archived_at, id, id, page, frame_offset, frame_length FROM item t
    WHERE import_id = $1 AND ${OPEN_ITEM}
  UNION ALL
  SELECT 'item_change', archived_at, id, item_id, page, frame_offset, frame_length FROM item_change WHERE import_id = $1`;

/** How much of each page is still needed, by page; pages of which nothing is are left out. */
export async function keptOfPages(pool: pg.Pool, importId: string): Promise<KeptOfPage[]> {
  const { rows } = await pool.query<{ page: number; rows: number; bytes: number }>(
    `SELECT page, sum(rows)::float8 AS rows, sum(frame_length)::float8 AS bytes
     FROM (SELECT page, frame_offset, frame_length, count(*) AS rows FROM (${NEEDED}) AS needed GROUP BY 1, 2, 3) AS frames
     GROUP BY page ORDER BY page`,
    [importId],
  );
  return rows;
}

/** What is still needed of these pages, by page and offset, as it is read from staging. */
export async function framesToKeep(pool: pg.Pool, importId: string, pages: readonly number[]): Promise<KeptFrame[]> {
  const { rows } = await pool.query<{
    table: KeptFrame['table'];
    archived_at: Date;
    id: string;
    item_id: string;
    page: number;
    frame_offset: number;
    frame_length: number;
    organization_id: string;
    kind: string;
    account_id: string;
    source_item_id: string;
  }>(
    `SELECT needed.*, s.organization_id, s.kind, s.account_id, t.source_item_id FROM (${NEEDED}) AS needed
     JOIN item t ON t.archived_at = needed.archived_at AND t.id = needed.item_id JOIN source s ON s.id = t.source_id
     WHERE needed.page = ANY ($2) ORDER BY needed.page, needed.frame_offset`,
    [importId, pages],
  );
  return rows.map((row) => ({
    table: row.table,
    archivedAt: row.archived_at,
    id: row.id,
    itemId: row.item_id,
    itemIdentity: itemIdentity(
      { organizationId: row.organization_id, kind: row.kind, account: row.account_id },
      row.source_item_id,
    ),
    page: row.page,
    offset: row.frame_offset,
    length: row.frame_length,
  }));
}

/**
 * Writes the new places of frames that lie on `keptPage` now. Items are locked before the import, as by all who send what waited on its way: they
 * reserve a page as well, and whoever comes second finds it.
 *
 * @param reserved the highest page that this worker reserved
 * @returns false where another worker reserved a page after it: nothing was written, and nothing may be deleted
 */
export async function moveFrames(
  pool: pg.Pool,
  importId: string,
  reserved: number,
  keptPage: number,
  moved: readonly MovedFrame[],
): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    await client.query(
      `SELECT 1 FROM item WHERE (archived_at, id) IN (SELECT * FROM unnest($1::timestamptz[], $2::bigint[]))
       ORDER BY id FOR NO KEY UPDATE`,
      [moved.map(({ frame }) => frame.archivedAt), moved.map(({ frame }) => frame.itemId)],
    );
    const { rowCount } = await client.query('SELECT 1 FROM import WHERE id = $1 AND pages = $2 FOR NO KEY UPDATE', [
      importId,
      reserved,
    ]);
    if (rowCount !== 1) return false;
    for (const table of ['delivery', 'item', 'item_change'] as const) {
      const of = moved.filter(({ frame }) => frame.table === table);
      if (of.length === 0) continue;
      // A change is numbered by itself; the others lie in partitions by the time of their archiving.
      await client.query(
        `UPDATE ${table} t SET page = $4, frame_offset = m.frame_offset, frame_length = m.frame_length
         FROM unnest($1::timestamptz[], $2::bigint[], $3::int[], $5::int[]) AS m (archived_at, id, frame_offset, frame_length)
         WHERE t.archived_at = m.archived_at AND t.id = m.id`,
        [
          of.map(({ frame }) => frame.archivedAt),
          of.map(({ frame }) => frame.id),
          of.map(({ offset }) => offset),
          keptPage,
          of.map(({ length }) => length),
        ],
      );
    }
    return true;
  });
}

/** Marks attachments of items that are in all their mailboxes as deleted, and returns the ids of those that are. */
export async function markUnneededAttachments(pool: pg.Pool, importId: string): Promise<string[]> {
  await pool.query(
    `UPDATE attachment a SET state = 'deleted', data_key = NULL
     WHERE a.import_id = $1 AND a.state = 'staged' AND NOT EXISTS (
       SELECT 1 FROM delivery d WHERE d.archived_at = a.archived_at AND d.item_id = a.item_id AND ${OPEN_DELIVERY})`,
    [importId],
  );
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM attachment WHERE import_id = $1 AND state = 'deleted'`,
    [importId],
  );
  return rows.map(({ id }) => id);
}

/**
 * Notes that an import's staged content was looked through; a later delivery of what waited takes the note back. From then
 * on little is written to its counters, and they are read for years: they are closed, and added to those of its connector.
 */
export async function finishClearing(pool: pg.Pool, importId: string, reserved: number): Promise<void> {
  const { rowCount } = await inTransaction(pool, (client) =>
    client.query('UPDATE import SET staging_cleared_at = now(), unsettled_since = NULL WHERE id = $1 AND pages = $2', [
      importId,
      reserved,
    ]),
  );
  // Apart: others lock the counters first and the import then. Where this is not reached, they stay as many rows as they are, and are read so.
  if (rowCount === 1) await inTransaction(pool, (client) => foldCounters(client, importId));
}

/**
 * Takes the note back for imports that are over and of which something that waited was sent on its way. Who is clearing one of
 * them just now cannot write the note any more.
 */
export async function reopenClearing(client: pg.PoolClient, importIds: readonly string[]): Promise<void> {
  await client.query(
    `UPDATE import SET staging_cleared_at = NULL, unsettled_since = coalesce(unsettled_since, now()), pages = pages + 1
     WHERE id IN (SELECT i.id FROM import i WHERE i.id = ANY ($1) AND ${IS_OVER} ORDER BY i.id FOR NO KEY UPDATE)`,
    [importIds],
  );
}
