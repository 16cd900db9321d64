/** Content that was staged again gets its rows: the frames of items and copies, and the bytes of their attachments. */
import type pg from 'pg';
import type { StagedContent } from '../stage-content.ts';
import type { FamilyCopy } from './families.ts';

/** Something is otherwise than it was read: nothing may be written, and it is to be read again. */
export class ReadAgainError extends Error {
  override name = 'ReadAgainError';
}

/**
 * Locks imports of which a page was reserved: who reserved one after it may be about to delete those before.
 *
 * @throws ReadAgainError
 */
export async function lockPages(client: pg.PoolClient, pages: ReadonlyMap<string, number>): Promise<void> {
  for (const [importId, page] of [...pages].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { rowCount } = await client.query('SELECT 1 FROM import WHERE id = $1 AND pages = $2 FOR NO KEY UPDATE', [
      importId,
      page,
    ]);
    if (rowCount !== 1) throw new ReadAgainError('another page of an import was reserved meanwhile');
  }
}

/**
 * Items, and the copies that are sent, name the frames that were staged for them, and their attachments the bytes.
 *
 * @throws ReadAgainError
 */
export async function placeContent(
  client: pg.PoolClient,
  copies: readonly FamilyCopy[],
  staged: readonly StagedContent[],
): Promise<void> {
  const places = [
    staged.map(({ archivedAt }) => archivedAt),
    staged.map(({ itemId }) => itemId),
    staged.map(({ place }) => place.page),
    staged.map(({ place }) => place.offset),
    staged.map(({ place }) => place.length),
  ];
  const input = `unnest($1::timestamptz[], $2::bigint[], $3::int[], $4::int[], $5::int[])
    AS n (archived_at, item_id, page, frame_offset, frame_length)`;
  const set = 'SET page = n.page, frame_offset = n.frame_offset, frame_length = n.frame_length';
  await client.query(
    `UPDATE delivery t ${set} FROM ${input} WHERE t.archived_at = n.archived_at AND t.item_id = n.item_id
       AND t.id = ANY ($6::bigint[])`,
    [...places, copies.map(({ id }) => id)],
  );
  await client.query(
    `UPDATE item t ${set} FROM ${input} WHERE t.archived_at = n.archived_at AND t.id = n.item_id`,
    places,
  );
  const again = staged.flatMap(({ archivedAt, itemId, attachments }) =>
    attachments.map((attachment) => ({ archivedAt, itemId, attachment })),
  );
  const { rowCount } = await client.query(
    `UPDATE attachment a SET id = n.id, state = 'staged', data_key = n.data_key, size = n.size
     FROM unnest($1::timestamptz[], $2::bigint[], $3::smallint[], $4::bigint[], $5::bytea[], $6::bigint[])
       AS n (archived_at, item_id, position, id, data_key, size)
     WHERE a.archived_at = n.archived_at AND a.item_id = n.item_id AND a.position = n.position AND a.state = 'deleted'`,
    [
      again.map(({ archivedAt }) => archivedAt),
      again.map(({ itemId }) => itemId),
      again.map(({ attachment }) => attachment.position),
      again.map(({ attachment }) => attachment.id),
      again.map(({ attachment }) => attachment.dataKey),
      again.map(({ attachment }) => attachment.size),
    ],
  );
  if (rowCount !== again.length) throw new ReadAgainError('attachments were staged meanwhile');
  // Those that lay there still must not have gone since they were read.
  const { rows } = await client.query(
    `SELECT 1 FROM attachment a JOIN unnest($1::timestamptz[], $2::bigint[]) AS n (archived_at, item_id)
       ON a.archived_at = n.archived_at AND a.item_id = n.item_id WHERE a.state = 'deleted' LIMIT 1`,
    [places[0], places[1]],
  );
  if (rows.length > 0) throw new ReadAgainError('attachments were deleted meanwhile');
}
