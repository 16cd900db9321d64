/** Attachments of items: where their sealed bytes lie, and which are still missing at the source. */
import type pg from 'pg';
import type { NewAttachment } from './collect.ts';

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
  /** how long it has been missing, by the database's clock */
  readonly missedSeconds: number;
}

/** All attachments of some items, by item id, in the items' order. */
export async function attachmentsOfItems(
  pool: pg.Pool,
  items: readonly { readonly archivedAt: Date; readonly itemId: string }[],
): Promise<Map<string, AttachmentRow[]>> {
  const byItem = new Map<string, AttachmentRow[]>();
  if (items.length === 0) return byItem;
  const { rows } = await pool.query<{
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
    missed_seconds: number;
  }>(
    `SELECT a.archived_at, a.id, a.item_id, a.organization_id, a.import_id, a.position, a.source_attachment_id, a.size,
       a.state, a.reason, a.data_key, a.sha256,
       extract(epoch FROM now() - coalesce(a.first_missed_at, now()))::float8 AS missed_seconds
     FROM attachment a
     WHERE (a.archived_at, a.item_id) IN (SELECT DISTINCT * FROM unnest($1::timestamptz[], $2::bigint[]))
     ORDER BY a.item_id, a.position`,
    [items.map(({ archivedAt }) => archivedAt), items.map(({ itemId }) => itemId)],
  );
  for (const row of rows) {
    const of = byItem.get(row.item_id) ?? [];
    of.push({
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
      missedSeconds: row.missed_seconds,
    });
    byItem.set(row.item_id, of);
  }
  return byItem;
}

/**
 * Writes the result of one more attempt at a missing attachment. Two shards may try at once: the first to stage it wins,
 * and the other's bytes are an orphan that the sweep removes.
 *
 * @returns false where another attempt was first
 */
export async function recordAttempt(pool: pg.Pool, row: AttachmentRow, attempt: NewAttachment): Promise<boolean> {
  const { rowCount } = await pool.query(
    `UPDATE attachment SET id = $4, state = $5, reason = $6, size = $7, data_key = $8, sha256 = $9, attempts = attempts + 1
     WHERE archived_at = $1 AND item_id = $2 AND position = $3 AND state = 'missing'`,
    [
      row.archivedAt,
      row.itemId,
      row.position,
      attempt.state === 'staged' ? attempt.id : row.id,
      attempt.state,
      attempt.reason,
      attempt.size,
      attempt.dataKey,
      attempt.sha256,
    ],
  );
  return rowCount === 1;
}

/** Gives up on what stayed missing: its message goes without it and says so. */
export async function giveUp(pool: pg.Pool, row: AttachmentRow): Promise<void> {
  await pool.query(
    `UPDATE attachment SET state = 'given_up' WHERE archived_at = $1 AND item_id = $2 AND position = $3 AND state = 'missing'`,
    [row.archivedAt, row.itemId, row.position],
  );
}
