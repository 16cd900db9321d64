/** Which staged content is still needed, and what names it: `store/clearing.ts`, `store/named-content.ts`. */
import type { KeptFrame, KeptOfPage, MovedFrame } from '#lib/imports/store/clearing.ts';
import type { NamedContent } from '#lib/imports/store/named-content.ts';
import { startOfUtcDay } from '#lib/imports/windows.ts';
import { itemIdentity } from '#lib/mail/identity.ts';
import { counted, foldCounters } from './counters.ts';
import { windowOf } from './imports.ts';
import { isOver } from './reopen.ts';
import type { DeliveryRow, ImportRow, ItemRow } from './rows.ts';
import { key, type Tables } from './tables.ts';

const endOf = ({ completedAt }: Readonly<ImportRow>): number => completedAt?.getTime() ?? Number.MAX_SAFE_INTEGER;

export function importsToClear(tables: Tables, limit: number): { organizationId: string; importId: string }[] {
  // One that was cancelled has no time of completion, and comes after the others.
  return [...tables.imports.with('phase', 'completed'), ...tables.imports.with('phase', 'cancelled')]
    .filter((row) => row.stagingClearedAt === null && counted(tables, row.id, 'copies.pending') === 0)
    .sort((a, b) => endOf(a) - endOf(b))
    .slice(0, limit)
    .map(({ organizationId, id }) => ({ organizationId, importId: id }));
}

export function reserveKeptPages(
  tables: Tables,
  organizationId: string,
  importId: string,
  count: number,
): number | null {
  const row = tables.imports.find('id', importId);
  if (row?.organizationId !== organizationId || !isOver(row) || row.stagingClearedAt !== null) return null;
  if (counted(tables, importId, 'copies.pending') !== 0) return null;
  tables.imports.update(row, { pages: row.pages + count });
  return row.pages;
}

/** A copy whose content may be wanted again. */
export function isOpen(tables: Tables, row: Readonly<DeliveryRow>): boolean {
  if (row.state === 'imported') return false;
  if (row.state !== 'skipped') return row.signOffId === null;
  const item = key((row.twinArchivedAt ?? row.archivedAt).getTime(), row.twinItemId ?? row.itemId);
  return tables.deliveries
    .with('item', item)
    .some(
      (other) =>
        row.userId !== null &&
        other.signOffId === null &&
        other.userId === row.userId &&
        other.state !== 'imported' &&
        other.state !== 'skipped',
    );
}

/** An item whose own frame may be wanted again. */
function isOpenItem(tables: Tables, { outcome, signOffId, archivedAt, id }: Readonly<ItemRow>): boolean {
  if (outcome === 'unreadable') return signOffId === null;
  const copies = tables.deliveries.with('item', key(archivedAt.getTime(), id));
  const isWhole = copies.some(({ state }) => state === 'imported');
  const isPartial = copies.some((row) => row.state === 'partially_imported' && row.signOffId === null);
  if (outcome === 'imported') return isPartial && !isWhole;
  if (outcome === 'repeat') return copies.some((row) => isOpen(tables, row));
  return copies.some((row) => row.state !== 'skipped' && row.signOffId === null);
}

export function keptOfPages(tables: Tables, importId: string): KeptOfPage[] {
  const byPage = Map.groupBy(needed(tables, importId), ({ page }) => page);
  return [...byPage].map(([page, frames]) => {
    const places = new Map(frames.map(({ offset, length }) => [`${offset} ${length}`, length]));
    return { page, rows: frames.length, bytes: [...places.values()].reduce((sum, length) => sum + length, 0) };
  });
}

export function framesToKeep(tables: Tables, importId: string, pages: readonly number[]): KeptFrame[] {
  return needed(tables, importId).filter(({ page }) => pages.includes(page));
}

function needed(tables: Tables, importId: string): KeptFrame[] {
  const deliveries = tables.deliveries.with('import', importId).filter((row) => isOpen(tables, row));
  const items = tables.items.with('import', importId).filter((row) => isOpenItem(tables, row));
  const changes = tables.changes.with('import', importId);
  return [
    ...deliveries.flatMap((row) => frameOf(tables, 'delivery', row, row.itemId)),
    ...items.flatMap((row) => frameOf(tables, 'item', row, row.id)),
    ...changes.flatMap((row) => frameOf(tables, 'item_change', row, row.itemId)),
  ].sort((a, b) => a.page - b.page || a.offset - b.offset);
}

interface Framed {
  readonly archivedAt: Date;
  readonly id: string;
  readonly page: number;
  readonly frameOffset: number;
  readonly frameLength: number;
}

function frameOf(tables: Tables, table: KeptFrame['table'], row: Framed, itemId: string): KeptFrame[] {
  const { archivedAt, id, page, frameOffset: offset, frameLength: length } = row;
  const item = tables.items.find('id', key(archivedAt.getTime(), itemId));
  const source = item && tables.sources.find('id', item.sourceId);
  if (!item || !source) return [];
  const { organizationId, kind, accountId: account } = source;
  const identity = itemIdentity({ organizationId, kind, account }, item.sourceItemId);
  return [{ table, archivedAt, id, itemId, itemIdentity: identity, page, offset, length }];
}

export function moveFrames(
  tables: Tables,
  importId: string,
  reserved: number,
  keptPage: number,
  moved: readonly MovedFrame[],
): boolean {
  if (tables.imports.find('id', importId)?.pages !== reserved) return false;
  for (const { frame, offset, length } of moved) {
    const place = { page: keptPage, frameOffset: offset, frameLength: length };
    const id = key(frame.archivedAt.getTime(), frame.id);
    if (frame.table === 'delivery') {
      const row = tables.deliveries.find('id', id);
      if (row) tables.deliveries.update(row, place);
    } else if (frame.table === 'item') {
      const row = tables.items.find('id', id);
      if (row) tables.items.update(row, place);
    } else {
      const row = tables.changes.find('id', frame.id);
      if (row?.archivedAt.getTime() === frame.archivedAt.getTime()) tables.changes.update(row, place);
    }
  }
  return true;
}

export function markUnneededAttachments(tables: Tables, importId: string): string[] {
  for (const row of tables.attachments.with('import', importId)) {
    if (row.state !== 'staged') continue;
    const needed = tables.deliveries
      .with('item', key(row.archivedAt.getTime(), row.itemId))
      .some((delivery) => isOpen(tables, delivery));
    if (!needed) tables.attachments.update(row, { state: 'deleted', dataKey: null });
  }
  return tables.attachments
    .with('import', importId)
    .filter(({ state }) => state === 'deleted')
    .map(({ id }) => id);
}

export function finishClearing(tables: Tables, importId: string, reserved: number): void {
  const row = tables.imports.find('id', importId);
  if (row?.pages !== reserved) return;
  tables.imports.update(row, { stagingClearedAt: tables.now(), unsettledSince: null });
  tables.holdsContent(importId);
  foldCounters(tables, importId);
}

export function reopenClearing(tables: Tables, importIds: Iterable<string>): void {
  for (const id of new Set(importIds)) {
    const row = tables.imports.find('id', id);
    if (!row || !isOver(row)) continue;
    const unsettledSince = row.unsettledSince ?? tables.now();
    tables.imports.update(row, { stagingClearedAt: null, unsettledSince, pages: row.pages + 1 });
  }
}

export function namedContent(
  tables: Tables,
  organizationId: string,
  importId: string,
  asked: { readonly pages: readonly string[]; readonly attachments: readonly string[] },
): NamedContent {
  const run = tables.imports.find('id', importId);
  const named = run?.organizationId === organizationId ? pagesOf(tables, run) : new Set<number>();
  const attachments = new Set(asked.attachments);
  return {
    pages: new Set(asked.pages.filter((page) => named.has(Number(page)))),
    attachments: new Set(
      tables.attachments
        .with('import', importId)
        .filter((row) => row.organizationId === organizationId && row.state === 'staged' && attachments.has(row.id))
        .map(({ id }) => id),
    ),
  };
}

function pagesOf(tables: Tables, run: Readonly<ImportRow>): ReadonlySet<number> {
  const { startsAt, endsAt } = windowOf(tables, run);
  const inWindow = ({ archivedAt }: { readonly archivedAt: Date }): boolean =>
    archivedAt >= startOfUtcDay(startsAt) && archivedAt < endsAt;
  const rows = [
    ...tables.items.with('import', run.id).filter(inWindow),
    ...tables.deliveries.with('import', run.id).filter(inWindow),
    ...tables.changes.with('import', run.id),
  ];
  return new Set(rows.map(({ page }) => page));
}

export function stillOnPage(
  tables: Tables,
  claimed: readonly { readonly archivedAt: Date; readonly id: string; readonly page: number }[],
): ReadonlySet<string> {
  const named = claimed.filter(({ archivedAt, id, page }) => {
    const row = tables.deliveries.find('id', key(archivedAt.getTime(), id));
    return row?.page === page && (row.state === 'sending' || row.state === 'created');
  });
  return new Set(named.map(({ id }) => id));
}
