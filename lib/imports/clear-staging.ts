/**
 * Sealed content goes when it is in all its mailboxes. When an import is complete, what is still needed (waiting, failed,
 * unreadable or changed items) moves to a page of its own, and the rest is deleted. No timer deletes what is in no mailbox.
 */
import type pg from 'pg';
import { inTransaction } from '../db.ts';
import { importPrefix, pageName, parseStagedName } from '../staging/names.ts';
import type { ImportDeps } from './deps.ts';

interface Needed {
  readonly table: 'delivery' | 'item' | 'item_change';
  readonly archived_at: Date;
  readonly id: string;
  readonly page: number;
  readonly frame_offset: number;
  readonly frame_length: number;
}

/** Clears what a completed import no longer needs. Safe to repeat: an interruption leaves nothing worse than a copy. */
export async function clearStaging(deps: ImportDeps, organizationId: string, importId: string): Promise<void> {
  const { rows } = await deps.pool.query<{ pages: number }>(
    `UPDATE import SET pages = pages + 1
     WHERE organization_id = $1 AND id = $2 AND phase = 'completed' AND staging_cleared_at IS NULL RETURNING pages`,
    [organizationId, importId],
  );
  const keptPage = rows[0]?.pages;
  if (keptPage === undefined) return;
  const needed = await neededFrames(deps.pool, importId);
  if (needed.length > 0) await moveFrames(deps, organizationId, importId, needed, keptPage);
  const keptAttachments = await neededAttachments(deps.pool, importId);
  for await (const { name } of deps.staging.list(importPrefix(organizationId, importId))) {
    const staged = parseStagedName(name);
    const kept =
      staged === null ||
      (staged.kind === 'pages' ? needed.length > 0 && staged.id === String(keptPage) : keptAttachments.has(staged.id));
    if (!kept) await deps.staging.delete(name);
  }
  await deps.pool.query('UPDATE import SET staging_cleared_at = now() WHERE id = $1', [importId]);
}

const OPEN_DELIVERY = `state NOT IN ('imported', 'skipped')`;

async function neededFrames(pool: pg.Pool, importId: string): Promise<Needed[]> {
  const { rows } = await pool.query<Needed>(
    `SELECT 'delivery' AS table, archived_at, id, page, frame_offset, frame_length FROM delivery
       WHERE import_id = $1 AND ${OPEN_DELIVERY}
     UNION ALL
     SELECT 'item', archived_at, id, page, frame_offset, frame_length FROM item
       WHERE import_id = $1 AND outcome IN ('waiting', 'failed', 'unreadable', 'pending')
     UNION ALL
     SELECT 'item_change', archived_at, id, page, frame_offset, frame_length FROM item_change WHERE import_id = $1
     ORDER BY page, frame_offset`,
    [importId],
  );
  return rows;
}

async function neededAttachments(pool: pg.Pool, importId: string): Promise<Set<string>> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT a.id FROM attachment a WHERE a.import_id = $1 AND EXISTS (
       SELECT 1 FROM delivery d WHERE d.archived_at = a.archived_at AND d.item_id = a.item_id AND ${OPEN_DELIVERY})`,
    [importId],
  );
  return new Set(rows.map(({ id }) => id));
}

async function moveFrames(
  deps: ImportDeps,
  organizationId: string,
  importId: string,
  needed: readonly Needed[],
  keptPage: number,
): Promise<void> {
  const blobOf = (page: number): string => pageName(organizationId, importId, page);
  const places = await deps.staging.copyFrames(
    needed.map((row) => ({ blob: blobOf(row.page), offset: row.frame_offset, length: row.frame_length })),
    blobOf(keptPage),
  );
  await inTransaction(deps.pool, async (client) => {
    for (const table of ['delivery', 'item', 'item_change'] as const) {
      const moved = needed.flatMap((row, index) => (row.table === table ? [{ row, place: places[index] }] : []));
      if (moved.length === 0) continue;
      await client.query(
        `UPDATE ${table} t SET page = $4, frame_offset = m.frame_offset
         FROM unnest($1::timestamptz[], $2::bigint[], $3::int[]) AS m (archived_at, id, frame_offset)
         WHERE t.archived_at = m.archived_at AND t.id = m.id`,
        [
          moved.map(({ row }) => row.archived_at),
          moved.map(({ row }) => row.id),
          moved.map(({ place }) => place?.offset),
          keptPage,
        ],
      );
    }
  });
}
