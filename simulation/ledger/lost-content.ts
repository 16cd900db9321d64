/** Sealed content that the storage lost, and that the source gave again: `store/lost-content.ts`. */
import type { KnownItem } from '#lib/imports/page.ts';
import { isContentLost } from '#lib/imports/reasons.ts';
import { PageConflictError } from '#lib/imports/store/collect.ts';
import type { RunningConnector } from '#lib/imports/store/connectors.ts';
import type { SealedAgain } from '#lib/imports/store/lost-content.ts';
import type { Origin } from '#lib/imports/store/new-items.ts';
import type { Retried } from '#lib/imports/store/retry.ts';
import type { DeliveryState } from '#lib/imports/transitions.ts';
import { isOpen, reopenClearing } from './clearing.ts';
import type { DeliveryRow, ItemRow } from './rows.ts';
import { key, type Tables } from './tables.ts';
import { retryAttachments, retryFailed } from './undone.ts';

type Copy = Readonly<DeliveryRow>;

const isLostCopy = ({ reason, state, signOffId }: Copy): boolean =>
  isContentLost(reason) && state !== 'imported' && state !== 'skipped' && state !== 'waiting' && signOffId === null;

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
  const isUnreadable = row.outcome === 'unreadable' && row.signOffId === null;
  return isTold && (isUnreadable || copies.some((copy) => isOpen(tables, copy))) ? row : undefined;
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
  connector: Pick<RunningConnector, 'id' | 'organizationId'>,
  origin: Origin,
  page: number,
  sealed: readonly SealedAgain[],
): Pick<Retried, 'shards' | 'toDecide'> {
  const lost = sealed.flatMap((of) => {
    const item = lostRow(tables, of);
    return item === undefined ? [] : [{ of, item }];
  });
  if (lost.length === 0) return { shards: [], toDecide: 0 };
  if (tables.imports.find('id', origin.id)?.pages !== page)
    throw new PageConflictError('another page of this import was reserved meanwhile');
  for (const { of } of lost) replaceAttachments(tables, of);
  const copiesIn = (state: DeliveryState, of: typeof lost) =>
    of.flatMap(({ item }) => copiesOf(tables, item)).filter((copy) => copy.state === state && isLostCopy(copy));
  const versionId = tables.mappingVersions.find('mapping_version_one_in_force', connector.id)?.id ?? null;
  const failed = retryFailed(tables, copiesIn('failed', lost), versionId);
  const completable = lost.filter(({ of }) => of.mayComplete);
  const partial = retryAttachments(tables, copiesIn('partially_imported', completable));
  for (const { of, item } of lost) writePlace(tables, of, item);
  reopenClearing(tables, [origin.id]);
  const shards = [...new Set([...failed.shards, ...partial.shards])].sort((a, b) => a - b);
  return { shards, toDecide: failed.toDecide };
}

function replaceAttachments(tables: Tables, { archivedAt, attachments }: SealedAgain): void {
  for (const { lostId, id, size, reason, dataKey, sha256 } of attachments) {
    const row = tables.attachments.find('id', key(archivedAt.getTime(), lostId));
    if (row?.state === 'staged') tables.attachments.update(row, { id, size, reason, dataKey, sha256 });
  }
}

const ON_ITS_WAY: ReadonlySet<string> = new Set(['pending', 'sending', 'created']);

function writePlace(tables: Tables, { place }: SealedAgain, item: Readonly<ItemRow>): void {
  const at = { page: place.page, frameOffset: place.offset, frameLength: place.length };
  tables.items.update(item, at);
  for (const copy of copiesOf(tables, item)) {
    if (copy.state === 'imported' || copy.signOffId !== null) continue;
    const isSent = ON_ITS_WAY.has(copy.state) && isContentLost(copy.reason);
    tables.deliveries.update(copy, { ...at, reason: isSent ? null : copy.reason });
  }
}
