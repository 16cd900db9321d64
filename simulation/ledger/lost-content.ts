/** Sealed content that the storage lost, and that the source gave again: `store/lost-content.ts`. */
import type { KnownItem } from '#lib/imports/page.ts';
import { isContentLost } from '#lib/imports/reasons.ts';
import { ATTACHMENT_MAY_BE_TAKEN } from '#lib/imports/retryable.ts';
import { type Origin, PageConflictError } from '#lib/imports/store/collect.ts';
import { COLLECTOR } from '#lib/imports/store/counters.ts';
import type { SealedAgain } from '#lib/imports/store/lost-content.ts';
import { twinKey } from '#lib/imports/store/twins.ts';
import { isOpen, reopenClearing } from './clearing.ts';
import type { DeliveryRow, ItemRow } from './rows.ts';
import { countTransitions } from './settle.ts';
import { key, type Tables } from './tables.ts';
import { claimTwins, transition } from './twins.ts';

type Copy = Readonly<DeliveryRow>;

const isLostCopy = ({ reason, state }: Copy): boolean =>
  isContentLost(reason) && state !== 'imported' && state !== 'skipped' && state !== 'waiting';

const itemAt = (tables: Tables, of: Pick<SealedAgain, 'archivedAt' | 'itemId'>) =>
  tables.items.find('id', key(of.archivedAt.getTime(), of.itemId));
const copiesOf = (tables: Tables, { archivedAt, id }: Readonly<ItemRow>): readonly Copy[] =>
  tables.deliveries.with('item', key(archivedAt.getTime(), id));

function lostRow(tables: Tables, of: Pick<SealedAgain, 'archivedAt' | 'itemId'>): Readonly<ItemRow> | undefined {
  const row = itemAt(tables, of);
  if (row === undefined) return undefined;
  const copies = copiesOf(tables, row);
  if (copies.some(isLostCopy)) return row;
  const windowId = tables.imports.find('id', row.importId)?.windowId;
  const isTold = [...tables.alerts].some(
    (alert) => alert.windowId === windowId && alert.code === 'content_missing' && alert.resolvedAt === null,
  );
  return isTold && (row.outcome === 'unreadable' || copies.some((copy) => isOpen(tables, copy))) ? row : undefined;
}

export function lostItems(tables: Tables, items: readonly KnownItem[]): Map<string, Origin> {
  return new Map(
    items.flatMap((item): [string, Origin][] => {
      const row = lostRow(tables, item);
      if (row === undefined) return [];
      const { importId: id, organizationId, sourceId, connectorId } = row;
      return [[item.itemId, { id, organizationId, sourceId, connectorId }]];
    }),
  );
}

export function commitSealedAgain(
  tables: Tables,
  origin: Origin,
  page: number,
  sealed: readonly SealedAgain[],
): number[] {
  const lost = sealed.flatMap((of) => {
    const item = lostRow(tables, of);
    return item === undefined ? [] : [{ of, item }];
  });
  if (lost.length === 0) return [];
  if (tables.imports.find('id', origin.id)?.pages !== page)
    throw new PageConflictError('another page of this import was reserved meanwhile');
  for (const { of } of lost) replaceAttachments(tables, of);
  const failed = lost
    .flatMap(({ item }) => copiesOf(tables, item).map((copy) => ({ copy, item })))
    .filter(({ copy }) => copy.state === 'failed' && isLostCopy(copy));
  const shards = [...retryFailed(tables, failed), ...completeAgain(tables, lost)];
  for (const { of, item } of lost) writePlace(tables, of, item);
  reopenClearing(tables, [origin.id]);
  return [...new Set(shards)];
}

function replaceAttachments(tables: Tables, { archivedAt, attachments }: SealedAgain): void {
  for (const { lostId, id, size, reason, dataKey, sha256 } of attachments) {
    const row = tables.attachments.find('id', key(archivedAt.getTime(), lostId));
    if (row?.state === 'staged') tables.attachments.update(row, { id, size, reason, dataKey, sha256 });
  }
}

/** @returns shards of those that are sent; the others are skipped for another phone's copy */
function retryFailed(
  tables: Tables,
  failed: readonly { readonly copy: Copy; readonly item: Readonly<ItemRow> }[],
): number[] {
  const [first] = failed;
  if (!first) return [];
  const sorted = failed.toSorted((a, b) => Number(a.copy.id) - Number(b.copy.id));
  const claims = sorted.flatMap(({ copy: { itemId, archivedAt, userId }, item: { messageKey } }) =>
    messageKey === null ? [] : [{ messageKey, userId: userId ?? '', itemId, archivedAt }],
  );
  const twins = claimTwins(tables, first.copy, claims);
  const decided = sorted.map(({ copy, item: { messageKey } }) => {
    const winner = messageKey === null ? undefined : twins.get(twinKey(messageKey, copy.userId ?? ''));
    return { copy, twin: winner === undefined || winner.itemId === copy.itemId ? null : winner };
  });
  for (const { copy, twin } of decided) {
    if (twin === null) continue;
    for (const other of tables.deliveries.with('item', key(copy.archivedAt.getTime(), copy.itemId)))
      if (other.userId === copy.userId && other.state === 'skipped' && other.reason === 'same_mailbox')
        tables.deliveries.update(other, {
          ...{ reason: 'twin', twinItemId: twin.itemId, twinArchivedAt: twin.archivedAt },
        });
  }
  const rows = decided.map(({ copy, twin }) => {
    const lookedFor = twin === null && copy.doubt > 0;
    return transition(tables, copy, {
      state: twin !== null ? 'skipped' : lookedFor ? 'sending' : 'pending',
      sendingUntil: lookedFor ? tables.now() : null,
      reason: twin === null ? copy.reason : 'twin',
      ...{ twinItemId: twin?.itemId ?? null, twinArchivedAt: twin?.archivedAt ?? null },
      ...{ attempts: 0, lookups: 0, notBefore: tables.now() },
    });
  });
  countTransitions(tables, COLLECTOR, rows);
  reopenClearing(
    tables,
    rows.map((row) => row.import_id),
  );
  return decided.filter(({ twin }) => twin === null).map(({ copy }) => copy.shard);
}

function completeAgain(
  tables: Tables,
  lost: readonly { readonly of: SealedAgain; readonly item: Readonly<ItemRow> }[],
): number[] {
  const mayBeTaken: readonly (string | null)[] = ATTACHMENT_MAY_BE_TAKEN;
  const copies = lost
    .filter(({ of }) => of.mayComplete)
    .flatMap(({ item }) => copiesOf(tables, item))
    .filter((copy) => copy.state === 'partially_imported' && isLostCopy(copy) && mayBeTaken.includes(copy.reason));
  const rows = copies.map((copy) => ({
    ...transition(tables, copy, {
      ...{ state: 'created', sendingUntil: null, attempts: 0, lookups: 0, notBefore: tables.now() },
    }),
    fallback: copy.rule === 'fallback',
  }));
  countTransitions(tables, COLLECTOR, rows);
  reopenClearing(
    tables,
    rows.map((row) => row.import_id),
  );
  return copies.map(({ shard }) => shard);
}

const ON_ITS_WAY: ReadonlySet<string> = new Set(['pending', 'sending', 'created']);

function writePlace(tables: Tables, { place }: SealedAgain, item: Readonly<ItemRow>): void {
  const at = { page: place.page, frameOffset: place.offset, frameLength: place.length };
  tables.items.update(item, at);
  for (const copy of copiesOf(tables, item)) {
    if (copy.state === 'imported') continue;
    const isSent = ON_ITS_WAY.has(copy.state) && isContentLost(copy.reason);
    tables.deliveries.update(copy, { ...at, reason: isSent ? null : copy.reason });
  }
}
