/** Attachments of items: where their sealed bytes lie, and which are still missing at the source. */
import type pg from 'pg';
import { inTransaction } from '../../db.ts';
import { inMonths, monthsOf } from './months.ts';
import type { NewAttachment } from './new-items.ts';

export interface AttachmentRow {
  readonly archivedAt: Date;
  readonly id: string;
  readonly itemId: string;
  readonly organizationId: string;
  readonly importId: string;
  readonly position: number;
  readonly sourceAttachmentId: string;
  readonly size: number;
  readonly state: 'missing' | 'staged' | 'given_up' | 'deleted';
  readonly reason: string | null;
  readonly dataKey: Buffer | null;
  readonly sha256: Buffer | null;
  /** in hex, where the source says it */
  readonly announcedSha256: string | null;
  /** how long it has been missing, by the database's clock */
  readonly missedSeconds: number;
}

interface Row {
  archived_at: Date;
  id: string;
  item_id: string;
  organization_id: string;
  import_id: string;
  position: number;
  source_attachment_id: string;
  size: string;
  state: AttachmentRow['state'];
  reason: string | null;
  data_key: Buffer | null;
  sha256: Buffer | null;
  announced_sha256: string | null;
  missed_seconds: number;
}

const COLUMNS = `a.archived_at, a.id, a.item_id, a.organization_id, a.import_id, a.position, a.source_attachment_id, a.size,
  a.state, a.reason, a.data_key, a.sha256, a.announced_sha256,
  extract(epoch FROM now() - coalesce(a.first_missed_at, now()))::float8 AS missed_seconds`;

const attachmentOf = (row: Row): AttachmentRow => ({
  archivedAt: row.archived_at,
  id: row.id,
  itemId: row.item_id,
  organizationId: row.organization_id,
  importId: row.import_id,
  position: row.position,
  sourceAttachmentId: row.source_attachment_id,
  size: Number(row.size),
  state: row.state,
  reason: row.reason,
  dataKey: row.data_key,
  sha256: row.sha256,
  announcedSha256: row.announced_sha256,
  missedSeconds: row.missed_seconds,
});

/** All attachments of some items, by item id, in the items' order. */
export async function attachmentsOfItems(
  pool: pg.Pool,
  items: readonly { readonly archivedAt: Date; readonly itemId: string }[],
): Promise<Map<string, AttachmentRow[]>> {
  const byItem = new Map<string, AttachmentRow[]>();
  if (items.length === 0) return byItem;
  const { rows } = await pool.query<Row>(
    `SELECT ${COLUMNS} FROM attachment a
     WHERE (a.archived_at, a.item_id) IN (SELECT DISTINCT * FROM unnest($1::timestamptz[], $2::bigint[]))
       AND ${inMonths('a.archived_at', '$3', '$4')}
     ORDER BY a.item_id, a.position`,
    [
      items.map(({ archivedAt }) => archivedAt),
      items.map(({ itemId }) => itemId),
      ...monthsOf(items.map(({ archivedAt }) => archivedAt)),
    ],
  );
  for (const row of rows) {
    const of = byItem.get(row.item_id) ?? [];
    of.push(attachmentOf(row));
    byItem.set(row.item_id, of);
  }
  return byItem;
}

/** Imports with attachments that are to be asked for now, of sources that may be asked. */
export async function dueAttachments(
  pool: pg.Pool,
): Promise<{ readonly organizationId: string; readonly importId: string }[]> {
  const { rows } = await pool.query<{ organization_id: string; import_id: string }>(
    `SELECT DISTINCT i.organization_id, i.id AS import_id FROM attachment a JOIN import i ON i.id = a.import_id
     WHERE a.state = 'missing' AND a.ask_again_at <= now() AND i.source_id IN (SELECT source_id FROM connector
       WHERE status = 'live' AND paused_at IS NULL AND stopped_at IS NULL)`,
  );
  return rows.map((row) => ({ organizationId: row.organization_id, importId: row.import_id }));
}

/** Takes the missing attachment of an import that is due longest, for so many seconds. Null where none is due. */
export async function claimMissing(
  pool: pg.Pool,
  organizationId: string,
  importId: string,
  seconds: number,
): Promise<AttachmentRow | null> {
  const { rows } = await pool.query<Row>(
    `WITH due AS MATERIALIZED (
       SELECT archived_at, item_id, position FROM attachment
       WHERE organization_id = $1 AND import_id = $2 AND state = 'missing' AND ask_again_at <= now()
       ORDER BY ask_again_at, item_id, position LIMIT 1 FOR UPDATE SKIP LOCKED)
     UPDATE attachment a SET ask_again_at = now() + make_interval(secs => $3) FROM due
     WHERE a.archived_at = due.archived_at AND a.item_id = due.item_id AND a.position = due.position
     RETURNING ${COLUMNS}`,
    [organizationId, importId, seconds],
  );
  return rows[0] ? attachmentOf(rows[0]) : null;
}

/** Keeps an attachment that is being downloaded. @returns false where it is missing no more */
export async function renewMissing(pool: pg.Pool, row: AttachmentRow, seconds: number): Promise<boolean> {
  const { rowCount } = await pool.query(
    `UPDATE attachment SET ask_again_at = now() + make_interval(secs => $4)
     WHERE archived_at = $1 AND item_id = $2 AND position = $3 AND state = 'missing'`,
    [row.archivedAt, row.itemId, row.position, seconds],
  );
  return rowCount === 1;
}

/** Nothing missing of an import is asked for within so many seconds: its source cannot be asked, or wants us to wait. */
export async function postponeMissing(
  pool: pg.Pool,
  organizationId: string,
  importId: string,
  seconds: number,
): Promise<void> {
  await pool.query(
    `UPDATE attachment SET ask_again_at = greatest(ask_again_at, now() + make_interval(secs => $3))
     WHERE organization_id = $1 AND import_id = $2 AND state = 'missing'`,
    [organizationId, importId, seconds],
  );
}

/**
 * Writes the result of one more attempt at a missing attachment. Two workers may have tried at once: the first to stage it
 * wins, and the other's bytes are an orphan that the sweep removes. Where nothing of its item is missing any more, copies
 * that wait for it are due.
 *
 * @returns shards of those copies; null where another attempt was first
 */
export async function recordAttempt(
  pool: pg.Pool,
  row: AttachmentRow,
  attempt: NewAttachment,
): Promise<readonly number[] | null> {
  const { archivedAt, itemId, position } = row;
  return inTransaction(pool, async (client) => {
    // Items first, as everywhere; and two attachments of one item that arrive together see each other.
    await client.query('SELECT 1 FROM item WHERE archived_at = $1 AND id = $2 FOR NO KEY UPDATE', [archivedAt, itemId]);
    const { rowCount } = await client.query(
      `UPDATE attachment SET id = $4, state = $5, reason = $6, size = $7, data_key = $8, sha256 = $9,
         attempts = attempts + 1, first_missed_at = coalesce(first_missed_at, now()),
         ask_again_at = CASE WHEN $5 = 'missing' THEN now() + make_interval(secs => $10) END
       WHERE archived_at = $1 AND item_id = $2 AND position = $3 AND state = 'missing'`,
      [
        archivedAt,
        itemId,
        position,
        attempt.state === 'staged' ? attempt.id : row.id,
        attempt.state,
        attempt.reason,
        attempt.size,
        attempt.dataKey,
        attempt.sha256,
        attempt.askAgainSeconds,
      ],
    );
    if (rowCount !== 1) return null;
    const { rows } = await client.query<{ shard: number }>(
      `UPDATE delivery SET not_before = now() WHERE archived_at = $1 AND item_id = $2 AND state = 'pending'
         AND not_before > now() AND NOT EXISTS (SELECT 1 FROM attachment a
           WHERE a.archived_at = $1 AND a.item_id = $2 AND a.state = 'missing')
       RETURNING shard`,
      [archivedAt, itemId],
    );
    return [...new Set(rows.map(({ shard }) => shard))].sort((a, b) => a - b);
  });
}
