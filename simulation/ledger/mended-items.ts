/** Items that were unreadable and are imported after all: `store/mended-items.ts`. */
import type { KnownItem } from '#lib/imports/page.ts';
import { PageConflictError } from '#lib/imports/store/collect.ts';
import { COLLECTOR } from '#lib/imports/store/counters.ts';
import { countMended } from '#lib/imports/store/mended-items.ts';
import { type NewItem, type Origin, outcomeOf, skipTwins, twinClaims } from '#lib/imports/store/new-items.ts';
import type { Decision } from '#lib/imports/store/waiting.ts';
import { reopenClearing } from './clearing.ts';
import { insertAttachments, insertDeliveries } from './collect.ts';
import { isInForce } from './connectors.ts';
import { writeCounters } from './counters.ts';
import type { ItemRow } from './rows.ts';
import { key, type Tables } from './tables.ts';
import { claimTwins } from './twins.ts';

function unreadableRow(
  tables: Tables,
  { archivedAt, itemId }: Pick<KnownItem, 'archivedAt' | 'itemId'>,
): Readonly<ItemRow> | undefined {
  const row = tables.items.find('id', key(archivedAt.getTime(), itemId));
  return row?.outcome === 'unreadable' && row.signOffId === null ? row : undefined;
}

export function unreadableItems(tables: Tables, items: readonly KnownItem[]): Map<string, Origin> {
  return new Map(
    items.flatMap((item): [string, Origin][] => {
      const row = unreadableRow(tables, item);
      if (row === undefined) return [];
      const { importId: id, organizationId, sourceId, connectorId } = row;
      return [[item.itemId, { id, organizationId, sourceId, connectorId }]];
    }),
  );
}

export function reservePage(tables: Tables, importId: string): number {
  const row = tables.imports.find('id', importId);
  if (row === undefined) throw new Error('an item belongs to no import');
  tables.imports.update(row, { pages: row.pages + 1 });
  return row.pages;
}

export function commitMended(
  tables: Tables,
  origin: Origin,
  page: number,
  mended: readonly NewItem[],
  { connector, versionId }: Decision,
): ReadonlySet<string> {
  if (!isInForce(tables, connector.organizationId, connector.id, versionId))
    throw new PageConflictError('another mapping version came into force meanwhile');
  const items = mended.filter((item) => unreadableRow(tables, item) !== undefined);
  const still = new Set(items.map(({ itemId }) => itemId));
  if (items.length === 0) return still;
  for (const item of items) keepWhatCameFirst(tables, item);
  const twins = claimTwins(tables, origin, twinClaims(items));
  const written = items.map((item) => skipTwins(item, twins));
  for (const item of written) updateItem(tables, origin, item);
  for (const item of written) insertDeliveries(tables, origin, item, twins, null);
  for (const item of written) insertAttachments(tables, origin, item);
  writeCounters(tables, countMended(origin, written), COLLECTOR);
  if (tables.imports.find('id', origin.id)?.pages !== page)
    throw new PageConflictError('another page of this import was reserved meanwhile');
  reopenClearing(tables, [origin.id]);
  return still;
}

function keepWhatCameFirst(tables: Tables, item: NewItem): void {
  const { itemId, sha256 } = item;
  const row = unreadableRow(tables, item);
  const identity = row && tables.identities.find('identity', key(row.sourceId, row.sourceItemId));
  if (row === undefined || identity === undefined || identity.sha256.equals(sha256)) return;
  const id = tables.next('item_change');
  if (tables.changes.find('item_change_once', key(itemId, identity.sha256.toString('hex')))) return;
  const { organizationId, connectorId, importId, archivedAt, page, frameOffset, frameLength } = row;
  tables.changes.insert({
    id,
    organizationId,
    connectorId,
    importId,
    archivedAt,
    itemId,
    sha256: identity.sha256,
    reason: 'mended_at_source',
    page,
    frameOffset,
    frameLength,
  });
}

function updateItem(tables: Tables, origin: Origin, item: NewItem): void {
  const row = unreadableRow(tables, item);
  if (row) {
    tables.items.update(row, {
      type: item.type,
      messageTime: item.messageTime,
      messageKey: item.messageKey,
      outcome: outcomeOf(item),
      reason: null,
      page: item.place.page,
      frameOffset: item.place.offset,
      frameLength: item.place.length,
    });
  }
  const identity = tables.identities.find('identity', key(origin.sourceId, item.sourceItemId));
  if (identity) tables.identities.update(identity, { sha256: item.sha256 });
}
