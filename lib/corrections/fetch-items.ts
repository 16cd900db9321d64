/**
 * Items from the source once more, by the times at which they reached it. What is in the mailboxes is only their mail;
 * the source's item is what the ledger has the hash of, so that it can be shown to be the very same, and the message that
 * is made of it names the right people.
 */
import type { ArchiveSource, TimeRange } from '../archive/source.ts';
import { FeedBound } from '../imports/feed-bound.ts';
import { type ReadableEntry, readPage } from '../imports/page.ts';

/** An item that was archived before. */
export interface WantedItem {
  readonly itemId: string;
  readonly archivedAt: Date;
  readonly sourceItemId: string;
  /** of the item as the source gave it then */
  readonly sha256: Buffer;
  /** of the import that listed it */
  readonly window: TimeRange;
}

export type FetchedItem =
  | { readonly kind: 'found'; readonly entry: ReadableEntry }
  | { readonly kind: 'changed_at_source' }
  | { readonly kind: 'not_at_source' };

const PAGE_LIMIT = 500;
/** Items that arrived within so long are asked for together: what lies between them is fewer pages than another request. */
const TOGETHER_MS = 10 * 60_000;

/**
 * Asks the source for items by small ranges of time; what is not there is looked for in the whole window that listed it,
 * because an arrival that lay outside of its window was moved into it.
 *
 * @returns for every item, by its id
 * @throws SourceError, FeedNeverEndsError
 */
export async function fetchItems(
  source: ArchiveSource,
  wanted: readonly WantedItem[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, FetchedItem>> {
  const fetched = new Map<string, FetchedItem>();
  const missing = (): WantedItem[] => wanted.filter(({ itemId }) => fetched.get(itemId)?.kind !== 'found');
  for (const range of rangesOf(wanted)) await readRange(source, range, wanted, fetched, signal);
  const windows = new Map(missing().map(({ window }) => [window.from.getTime(), window]));
  for (const window of windows.values()) await readRange(source, window, missing(), fetched, signal);
  for (const { itemId } of missing()) if (!fetched.has(itemId)) fetched.set(itemId, { kind: 'not_at_source' });
  return fetched;
}

/** Ranges of arrival that hold all of the items, each within one window. Pure. */
export function rangesOf(wanted: readonly Pick<WantedItem, 'archivedAt' | 'window'>[]): TimeRange[] {
  const ranges: { from: Date; to: Date }[] = [];
  const inOrder = [...wanted].sort((a, b) => a.archivedAt.getTime() - b.archivedAt.getTime());
  for (const { archivedAt, window } of inOrder) {
    const last = ranges.at(-1);
    const to = new Date(archivedAt.getTime() + 1);
    const near = last !== undefined && to.getTime() - last.to.getTime() <= TOGETHER_MS && last.from >= window.from;
    if (near) last.to = to;
    else ranges.push({ from: archivedAt, to });
  }
  return ranges;
}

async function readRange(
  source: ArchiveSource,
  range: TimeRange,
  wanted: readonly WantedItem[],
  fetched: Map<string, FetchedItem>,
  signal: AbortSignal,
): Promise<void> {
  const byId = new Map(wanted.map((one) => [one.sourceItemId, one]));
  const bound = new FeedBound(null, async () => (await source.manifest(range, signal)).count);
  let cursor: string | null = null;
  do {
    const page = await source.items(range, cursor, PAGE_LIMIT, signal);
    for (const entry of readPage(page.items, range)) {
      const one = byId.get(entry.sourceItemId);
      if (!one || fetched.get(one.itemId)?.kind === 'found') continue;
      // Of several contents under one id the one counts that was archived.
      const same = entry.kind === 'readable' && entry.sha256.equals(one.sha256);
      fetched.set(one.itemId, same ? { kind: 'found', entry } : { kind: 'changed_at_source' });
    }
    await bound.passed(page.items.length, page.nextCursor);
    cursor = page.nextCursor;
  } while (cursor !== null);
}
