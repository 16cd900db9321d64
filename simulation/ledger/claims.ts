/** Copies on their way: due, claimed, their deadlines moved: `store/claims.ts`. */

import { SHARDS } from '#lib/imports/shards.ts';
import type { Claim, ClaimedDelivery, DoubtfulDelivery } from '#lib/imports/store/claims.ts';
import type { ShardLease } from '#lib/imports/store/leases.ts';
import { decidedSources, deliveringSources, firstUsers } from './connectors.ts';
import { isIn, isOurs } from './leases.ts';
import { type DeliveryRow, inDoubt } from './rows.ts';
import { key, type Tables } from './tables.ts';

function claimedOf(tables: Tables, row: Readonly<DeliveryRow>): ClaimedDelivery {
  const item = tables.items.find('id', key(row.archivedAt.getTime(), row.itemId));
  if (item === undefined || row.userId === null || row.mailboxAddress === null)
    throw new RangeError(`copy ${row.id} is not as it must be`);
  return {
    archivedAt: row.archivedAt,
    id: row.id,
    itemId: row.itemId,
    organizationId: row.organizationId,
    sourceId: row.sourceId,
    sourceItemId: item.sourceItemId,
    connectorId: row.connectorId,
    importId: row.importId,
    participant: row.participant,
    userId: row.userId,
    mailboxAddress: row.mailboxAddress,
    messageId: row.messageId,
    contentHash: row.contentHash?.toString('hex') ?? null,
    attempts: row.attempts,
    lookups: row.lookups,
    page: row.page,
    frameOffset: row.frameOffset,
    frameLength: row.frameLength,
    attachments: row.attachments,
    mayHaveTwins: item.messageKey !== null,
  };
}

const isPending = ({ state }: Readonly<DeliveryRow>): boolean => state === 'pending';

/** No request for it can take effect any more. */
function isQuiet(tables: Tables, { sendingUntil }: Readonly<DeliveryRow>, lateCommitSeconds: number): boolean {
  return sendingUntil === null || sendingUntil <= tables.inSeconds(-lateCommitSeconds);
}

/** Copies of a lease's shard on their way that may be taken now; none where the lease is lost. */
function takeable(tables: Tables, lease: ShardLease, claim: Claim): Readonly<DeliveryRow>[] {
  if (!isOurs(tables, lease)) return [];
  const sources = deliveringSources(tables, lease.organizationId);
  const except = new Set(claim.exceptUserIds);
  return tables.deliveries
    .with('open', key(lease.organizationId, lease.shard))
    .filter(
      (row) =>
        row.notBefore <= tables.now() &&
        isIn(claim.months, row.archivedAt) &&
        sources.has(row.sourceId) &&
        (row.userId === null || !except.has(row.userId)),
    );
}

/** For rows in the order in which they are claimed: whether a claim takes this one too. */
function fits({ limit, bytes }: Claim): (row: Readonly<DeliveryRow>) => boolean {
  let copies = 0;
  let before = 0;
  return ({ frameLength }) => {
    const takes = copies < limit && before < bytes;
    copies++;
    before += frameLength;
    return takes;
  };
}

const byId = (a: Readonly<DeliveryRow>, b: Readonly<DeliveryRow>): number => Number(a.id) - Number(b.id);

/** Where one user is imported first, the others wait. */
function mayFollow(first: ReadonlyMap<string, string>, { sourceId, userId }: Readonly<DeliveryRow>): boolean {
  const alone = first.get(sourceId);
  return alone === undefined || alone === userId;
}

export function claimToSend(tables: Tables, lease: ShardLease, claim: Claim): ClaimedDelivery[] {
  const decided = decidedSources(tables, lease.organizationId);
  const first = firstUsers(tables, lease.organizationId);
  return takeable(tables, lease, claim)
    .filter((row) => isPending(row) && decided.has(row.sourceId) && mayFollow(first, row))
    .sort((a, b) => a.notBefore.getTime() - b.notBefore.getTime() || byId(a, b))
    .filter(fits(claim))
    .map((row) => {
      tables.deliveries.update(row, {
        state: 'sending',
        epoch: Number(lease.epoch),
        attempts: row.attempts + 1,
        lookups: 0,
        sendingUntil: tables.inSeconds(claim.seconds),
      });
      return claimedOf(tables, row);
    })
    .sort((a, b) => a.importId.localeCompare(b.importId) || a.page - b.page || a.frameOffset - b.frameOffset);
}

export function claimToLookUp(
  tables: Tables,
  lease: ShardLease,
  claim: Claim & { readonly lateCommitSeconds: number },
): DoubtfulDelivery[] {
  return takeable(tables, lease, claim)
    .filter((row) => inDoubt(row) && isQuiet(tables, row, claim.lateCommitSeconds))
    .sort((a, b) => (a.sendingUntil?.getTime() ?? 0) - (b.sendingUntil?.getTime() ?? 0) || byId(a, b))
    .filter(fits(claim))
    .map((row) => {
      tables.deliveries.update(row, {
        epoch: Number(lease.epoch),
        doubt: row.state === 'sending' ? 1 : row.doubt,
        notBefore: tables.inSeconds(claim.seconds),
      });
      return { ...claimedOf(tables, row), doubt: row.state === 'sending' ? 'sending' : 'created' };
    });
}

export function extendDeadline(tables: Tables, lease: ShardLease, delivery: ClaimedDelivery, seconds: number): boolean {
  const row = tables.deliveries.find('id', key(delivery.archivedAt.getTime(), delivery.id));
  if (
    row === undefined ||
    !inDoubt(row) ||
    row.shard !== lease.shard ||
    String(row.epoch) !== lease.epoch ||
    !isOurs(tables, lease)
  )
    return false;
  tables.deliveries.update(row, { sendingUntil: tables.inSeconds(seconds) });
  return true;
}

export function dueShards(tables: Tables, lateCommitSeconds: number): { organizationId: string; shard: number }[] {
  const due: { organizationId: string; shard: number }[] = [];
  for (const { id: organizationId } of tables.organizations) {
    const sources = deliveringSources(tables, organizationId);
    const decided = decidedSources(tables, organizationId);
    const first = firstUsers(tables, organizationId);
    for (let shard = 0; shard < SHARDS; shard++) {
      const lease = tables.leases.find('shard', key(organizationId, shard));
      if (lease && lease.expiresAt > tables.now()) continue;
      const isDue = (row: Readonly<DeliveryRow>): boolean =>
        row.notBefore <= tables.now() &&
        sources.has(row.sourceId) &&
        (isPending(row) ? decided.has(row.sourceId) && mayFollow(first, row) : isQuiet(tables, row, lateCommitSeconds));
      if (tables.deliveries.with('open', key(organizationId, shard)).some(isDue)) due.push({ organizationId, shard });
    }
  }
  return due;
}
