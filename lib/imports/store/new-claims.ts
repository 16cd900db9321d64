/**
 * Copies that are written as claimed by a run that is at work on their shard (`shards-at-work.ts`), under the rules of a
 * claim: its lease is ours, and nothing keeps new copies of the source from being sent.
 */
import type pg from 'pg';
import { type ClaimedDelivery, MAY_SEND_NEW } from './claims.ts';
import type { ImportRun } from './imports.ts';
import type { ShardLease } from './leases.ts';
import type { NewDelivery, NewItem, Origin } from './new-items.ts';

/** Room for copies of a page in this process. */
export interface RoomHere {
  /** of the shards that are at work here */
  readonly leases: readonly ShardLease[];
  /** who holds them */
  readonly owner: string;
  /** how long requests for these copies may live */
  readonly seconds: number;
  /** Takes room for a copy. @returns false where there is none for it; its answer holds for this page only */
  readonly take: (copy: NewDelivery) => boolean;
}

/** Which copies are written as claimed. */
export interface NewClaims {
  readonly seconds: number;
  /** Claims a copy. @returns the epoch of the lease under which it is; null: it waits for whoever claims it */
  readonly claim: (item: Pick<NewItem, 'attachments'>, delivery: NewDelivery) => string | null;
}

/** A copy that is written, and under which epoch; null where it waits. */
export interface NewCopy {
  readonly item: NewItem;
  readonly delivery: NewDelivery;
  readonly epoch: string | null;
}

/**
 * Where other workers had shards of the organization within so many seconds, copies are left to whoever is free: a shard
 * that stays at work here would be withheld from them.
 */
export const ALONE_SECONDS = 10;

/**
 * Which copies of a page may be written as claimed. What may have to be looked for first, since the ledger was restored, may
 * not; nor where one user is imported first.
 */
export async function newClaims(
  client: pg.PoolClient,
  run: ImportRun,
  items: readonly NewItem[],
  room: RoomHere | null,
): Promise<NewClaims | null> {
  if (room === null || room.leases.length === 0 || items.length === 0) return null;
  const { rows } = await client.query<{ shard: number; epoch: string }>(
    `SELECT l.shard, l.epoch FROM shard_lease l
       JOIN unnest($2::int[], $3::bigint[]) AS held (shard, epoch) ON l.shard = held.shard AND l.epoch = held.epoch
     WHERE l.organization_id = $1 AND l.expires_at > now()
       AND EXISTS (SELECT 1 FROM connector
         WHERE organization_id = $1 AND source_id = $4 AND ${MAY_SEND_NEW} AND first_user_id IS NULL)
       AND NOT EXISTS (SELECT 1 FROM recovery WHERE doubtful_until > $5)
       AND NOT EXISTS (SELECT 1 FROM shard_lease o WHERE o.organization_id = $1 AND o.owner <> $6
         AND o.expires_at > now() - make_interval(secs => $7))`,
    [
      run.organizationId,
      room.leases.map(({ shard }) => shard),
      room.leases.map(({ epoch }) => epoch),
      run.sourceId,
      new Date(Math.min(...items.map(({ archivedAt }) => archivedAt.getTime()))),
      room.owner,
      ALONE_SECONDS,
    ],
  );
  return claimsUnder(new Map(rows.map(({ shard, epoch }) => [shard, epoch])), room);
}

/** @param epochs of the leases that are ours, by shard */
export function claimsUnder(epochs: ReadonlyMap<number, string>, { seconds, take }: RoomHere): NewClaims {
  return {
    seconds,
    claim: ({ attachments }, copy) => {
      const epoch = epochs.get(copy.shard);
      // Attachments are asked for, waited for and read when a copy is claimed.
      if (epoch === undefined || copy.state !== 'pending' || attachments.length > 0) return null;
      return take(copy) ? epoch : null;
    },
  };
}

/**
 * A copy as a claim would return it; undefined where it was not written as claimed.
 *
 * @param id of its row; undefined only where it was not
 */
export function newlyClaimed(
  run: Origin,
  { item, delivery, epoch }: NewCopy,
  id: string | undefined,
): ClaimedDelivery | undefined {
  if (epoch === null) return undefined;
  const { userId, mailboxAddress, place } = delivery;
  if (id === undefined || userId === null || mailboxAddress === null)
    throw new Error('a copy that is to be sent has no row, or no mailbox');
  return {
    archivedAt: item.archivedAt,
    id,
    itemId: item.itemId,
    organizationId: run.organizationId,
    sourceId: run.sourceId,
    sourceItemId: item.sourceItemId,
    connectorId: run.connectorId,
    importId: run.id,
    participant: delivery.participant,
    userId,
    mailboxAddress,
    messageId: null,
    contentHash: null,
    attempts: 1,
    lookups: 0,
    page: place.page,
    frameOffset: place.offset,
    frameLength: place.length,
    attachments: item.attachments.length,
    mayHaveTwins: item.messageKey !== null,
  };
}
