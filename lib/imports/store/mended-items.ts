/** Items that were unreadable and are imported after all: their rows, numbers and copies, in one transaction. */
import type pg from 'pg';
import { inTransaction } from '../../db.ts';
import { staysInForce } from '../../mapping/store/in-force.ts';
import type { KnownItem } from '../page.ts';
import type { ReasonCode } from '../reasons.ts';
import { reopenClearing } from './clearing.ts';
import { PageConflictError } from './collect.ts';
import { COLLECTOR, CounterChanges } from './counters.ts';
import {
  claimTwinsOf,
  insertAttachments,
  insertDeliveries,
  type NewItem,
  type Origin,
  outcomeOf,
  skipTwins,
} from './new-items.ts';
import type { Decision } from './waiting.ts';

/** Of these items, the unreadable ones that nobody signed off, with the import that they belong to. */
export async function unreadableItems(pool: pg.Pool, items: readonly KnownItem[]): Promise<Map<string, Origin>> {
  const { rows } = await pool.query<{
    id: string;
    import_id: string;
    organization_id: string;
    source_id: string;
    connector_id: string;
  }>(
    `SELECT id, import_id, organization_id, source_id, connector_id FROM item
     WHERE (archived_at, id) IN (SELECT * FROM unnest($1::timestamptz[], $2::bigint[]))
       AND outcome = 'unreadable' AND sign_off_id IS NULL`,
    [items.map(({ archivedAt }) => archivedAt), items.map(({ itemId }) => itemId)],
  );
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: row.import_id,
        organizationId: row.organization_id,
        sourceId: row.source_id,
        connectorId: row.connector_id,
      },
    ]),
  );
}

/** Reserves a page of an import in any phase. */
export async function reservePage(pool: pg.Pool, importId: string): Promise<number> {
  const { rows } = await pool.query<{ pages: number }>(
    'UPDATE import SET pages = pages + 1 WHERE id = $1 RETURNING pages',
    [importId],
  );
  const [row] = rows;
  if (!row) throw new Error('an item belongs to no import');
  return row.pages;
}

/**
 * Writes items in place of what could not be read. What was kept of that is listed as a change, so that nothing is lost.
 * The import's numbers move with them; what it had when it was completed stays.
 *
 * @param page reserved for their frames
 * @returns ids of the items that were written; the others are readable already
 * @throws PageConflictError with nothing written: another mapping came into force since the copies were decided; somebody else reserved a page meanwhile, and may delete those before
 */
export async function commitMended(
  pool: pg.Pool,
  origin: Origin,
  page: number,
  mended: readonly NewItem[],
  { connector, versionId }: Decision,
): Promise<ReadonlySet<string>> {
  return inTransaction(pool, async (client) => {
    if (!(await staysInForce(client, connector.organizationId, connector.id, versionId)))
      throw new PageConflictError('another mapping version came into force meanwhile');
    const still = await lockUnreadable(client, mended);
    const items = mended.filter(({ itemId }) => still.has(itemId));
    if (items.length === 0) return still;
    await keepWhatCameFirst(client, items);
    const twins = await claimTwinsOf(client, origin, items);
    const written = items.map((item) => skipTwins(item, twins));
    await updateItems(client, origin, written);
    await insertDeliveries(client, origin, written, twins, null);
    await insertAttachments(client, origin, written);
    await countMended(origin, written).write(client, COLLECTOR);
    const { rowCount } = await client.query('SELECT 1 FROM import WHERE id = $1 AND pages = $2 FOR NO KEY UPDATE', [
      origin.id,
      page,
    ]);
    if (rowCount !== 1) throw new PageConflictError('another page of this import was reserved meanwhile');
    await reopenClearing(client, [origin.id]);
    return still;
  });
}

async function lockUnreadable(client: pg.PoolClient, items: readonly NewItem[]): Promise<Set<string>> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT id FROM item WHERE (archived_at, id) IN (SELECT * FROM unnest($1::timestamptz[], $2::bigint[]))
       AND outcome = 'unreadable' AND sign_off_id IS NULL ORDER BY id FOR NO KEY UPDATE`,
    [items.map(({ archivedAt }) => archivedAt), items.map(({ itemId }) => itemId)],
  );
  return new Set(rows.map(({ id }) => id));
}

async function keepWhatCameFirst(client: pg.PoolClient, items: readonly NewItem[]): Promise<void> {
  // The same content, where it is this portal that learned to read it, is no change.
  await client.query(
    `INSERT INTO item_change (organization_id, connector_id, import_id, archived_at, item_id, sha256, reason, page,
       frame_offset, frame_length)
     SELECT i.organization_id, i.connector_id, i.import_id, i.archived_at, i.id, k.sha256, $4, i.page,
       i.frame_offset, i.frame_length
     FROM unnest($1::timestamptz[], $2::bigint[], $3::bytea[]) AS t (archived_at, id, sha256)
     JOIN item i ON i.archived_at = t.archived_at AND i.id = t.id
     JOIN item_identity k ON k.source_id = i.source_id AND k.source_item_id = i.source_item_id
     WHERE k.sha256 <> t.sha256
     ON CONFLICT (item_id, sha256) DO NOTHING`,
    [
      items.map(({ archivedAt }) => archivedAt),
      items.map(({ itemId }) => itemId),
      items.map(({ sha256 }) => sha256),
      'mended_at_source' satisfies ReasonCode,
    ],
  );
}

async function updateItems(client: pg.PoolClient, origin: Origin, items: readonly NewItem[]): Promise<void> {
  await client.query(
    `UPDATE item i SET type = t.type, message_time = t.message_time, message_key = t.message_key, outcome = t.outcome,
       reason = NULL, page = t.page, frame_offset = t.frame_offset, frame_length = t.frame_length
     FROM unnest($1::timestamptz[], $2::bigint[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::int[],
       $8::int[], $9::int[])
       AS t (archived_at, id, type, message_time, message_key, outcome, page, frame_offset, frame_length)
     WHERE i.archived_at = t.archived_at AND i.id = t.id`,
    [
      items.map((item) => item.archivedAt),
      items.map((item) => item.itemId),
      items.map((item) => item.type),
      items.map((item) => item.messageTime),
      items.map((item) => item.messageKey),
      items.map(outcomeOf),
      items.map((item) => item.place.page),
      items.map((item) => item.place.offset),
      items.map((item) => item.place.length),
    ],
  );
  await client.query(
    `UPDATE item_identity k SET sha256 = t.sha256
     FROM unnest($2::text[], $3::bytea[]) AS t (source_item_id, sha256)
     WHERE k.source_id = $1 AND k.source_item_id = t.source_item_id`,
    [origin.sourceId, items.map((item) => item.sourceItemId), items.map((item) => item.sha256)],
  );
}

/** What becomes of the numbers of an import when items of it are mended. Pure. */
export function countMended(origin: Origin, items: readonly NewItem[]): CounterChanges {
  const changes = new CounterChanges();
  for (const item of items) {
    changes.add(origin.id, 'items.unreadable', -1);
    changes.add(origin.id, `items.${outcomeOf(item)}`, 1);
    for (const { state } of item.deliveries) {
      changes.add(origin.id, `copies.${state}`, 1);
      if (state !== 'waiting') changes.add(origin.id, 'copies.available', 1);
    }
  }
  return changes;
}
