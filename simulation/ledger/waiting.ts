/** Copies that wait for a mailbox: `store/waiting.ts`. */
import { shardOf } from '#lib/imports/shards.ts';
import { COLLECTOR } from '#lib/imports/store/counters.ts';
import { type TwinItem, twinKey } from '#lib/imports/store/twins.ts';
import type { Chosen, Decision, StillWaiting, WaitingCopy, WaitingPlace } from '#lib/imports/store/waiting.ts';
import { isRegion } from '#lib/mapping/number.ts';
import { reopenClearing } from './clearing.ts';
import { isInForce } from './connectors.ts';
import type { DeliveryRow } from './rows.ts';
import { countTransitions } from './settle.ts';
import { key, type Tables } from './tables.ts';
import { claimTwins, transition, wasDoubted } from './twins.ts';

interface Place {
  readonly archived_at: Date;
  readonly id: string;
}

function rowAt(tables: Tables, { archived_at, id }: Place): Readonly<DeliveryRow> | undefined {
  return tables.deliveries.find('id', key(archived_at.getTime(), id));
}

export function waitingCopies(
  tables: Tables,
  organizationId: string,
  sourceId: string,
  after: WaitingPlace,
  limit: number,
): WaitingCopy[] {
  const start = after.archivedAt.getTime();
  const isAfter = ({ archivedAt, id }: Readonly<DeliveryRow>): boolean =>
    archivedAt.getTime() === start ? Number(id) > Number(after.id) : archivedAt.getTime() > start;
  return tables.connectors
    .with('source', sourceId)
    .flatMap(({ id }) => tables.deliveries.with('waiting', id))
    .filter((row) => row.organizationId === organizationId && row.signOffId === null && isAfter(row))
    .sort((a, b) => a.archivedAt.getTime() - b.archivedAt.getTime() || Number(a.id) - Number(b.id))
    .slice(0, limit)
    .map((row) => waitingOf(tables, row));
}

/** A copy as it is read to be decided. */
export function waitingOf(tables: Tables, row: Readonly<DeliveryRow>): WaitingCopy {
  const item = tables.items.find('id', key(row.archivedAt.getTime(), row.itemId));
  if (item === undefined || !isRegion(row.region)) throw new RangeError(`copy ${row.id} is not as it must be`);
  return {
    archived_at: row.archivedAt,
    id: row.id,
    item_id: row.itemId,
    organization_id: row.organizationId,
    message_key: item.messageKey,
    participant: row.participant,
    number: row.number,
    written: row.written,
    region: row.region,
    region_assumed: row.regionAssumed,
    email: row.email,
    at: item.messageTime ?? item.archivedAt,
  };
}

export function updateReasons(tables: Tables, waiting: readonly StillWaiting[]): void {
  for (const { row: place, choice } of waiting) {
    const row = rowAt(tables, place);
    if (row?.state !== 'waiting') continue;
    const mapped = choice.candidate?.rule === 'mapping' ? choice.candidate : null;
    tables.deliveries.update(row, {
      reason: choice.reason,
      mappingVersionId: mapped?.versionId ?? null,
      mappingRow: mapped?.row ?? null,
    });
  }
}

export function giveMailboxes(tables: Tables, { connector, versionId }: Decision, chosen: readonly Chosen[]): number {
  if (!isInForce(tables, connector.organizationId, connector.id, versionId)) return 0;
  return giveMailboxesTo(tables, connector, chosen);
}

/** As `giveMailboxes`, where the mapping is known to be in force. */
export function giveMailboxesTo(
  tables: Tables,
  { organizationId, sourceId }: Decision['connector'],
  chosen: readonly Chosen[],
): number {
  const still = chosen.filter(({ row: place }) => {
    const row = rowAt(tables, place);
    return row?.state === 'waiting' && row.signOffId === null;
  });
  if (still.length === 0) return 0;
  const others = ({ row, choice }: Chosen) =>
    tables.deliveries
      .with('item', key(row.archived_at.getTime(), row.item_id))
      .filter(({ userId }) => userId === choice.userId);
  const claims = still
    .filter((one) => !others(one).some(({ state }) => state === 'failed'))
    .flatMap(({ row, choice: { userId } }) =>
      row.message_key === null
        ? []
        : [{ messageKey: row.message_key, userId, itemId: row.item_id, archivedAt: row.archived_at }],
    );
  const twins = claimTwins(tables, { sourceId, organizationId }, claims);
  const twinOf = ({ row, choice }: Chosen): TwinItem | null => {
    const winner = row.message_key === null ? undefined : twins.get(twinKey(row.message_key, choice.userId));
    return winner === undefined || winner.itemId === row.item_id ? null : winner;
  };
  // Decided for all before any is changed, as one statement does.
  const turns = new Set<string>();
  const decided = still
    .toSorted((a, b) => Number(a.row.id) - Number(b.row.id))
    .map((one) => {
      const twin = twinOf(one);
      const place = key(one.row.item_id, one.choice.userId);
      const isSecond = turns.has(place) || others(one).some(({ state }) => state !== 'skipped');
      turns.add(place);
      const skippedFor: SkippedFor = twin ? 'twin' : isSecond ? 'same_mailbox' : null;
      return { one, twin, skippedFor };
    });
  const rows = decided.flatMap(({ one, twin, skippedFor }) => {
    const row = rowAt(tables, one.row);
    return row ? [give(tables, row, one, twin, skippedFor)] : [];
  });
  countTransitions(tables, COLLECTOR, rows);
  reopenClearing(
    tables,
    rows.map((row) => row.import_id),
  );
  return rows.length;
}

type SkippedFor = 'twin' | 'same_mailbox' | null;

function give(
  tables: Tables,
  row: Readonly<DeliveryRow>,
  { choice }: Chosen,
  twin: TwinItem | null,
  skippedFor: SkippedFor,
) {
  const { candidate, userId, address } = choice;
  const lookedFor = skippedFor === null && wasDoubted(tables, row.archivedAt, row.itemId);
  return transition(tables, row, {
    state: skippedFor !== null ? 'skipped' : lookedFor ? 'sending' : 'pending',
    sendingUntil: lookedFor ? tables.now() : row.sendingUntil,
    lookups: 0,
    reason: skippedFor,
    twinItemId: twin?.itemId ?? null,
    twinArchivedAt: twin?.archivedAt ?? null,
    userId,
    mailboxAddress: address,
    shard: shardOf(userId),
    rule: candidate.rule,
    mappingVersionId: candidate.rule === 'mapping' ? candidate.versionId : null,
    mappingRow: candidate.rule === 'mapping' ? candidate.row : null,
    notBefore: tables.now(),
  });
}
