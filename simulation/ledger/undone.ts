/** What is not, or not wholly, in its mailbox: chosen, sent again, signed off: `store/undone.ts`, `retry.ts`, `sign-off.ts`. */
import type { UndoneKind } from '#lib/imports/counts.ts';
import { isContentLost } from '#lib/imports/reasons.ts';
import { ATTACHMENT_MAY_BE_TAKEN } from '#lib/imports/retryable.ts';
import { COLLECTOR, CounterChanges } from '#lib/imports/store/counters.ts';
import type { Retried } from '#lib/imports/store/retry.ts';
import type { SignOff } from '#lib/imports/store/sign-off.ts';
import { type TransitionRow, twinKey } from '#lib/imports/store/twins.ts';
import type { RowKey, UndoneKey, UndoneSelection } from '#lib/imports/store/undone.ts';
import { reopenClearing } from './clearing.ts';
import { writeCounters } from './counters.ts';
import type { DeliveryRow, ItemRow } from './rows.ts';
import { countTransitions } from './settle.ts';
import { key, type Tables } from './tables.ts';
import { claimTwins, settleSkipped, transition } from './twins.ts';

type Undone = Readonly<DeliveryRow> | Readonly<ItemRow>;

function isUndone(row: Undone, kind: UndoneKind): boolean {
  if (row.signOffId !== null) return false;
  if ('outcome' in row) return kind === 'unreadable' && row.outcome === 'unreadable';
  const isMissing = row.reason === 'missing_in_mailbox';
  switch (kind) {
    case 'unreadable':
      return false;
    case 'partial':
      return row.state === 'partially_imported' && !isMissing;
    case 'missing':
      return isMissing && row.doubt === 1 && (row.state === 'imported' || row.state === 'partially_imported');
    default:
      return row.state === kind;
  }
}

/** Oldest first. */
export function undoneKeys(
  tables: Tables,
  organizationId: string,
  { connectorId, kind, reason, importId, one }: UndoneSelection,
): UndoneKey[] {
  // What is missing may have been imported by a connector of the same account that was there before.
  const sourceId = tables.connectors.find('id', connectorId)?.sourceId;
  const isMeant = (row: { readonly sourceId: string; readonly connectorId: string }): boolean =>
    kind === 'missing' ? row.sourceId === sourceId : row.connectorId === connectorId;
  const rows: readonly Undone[] = [...tables.imports]
    .filter((row) => row.organizationId === organizationId && isMeant(row))
    .filter(({ id }) => importId === null || id === importId)
    .flatMap(({ id }): readonly Undone[] =>
      (kind === 'unreadable' ? tables.items : tables.deliveries).with('import', id),
    );
  return rows
    .filter((row) => isUndone(row, kind) && (reason === null || (row.reason ?? '') === reason))
    .filter(({ id, archivedAt }) => !one || (one.id === id && one.archivedAt.getTime() === archivedAt.getTime()))
    .sort((a, b) => a.archivedAt.getTime() - b.archivedAt.getTime() || Number(a.id) - Number(b.id))
    .map((row) => ({ archivedAt: row.archivedAt, id: row.id, itemId: 'itemId' in row ? row.itemId : row.id }));
}

const copyAt = (tables: Tables, { archivedAt, id }: RowKey): Readonly<DeliveryRow> | undefined =>
  tables.deliveries.find('id', key(archivedAt.getTime(), id));

const copiesAt = (tables: Tables, keys: readonly RowKey[]): Readonly<DeliveryRow>[] =>
  keys.flatMap((place) => copyAt(tables, place) ?? []);

export function retryFailed(tables: Tables, keys: readonly UndoneKey[], versionId: string | null): Retried {
  const all = copiesAt(tables, keys)
    .filter((row) => isUndone(row, 'failed'))
    .sort((a, b) => Number(a.id) - Number(b.id));
  const isStale = (row: Readonly<DeliveryRow>): boolean =>
    versionId !== null && row.mappingVersionId !== versionId && row.rule !== 'fallback' && row.doubt === 0;
  const rest = all.filter((row) => !isStale(row));
  const waiting = all.filter(isStale).map((row) => {
    const { userId } = row;
    const changed = transition(tables, row, {
      ...{
        state: 'waiting',
        reason: 'not_mapped',
        rule: 'none',
        userId: null,
        mappingVersionId: null,
        mappingRow: null,
      },
      ...{ attempts: 0, lookups: 0, notBefore: tables.now() },
    });
    return { ...changed, shard: row.shard, user_id: userId ?? '' };
  });
  countTransitions(tables, COLLECTOR, settleSkipped(tables, waiting));
  const sent = sendAgain(tables, rest);
  return counted(tables, [...waiting, ...sent]);
}

function sendAgain(tables: Tables, failed: readonly Readonly<DeliveryRow>[]) {
  const [first] = failed;
  if (!first) return [];
  const messageKeyOf = ({ archivedAt, itemId }: Readonly<DeliveryRow>): string | null =>
    tables.items.find('id', key(archivedAt.getTime(), itemId))?.messageKey ?? null;
  const claims = failed.flatMap((row) => {
    const messageKey = messageKeyOf(row);
    const { itemId, archivedAt, userId } = row;
    return messageKey === null ? [] : [{ messageKey, userId: userId ?? '', itemId, archivedAt }];
  });
  const twins = claimTwins(tables, first, claims);
  const decided = failed.map((row) => {
    const messageKey = messageKeyOf(row);
    const winner = messageKey === null ? undefined : twins.get(twinKey(messageKey, row.userId ?? ''));
    return { row, twin: winner === undefined || winner.itemId === row.itemId ? null : winner };
  });
  for (const { row, twin } of decided) {
    if (twin === null) continue;
    for (const other of tables.deliveries.with('item', key(row.archivedAt.getTime(), row.itemId))) {
      if (other.userId === row.userId && other.state === 'skipped' && other.reason === 'same_mailbox')
        tables.deliveries.update(other, {
          ...{ reason: 'twin', twinItemId: twin.itemId, twinArchivedAt: twin.archivedAt },
        });
    }
  }
  return decided.map(({ row, twin }) => {
    const lookedFor = twin === null && row.doubt > 0;
    const changed = transition(tables, row, {
      state: twin !== null ? 'skipped' : lookedFor ? 'sending' : 'pending',
      sendingUntil: lookedFor ? tables.now() : null,
      reason: twin !== null ? 'twin' : isContentLost(row.reason) ? row.reason : null,
      ...{ twinItemId: twin?.itemId ?? null, twinArchivedAt: twin?.archivedAt ?? null },
      ...{ attempts: 0, lookups: 0, notBefore: tables.now() },
    });
    return { ...changed, shard: row.shard };
  });
}

export function retryAttachments(tables: Tables, keys: readonly UndoneKey[]): Retried {
  const mayBeTaken: readonly (string | null)[] = ATTACHMENT_MAY_BE_TAKEN;
  const rows = copiesAt(tables, keys)
    .filter((row) => isUndone(row, 'partial') && mayBeTaken.includes(row.reason))
    .map((row) => {
      const changes = { sendingUntil: null, attempts: 0, lookups: 0, notBefore: tables.now() };
      const changed = transition(tables, row, { state: 'created', contentHash: null, ...changes });
      return { ...changed, shard: row.shard, fallback: row.rule === 'fallback' };
    });
  return counted(tables, rows);
}

function counted(tables: Tables, rows: readonly (TransitionRow & { readonly shard: number })[]): Retried {
  countTransitions(tables, COLLECTOR, rows);
  reopenClearing(
    tables,
    rows.map((row) => row.import_id),
  );
  const sent = rows.filter(({ after }) => after !== 'skipped');
  const toSend = sent.filter(({ after }) => after !== 'waiting');
  const shards = [...new Set(toSend.map(({ shard }) => shard))];
  return { sent: sent.length, toDecide: sent.length - toSend.length, skipped: rows.length - sent.length, shards };
}

/** @returns how many were signed off */
export function signOff(tables: Tables, of: SignOff, keys: readonly UndoneKey[]): number {
  if (of.kind !== 'missing') return markSignedOff(tables, of, keys);
  const missing = copiesAt(tables, keys).filter((row) => isUndone(row, 'missing'));
  for (const row of missing) tables.deliveries.update(row, { doubt: 2 });
  const notWhole = missing.filter(({ state }) => state === 'partially_imported');
  // Of a whole one nothing is kept that could be marked.
  if (notWhole.length > 0) markSignedOff(tables, of, notWhole);
  return missing.length;
}

function markSignedOff(tables: Tables, { by, ...of }: SignOff, keys: readonly RowKey[]): number {
  // A number is taken first, as in PostgreSQL.
  const id = tables.next('sign_off');
  const { kind } = of;
  const counted = kind === 'missing' ? 'partial' : kind;
  // The doubt about what is missing has just ended.
  const isMeant = (row: Undone): boolean => (kind === 'missing' ? row.signOffId === null : isUndone(row, kind));
  const changes = new CounterChanges();
  let signedCount = 0;
  for (const place of keys) {
    const row = kind === 'unreadable' ? itemAt(tables, place) : copyAt(tables, place);
    if (row === undefined || !isMeant(row)) continue;
    if ('outcome' in row) tables.items.update(row, { signOffId: id });
    else tables.deliveries.update(row, { signOffId: id });
    changes.add(row.importId, `signed_off.${counted}`, 1);
    signedCount++;
  }
  if (signedCount === 0) return 0;
  tables.signOffs.insert({
    id,
    ...of,
    kind: counted,
    signedCount,
    signedBy: by.userId,
    signedByName: by.name,
    signedAt: tables.now(),
  });
  writeCounters(tables, changes, COLLECTOR);
  reopenClearing(tables, changes.importIds);
  return signedCount;
}

const itemAt = (tables: Tables, { archivedAt, id }: RowKey): Readonly<ItemRow> | undefined =>
  tables.items.find('id', key(archivedAt.getTime(), id));
