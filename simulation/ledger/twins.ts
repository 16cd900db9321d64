/** Copies that were skipped for another one: `store/twins.ts`, statement by statement. */
import { type SettledCopy, type TransitionRow, type TwinClaim, type Twins, twinKey } from '#lib/imports/store/twins.ts';
import type { DeliveryState } from '#lib/imports/transitions.ts';
import { reopenClearing } from './clearing.ts';
import type { DeliveryRow, TwinRow } from './rows.ts';
import { key, type Tables } from './tables.ts';

/** A claim; the first of a message and a mailbox wins. @returns the winner of every claim */
export function claimTwins(
  tables: Tables,
  source: { readonly sourceId: string; readonly organizationId: string },
  claims: readonly TwinClaim[],
): Twins {
  const { sourceId, organizationId } = source;
  const winners = new Map<string, TwinClaim>();
  for (const [name, of] of Map.groupBy(claims, ({ messageKey, userId }) => twinKey(messageKey, userId))) {
    const [first] = of;
    if (first === undefined) continue;
    const several = new Set(of.map(({ itemId }) => itemId)).size > 1;
    const { messageKey, userId, itemId, archivedAt } = first;
    const row = tables.twins.find('twin', key(sourceId, userId, messageKey));
    if (row === undefined) {
      tables.twins.insert({ sourceId, organizationId, messageKey, userId, itemId, archivedAt, skips: several });
      winners.set(name, first);
      continue;
    }
    tables.twins.update(row, { skips: row.skips || several || row.itemId !== itemId });
    winners.set(name, row);
  }
  return winners;
}

/** The change of a row by `update`, as the statements return it. */
export function transition(
  tables: Tables,
  row: Readonly<DeliveryRow>,
  changes: Partial<DeliveryRow> & { readonly state: DeliveryState },
): TransitionRow {
  const before = row.state;
  tables.deliveries.update(row, changes);
  return {
    import_id: row.importId,
    archived_at: row.archivedAt,
    item_id: row.itemId,
    before,
    after: row.state,
  };
}

export function settleSkipped(tables: Tables, settled: readonly SettledCopy[]): TransitionRow[] {
  const of = (...states: DeliveryState[]) => settled.filter(({ after }) => states.includes(after));
  const further = [...waitToo(tables, of('waiting')), ...nextTwins(tables, of('failed'))];
  reopenTwins(tables, of('imported', 'partially_imported'));
  return further;
}

/** Copies to the same mailbox that were skipped for this one. */
const skippedFor = (tables: Tables, copy: { readonly item_id: string; readonly user_id: string }) =>
  tables.deliveries.with('twins', key(copy.item_id, copy.user_id));

const copiesOf = (tables: Tables, archivedAt: Date, itemId: string) =>
  tables.deliveries.with('item', key(archivedAt.getTime(), itemId));

/** Whether a copy of an item was ever in doubt: it may lie in a mailbox that the ledger does not name any more. */
export function wasDoubted(tables: Tables, archivedAt: Date, itemId: string): boolean {
  return copiesOf(tables, archivedAt, itemId).some(({ doubt }) => doubt > 0);
}

/** The twin of an item's message in a mailbox, where it is that item's. */
function twinOfItem(
  tables: Tables,
  item: { readonly archived_at: Date; readonly item_id: string },
  userId: string,
  winner: string,
): Readonly<TwinRow> | undefined {
  const row = tables.items.find('id', key(item.archived_at.getTime(), item.item_id));
  if (row === undefined || row.messageKey === null) return undefined;
  const twin = tables.twins.find('twin', key(row.sourceId, userId, row.messageKey));
  return twin?.itemId === winner ? twin : undefined;
}

function waitToo(tables: Tables, gone: readonly SettledCopy[]): TransitionRow[] {
  for (const copy of gone) {
    const twin = twinOfItem(tables, copy, copy.user_id, copy.item_id);
    if (twin) tables.twins.delete(twin);
  }
  const dependent = gone.flatMap((copy) => [
    { archivedAt: copy.archived_at, itemId: copy.item_id, userId: copy.user_id },
    ...skippedFor(tables, copy).map(({ archivedAt, itemId }) => ({ archivedAt, itemId, userId: copy.user_id })),
  ]);
  const further: TransitionRow[] = [];
  for (const { archivedAt, itemId, userId } of dependent) {
    for (const row of copiesOf(tables, archivedAt, itemId)) {
      if (row.userId !== userId || row.state !== 'skipped') continue;
      further.push(
        transition(tables, row, {
          state: 'waiting',
          reason: 'no_mailbox',
          rule: 'none',
          userId: null,
          twinItemId: null,
          twinArchivedAt: null,
        }),
      );
    }
  }
  return further;
}

function nextTwins(tables: Tables, failed: readonly SettledCopy[]): TransitionRow[] {
  for (const copy of failed) {
    for (const row of skippedFor(tables, copy)) {
      const own = copiesOf(tables, row.archivedAt, row.itemId).some(
        (other) => other.userId === row.userId && other.state !== 'skipped',
      );
      if (row.state === 'skipped' && own)
        tables.deliveries.update(row, { reason: 'same_mailbox', twinItemId: null, twinArchivedAt: null });
    }
  }
  const next = failed.flatMap((copy) => {
    const [first] = skippedFor(tables, copy)
      .filter(({ state, reason }) => state === 'skipped' && reason === 'twin')
      .sort((a, b) => Number(a.itemId) - Number(b.itemId) || Number(a.id) - Number(b.id));
    return first ? [{ row: first, failedId: copy.item_id, userId: copy.user_id }] : [];
  });
  // By failed item and mailbox, as DISTINCT ON gives them: of two turns of one item the last stands.
  next.sort((a, b) => Number(a.failedId) - Number(b.failedId) || (a.userId < b.userId ? -1 : 1));
  const turns = new Map(next.map(({ row, userId }) => [key(row.itemId, userId), row]));
  const further = [...turns.values()].map((row) => {
    const doubted = wasDoubted(tables, row.archivedAt, row.itemId);
    return transition(tables, row, {
      state: doubted ? 'sending' : 'pending',
      sendingUntil: doubted ? tables.now() : row.sendingUntil,
      lookups: 0,
      reason: null,
      notBefore: tables.now(),
      twinItemId: null,
      twinArchivedAt: null,
    });
  });
  for (const { row: chosen, failedId, userId } of next) {
    for (const row of skippedFor(tables, { item_id: failedId, user_id: userId })) {
      if (row.state !== 'skipped') continue;
      const same = row.itemId === chosen.itemId;
      tables.deliveries.update(row, {
        reason: same ? 'same_mailbox' : 'twin',
        twinItemId: same ? null : chosen.itemId,
        twinArchivedAt: same ? null : chosen.archivedAt,
      });
    }
  }
  for (const { row, failedId, userId } of next) {
    const item = { archived_at: row.archivedAt, item_id: row.itemId };
    const twin = twinOfItem(tables, item, userId, failedId);
    if (twin) tables.twins.update(twin, { itemId: row.itemId, archivedAt: row.archivedAt });
  }
  for (const copy of failed) {
    const twin = twinOfItem(tables, copy, copy.user_id, copy.item_id);
    if (twin) tables.twins.delete(twin);
  }
  reopenClearing(tables, new Set(further.map((row) => row.import_id)));
  return further;
}

function reopenTwins(tables: Tables, imported: readonly SettledCopy[]): void {
  const importIds = new Set<string>();
  for (const copy of imported) {
    if (!twinOfItem(tables, copy, copy.user_id, copy.item_id)?.skips) continue;
    for (const row of skippedFor(tables, copy)) if (row.state === 'skipped') importIds.add(row.importId);
  }
  reopenClearing(tables, importIds);
}
