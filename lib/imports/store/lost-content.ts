/** Items whose sealed content the storage lost: found, and given a place again. */
import type pg from 'pg';
import { inTransaction } from '../../db.ts';
import { keptInForce } from '../../mapping/store/in-force.ts';
import type { KnownItem } from '../page.ts';
import { OPEN_DELIVERY, reopenClearing } from './clearing.ts';
import { PageConflictError } from './collect.ts';
import type { RunningConnector } from './connectors.ts';
import type { FramePlace, NewAttachment, Origin } from './new-items.ts';
import { type Retried, retryAttachments, retryFailed } from './retry.ts';
import { LOST_COPY, LOST_REASONS } from './seek-content.ts';
import type { UndoneKey } from './undone.ts';

/** An item whose content was read from the source once more. */
export interface SealedAgain {
  readonly itemId: string;
  readonly archivedAt: Date;
  readonly place: FramePlace;
  /** staged ones, each in place of the row with the id `lostId` */
  readonly attachments: readonly (NewAttachment & { readonly lostId: string })[];
  /** whether copies that are not whole can get something that they lack */
  readonly mayComplete: boolean;
}

/**
 * An item `i` of import `m` that may have lost its content: a copy says so, or clearing the import found that something
 * is gone, and this is wanted of it.
 */
const IS_LOST = `(EXISTS (SELECT 1 FROM delivery d WHERE d.archived_at = i.archived_at AND d.item_id = i.id AND ${LOST_COPY})
  OR EXISTS (SELECT 1 FROM alert a
      WHERE a.window_id = m.window_id AND a.code = 'content_missing' AND a.resolved_at IS NULL)
    AND (i.outcome = 'unreadable' AND i.sign_off_id IS NULL OR EXISTS (SELECT 1 FROM delivery d
      WHERE d.archived_at = i.archived_at AND d.item_id = i.id AND ${OPEN_DELIVERY})))`;

const keysOf = (items: readonly Pick<SealedAgain, 'archivedAt' | 'itemId'>[]) => [
  items.map(({ archivedAt }) => archivedAt),
  items.map(({ itemId }) => itemId),
];

/** Of these items, those whose content may be lost, with the import that they belong to. */
export async function lostItems(pool: pg.Pool, items: readonly KnownItem[]): Promise<Map<string, Origin>> {
  const { rows } = await pool.query<Origin & { readonly itemId: string }>(
    `SELECT i.id AS "itemId", i.import_id AS id, i.organization_id AS "organizationId", i.source_id AS "sourceId",
       i.connector_id AS "connectorId"
     FROM item i JOIN import m ON m.id = i.import_id
     WHERE (i.archived_at, i.id) IN (SELECT * FROM unnest($1::timestamptz[], $2::bigint[])) AND ${IS_LOST}`,
    keysOf(items),
  );
  return new Map(rows.map(({ itemId, ...origin }) => [itemId, origin]));
}

/**
 * Writes where the content of items lies now, and sends the copies on their way again that failed for it or are not
 * whole: once, because each keeps its row. Where the mapping has changed since, the one in force chooses the mailbox. The
 * import's numbers move with them.
 *
 * @param connector the one that reads the source now, which need not be the one that imported them
 * @param page reserved for their frames
 * @returns shards of the copies that are to be sent, and how many wait for a mailbox first
 * @throws PageConflictError with nothing written: somebody else reserved a page meanwhile, and may delete those before
 */
export async function commitSealedAgain(
  pool: pg.Pool,
  connector: Pick<RunningConnector, 'id' | 'organizationId'>,
  origin: Origin,
  page: number,
  sealed: readonly SealedAgain[],
): Promise<Pick<Retried, 'shards' | 'toDecide'>> {
  return inTransaction(pool, async (client) => {
    // Before the items, as whoever decides by a mapping does it.
    const version = await keptInForce(client, connector.organizationId, connector.id);
    const { rows: still } = await client.query<{ id: string }>(
      `SELECT i.id FROM item i JOIN import m ON m.id = i.import_id
       WHERE (i.archived_at, i.id) IN (SELECT * FROM unnest($1::timestamptz[], $2::bigint[])) AND ${IS_LOST}
       ORDER BY i.id FOR NO KEY UPDATE OF i`,
      keysOf(sealed),
    );
    const ids = new Set(still.map(({ id }) => id));
    const items = sealed.filter(({ itemId }) => ids.has(itemId));
    if (items.length === 0) return { shards: [], toDecide: 0 };
    const { rowCount } = await client.query('SELECT 1 FROM import WHERE id = $1 AND pages = $2 FOR NO KEY UPDATE', [
      origin.id,
      page,
    ]);
    if (rowCount !== 1) throw new PageConflictError('another page of this import was reserved meanwhile');
    await writeAttachments(client, items);
    const failed = await retryFailed(client, await lostCopies(client, items, 'failed'), version?.id ?? null);
    const completable = items.filter(({ mayComplete }) => mayComplete);
    const partial = await retryAttachments(client, await lostCopies(client, completable, 'partially_imported'));
    await writePlaces(client, items);
    await reopenClearing(client, [origin.id]);
    const shards = [...new Set([...failed.shards, ...partial.shards])].sort((a, b) => a - b);
    return { shards, toDecide: failed.toDecide };
  });
}

async function lostCopies(
  client: pg.PoolClient,
  items: readonly SealedAgain[],
  state: 'failed' | 'partially_imported',
): Promise<UndoneKey[]> {
  const { rows } = await client.query<UndoneKey>(
    `SELECT d.archived_at AS "archivedAt", d.id, d.item_id AS "itemId" FROM delivery d
     WHERE (d.archived_at, d.item_id) IN (SELECT * FROM unnest($1::timestamptz[], $2::bigint[]))
       AND d.state = $3 AND ${LOST_COPY}`,
    [...keysOf(items), state],
  );
  return rows;
}

/** What waits for another reason has its content here as well. */
async function writePlaces(client: pg.PoolClient, items: readonly SealedAgain[]): Promise<void> {
  const places = [
    ...keysOf(items),
    items.map(({ place }) => place.page),
    items.map(({ place }) => place.offset),
    items.map(({ place }) => place.length),
  ];
  const input = `unnest($1::timestamptz[], $2::bigint[], $3::int[], $4::int[], $5::int[])
    AS t (archived_at, item_id, page, frame_offset, frame_length)`;
  await client.query(
    `UPDATE item i SET page = t.page, frame_offset = t.frame_offset, frame_length = t.frame_length
     FROM ${input} WHERE i.archived_at = t.archived_at AND i.id = t.item_id`,
    places,
  );
  await client.query(
    `UPDATE delivery d SET page = t.page, frame_offset = t.frame_offset, frame_length = t.frame_length,
       reason = CASE WHEN d.state IN ('pending', 'sending', 'created') AND d.reason IN ${LOST_REASONS} THEN NULL
         ELSE d.reason END
     FROM ${input}
     WHERE d.archived_at = t.archived_at AND d.item_id = t.item_id AND d.state <> 'imported' AND d.sign_off_id IS NULL`,
    places,
  );
}

async function writeAttachments(client: pg.PoolClient, items: readonly SealedAgain[]): Promise<void> {
  const rows = items.flatMap(({ archivedAt, attachments }) => attachments.map((one) => ({ ...one, archivedAt })));
  if (rows.length === 0) return;
  await client.query(
    `UPDATE attachment a SET id = t.id, size = t.size, reason = t.reason, data_key = t.data_key, sha256 = t.sha256
     FROM unnest($1::timestamptz[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::bytea[], $7::bytea[])
       AS t (archived_at, lost_id, id, size, reason, data_key, sha256)
     WHERE a.archived_at = t.archived_at AND a.id = t.lost_id AND a.state = 'staged'`,
    [
      rows.map(({ archivedAt }) => archivedAt),
      rows.map(({ lostId }) => lostId),
      rows.map(({ id }) => id),
      rows.map(({ size }) => size),
      rows.map(({ reason }) => reason),
      rows.map(({ dataKey }) => dataKey),
      rows.map(({ sha256 }) => sha256),
    ],
  );
}
