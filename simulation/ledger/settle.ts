/** What became of claimed copies, with the numbers: `store/settle.ts`. */
import { CounterChanges } from '#lib/imports/store/counters.ts';
import type { ShardLease } from '#lib/imports/store/leases.ts';
import type { ContentHash, Settled, SettledDelivery, Settlement } from '#lib/imports/store/settle.ts';
import type { SettledCopy, TransitionRow } from '#lib/imports/store/twins.ts';
import { copyChanges, type DeliveryState, itemOutcome } from '#lib/imports/transitions.ts';
import { writeCounters } from './counters.ts';
import { forgetMailboxes } from './directory.ts';
import type { DeliveryRow } from './rows.ts';
import { endReason } from './seek-content.ts';
import { key, type Tables } from './tables.ts';
import { settleSkipped, transition } from './twins.ts';

export function settle(tables: Tables, lease: ShardLease, settled: readonly SettledDelivery[]): Settled {
  if (settled.length === 0) return { importIds: [], states: [], othersDue: false };
  const rows: SettledCopy[] = [];
  const seen = new Set<string>();
  for (const { delivery, settlement } of settled) {
    const row = tables.deliveries.find('id', key(delivery.archivedAt.getTime(), delivery.id));
    if (row === undefined || (row.state !== 'sending' && row.state !== 'created')) continue;
    // A statement changes a row once.
    if (row.shard !== lease.shard || String(row.epoch) !== lease.epoch || seen.has(row.id)) continue;
    seen.add(row.id);
    const userId = row.userId ?? '';
    const settledRow = transition(tables, row, changesOf(tables, row, settlement));
    rows.push({ ...settledRow, user_id: userId, fallback: row.rule === 'fallback' });
  }
  const gone = rows.filter(({ after }) => after === 'waiting').map((row) => row.user_id);
  if (gone.length > 0) forgetMailboxes(tables, lease.organizationId, gone);
  const further = settleSkipped(tables, rows);
  return {
    importIds: countTransitions(tables, lease.shard, [...rows, ...further]),
    states: rows.map(({ after }) => after),
    othersDue: further.some(({ after }) => after === 'pending'),
  };
}

const bytesOf = (hash: ContentHash): Buffer | null => (hash === null ? null : Buffer.from(hash, 'hex'));

function changesOf(
  tables: Tables,
  row: Readonly<DeliveryRow>,
  settlement: Settlement,
): Partial<DeliveryRow> & Pick<DeliveryRow, 'state'> {
  const now = tables.now();
  switch (settlement.state) {
    case 'imported':
    case 'partially_imported':
      return {
        state: settlement.state,
        messageId: settlement.messageId,
        contentHash: bytesOf(settlement.contentHash),
        reason: endReason(row, settlement.reason),
        importedAt: now,
        lookups: 0,
        sendingUntil: null,
      };
    case 'created':
      return {
        state: 'created',
        messageId: settlement.messageId,
        contentHash: bytesOf(settlement.contentHash),
        reason: null,
        lookups: 0,
        notBefore: tables.inSeconds(settlement.inSeconds),
        sendingUntil: settlement.perhapsUnderWay ? row.sendingUntil : null,
      };
    case 'pending':
      return {
        state: 'pending',
        reason: settlement.reason,
        attempts: Math.max(row.attempts - 1, 0),
        lookups: 0,
        notBefore: tables.inSeconds(settlement.inSeconds),
        sendingUntil: null,
      };
    case 'sending':
      return {
        state: 'sending',
        reason: null,
        lookups: settlement.absent ? row.lookups + 1 : row.lookups,
        doubt: 1,
        notBefore: tables.inSeconds(settlement.inSeconds),
        sendingUntil:
          settlement.perhapsUnderWay || (row.sendingUntil !== null && row.sendingUntil < now) ? row.sendingUntil : now,
      };
    case 'failed':
      return { state: 'failed', reason: endReason(row, settlement.reason), lookups: 0, sendingUntil: null };
    case 'waiting':
      // No participant waits for another fallback mailbox.
      if (row.rule === 'fallback')
        return {
          ...{ state: 'failed', reason: settlement.reason, messageId: null, contentHash: null, lookups: 0 },
          sendingUntil: null,
          doubt: settlement.created ? 1 : row.doubt,
        };
      return {
        state: 'waiting',
        reason: settlement.reason,
        messageId: null,
        contentHash: null,
        userId: null,
        rule: 'none',
        lookups: 0,
        doubt: settlement.created ? 1 : row.doubt,
        doubtUserIds:
          row.doubt === 1 || settlement.created
            ? [...(row.doubtUserIds ?? []).filter((id) => id !== row.userId), row.userId ?? '']
            : row.doubtUserIds,
        sendingUntil: null,
      };
  }
}

const isThere = (state: DeliveryState): boolean => state === 'imported' || state === 'partially_imported';

/** Carries transitions of copies over to their items and to the counters. @returns imports whose numbers changed */
export function countTransitions(tables: Tables, shard: number, rows: readonly TransitionRow[]): string[] {
  const changes = new CounterChanges();
  const touched = new Map<string, Date>();
  for (const row of rows) {
    const of = copyChanges(row.before, row.after);
    if (of.length === 0) continue;
    for (const [outcome, by] of of) changes.add(row.import_id, outcome, by);
    if (row.fallback)
      changes.add(row.import_id, 'copies.fallback', Number(isThere(row.after)) - Number(isThere(row.before)));
    touched.set(row.item_id, row.archived_at);
  }
  for (const [itemId, archivedAt] of touched) {
    const id = key(archivedAt.getTime(), itemId);
    const item = tables.items.find('id', id);
    if (item === undefined) continue;
    const before = item.outcome;
    const after = itemOutcome(tables.deliveries.with('item', id).map(({ state }) => state));
    if (before === after) continue;
    tables.items.update(item, { outcome: after });
    changes.add(item.importId, `items.${before}`, -1);
    changes.add(item.importId, `items.${after}`, 1);
  }
  writeCounters(tables, changes, shard);
  return changes.importIds;
}
