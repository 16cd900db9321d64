/** A page of the feed, written with its cursor in one transaction: all of it or nothing. */
import type pg from 'pg';
import { withLiterals } from '../../array-literal.ts';
import { inTransaction } from '../../db.ts';
import { staysInForce } from '../../mapping/store/in-force.ts';
import type { KnownItem } from '../page.ts';
import type { ClaimedDelivery } from './claims.ts';
import { COLLECTOR, CounterChanges } from './counters.ts';
import type { ImportRun } from './imports.ts';
import { newClaims, type RoomHere } from './new-claims.ts';
import {
  claimTwinsOf,
  type FramePlace,
  insertAttachments,
  insertDeliveries,
  insertItems,
  type NewItem,
  outcomeOf,
  skipTwins,
} from './new-items.ts';
import { endSeeking } from './seek-content.ts';

export interface ChangedItem {
  readonly itemId: string;
  readonly archivedAt: Date;
  readonly sha256: Buffer;
  readonly place: FramePlace;
}

export interface CollectedPage {
  readonly listed: number;
  readonly repeats: number;
  readonly items: readonly NewItem[];
  readonly changed: readonly ChangedItem[];
  /** the cursor that this page was read with, and the one that follows; null ends the feed */
  readonly cursor: string | null;
  readonly nextCursor: string | null;
  /** by which its copies were decided; null: no version was in force */
  readonly mappingVersionId: string | null;
}

/**
 * The lease was lost, another import wrote one of these items meanwhile, or another mapping came into force: the page is to be
 * read again, or not at all.
 */
export class PageConflictError extends Error {
  override name = 'PageConflictError';
}

/** What the ledger knows of these ids. */
export async function knownItems(
  pool: pg.Pool,
  sourceId: string,
  sourceItemIds: readonly string[],
): Promise<Map<string, KnownItem>> {
  const { rows } = await pool.query<{ source_item_id: string; item_id: string; sha256: Buffer; archived_at: Date }>(
    `SELECT source_item_id, item_id, sha256, archived_at FROM item_identity
     WHERE source_id = $1 AND source_item_id = ANY ($2)`,
    [sourceId, sourceItemIds],
  );
  return new Map(
    rows.map((row) => [row.source_item_id, { itemId: row.item_id, sha256: row.sha256, archivedAt: row.archived_at }]),
  );
}

/** Numbers for new rows, so that staged content can be named before they are written. */
export async function reserveIds(
  pool: pg.Pool,
  sequence: 'item_id_seq' | 'attachment_id_seq',
  count: number,
): Promise<string[]> {
  if (count === 0) return [];
  const { rows } = await pool.query<{ id: string }>('SELECT nextval($1::regclass) AS id FROM generate_series(1, $2)', [
    sequence,
    count,
  ]);
  return rows.map((row) => row.id);
}

/**
 * @param room for copies that are written as claimed; null: all of them wait for whoever claims them
 * @returns the copies that were
 * @throws PageConflictError with nothing written
 */
export async function commitPage(
  pool: pg.Pool,
  run: ImportRun,
  page: CollectedPage,
  room: RoomHere | null,
): Promise<ClaimedDelivery[]> {
  return inTransaction(pool, async (client) => {
    if (!(await staysInForce(client, run.organizationId, run.connectorId, page.mappingVersionId))) {
      throw new PageConflictError('another mapping version came into force meanwhile');
    }
    const relisted = await moveCursor(client, run, page);
    await insertIdentities(client, run, page.items);
    const twins = await claimTwinsOf(client, run, page.items);
    const items = page.items.map((item) => skipTwins(item, twins));
    await insertItems(client, run, items);
    const claims = await newClaims(client, run, items, room);
    const claimed = await insertDeliveries(client, run, items, twins, claims);
    await insertAttachments(client, run, items);
    await insertChanges(client, run, page.changed);
    await countPage(page, items, run, relisted).write(client, COLLECTOR);
    if (page.nextCursor === null) await endSeeking(client, run.windowId);
    return claimed;
  });
}

/** @returns how many of the page's repeats were counted before the feed had to begin anew */
async function moveCursor(client: pg.PoolClient, run: ImportRun, page: CollectedPage): Promise<number> {
  const { rows } = await client.query<{ relisted: string }>(
    `UPDATE import SET cursor = $4, problem = NULL, attempts = 0,
       cursor_opened_at = coalesce(cursor_opened_at, now()),
       phase = CASE WHEN $4::text IS NULL THEN 'delivering' ELSE phase END,
       collected_at = CASE WHEN $4::text IS NULL THEN now() ELSE collected_at END,
       relisted = greatest(relisted - $5, 0)
     WHERE id = $1 AND collect_epoch = $2 AND phase = 'collecting' AND cursor IS NOT DISTINCT FROM $3
     RETURNING old.relisted - new.relisted AS relisted`,
    [run.id, run.collectEpoch, page.cursor, page.nextCursor, page.repeats],
  );
  const [row] = rows;
  if (!row) throw new PageConflictError('this collector no longer has the import');
  return Number(row.relisted);
}

async function insertIdentities(client: pg.PoolClient, run: ImportRun, items: readonly NewItem[]): Promise<void> {
  if (items.length === 0) return;
  const { rowCount } = await client.query(
    `INSERT INTO item_identity (source_id, source_item_id, item_id, archived_at, sha256, organization_id)
     SELECT $1, t.source_item_id, t.item_id, t.archived_at, t.sha256, $2
     FROM unnest($3::text[], $4::bigint[], $5::timestamptz[], $6::bytea[]) AS t (source_item_id, item_id, archived_at, sha256)
     ON CONFLICT DO NOTHING`,
    withLiterals([
      run.sourceId,
      run.organizationId,
      items.map((item) => item.sourceItemId),
      items.map((item) => item.itemId),
      items.map((item) => item.archivedAt),
      items.map((item) => item.sha256),
    ]),
  );
  if (rowCount !== items.length) throw new PageConflictError('another import wrote an item of this page meanwhile');
}

async function insertChanges(client: pg.PoolClient, run: ImportRun, changed: readonly ChangedItem[]): Promise<void> {
  if (changed.length === 0) return;
  await client.query(
    `INSERT INTO item_change (organization_id, connector_id, import_id, archived_at, item_id, sha256, page,
       frame_offset, frame_length)
     SELECT $1, $2, $3, t.archived_at, t.item_id, t.sha256, t.page, t.frame_offset, t.frame_length
     FROM unnest($4::timestamptz[], $5::bigint[], $6::bytea[], $7::int[], $8::int[], $9::int[])
       AS t (archived_at, item_id, sha256, page, frame_offset, frame_length)
     ON CONFLICT (item_id, sha256) DO NOTHING`,
    withLiterals([
      run.organizationId,
      run.connectorId,
      run.id,
      changed.map(({ archivedAt }) => archivedAt),
      changed.map(({ itemId }) => itemId),
      changed.map(({ sha256 }) => sha256),
      changed.map(({ place }) => place.page),
      changed.map(({ place }) => place.offset),
      changed.map(({ place }) => place.length),
    ]),
  );
}

/** What a page adds to the counters of its import. @param relisted how many of its repeats were counted before */
export function countPage(
  page: CollectedPage,
  items: readonly NewItem[],
  run: ImportRun,
  relisted: number,
): CounterChanges {
  const changes = new CounterChanges();
  changes.add(run.id, 'items.listed', page.listed - relisted);
  changes.add(run.id, 'items.repeat', page.repeats - relisted);
  for (const item of items) {
    changes.add(run.id, `items.${outcomeOf(item)}`, 1);
    for (const { state } of item.deliveries) {
      changes.add(run.id, `copies.${state}`, 1);
      if (state !== 'waiting') changes.add(run.id, 'copies.available', 1);
    }
  }
  return changes;
}
