/**
 * One page of the feed on its way into the ledger: made ready (what is new is decided, and staged) and written. A page can be made
 * ready while the one before it is written, as long as neither has anything to do with the other.
 */
import type { ArchiveSource } from '../archive/source.ts';
import type { ImportDeps } from './deps.ts';
import { fanOut } from './fan-out.ts';
import { askLater } from './fetch-attachments.ts';
import type { StagedItem } from './frame.ts';
import { importMended } from './mended-items.ts';
import { type KnownItem, type PageEntry, type ReadableEntry, readPage, sortPage } from './page.ts';
import { type ItemDraft, newItem, PagePacker } from './page-packer.ts';
import type { HandedCopy } from './prepare.ts';
import { sealAgain } from './seal-again.ts';
import { UNASSIGNED } from './shards.ts';
import { stageItems } from './stage-page.ts';
import { type ChangedItem, type CollectedPage, PageConflictError } from './store/collect.ts';
import type { RunningConnector } from './store/connectors.ts';
import type { ImportRun } from './store/imports.ts';

/** Of which import a page is. */
export interface Around {
  readonly deps: ImportDeps;
  readonly connector: RunningConnector;
  readonly source: ArchiveSource;
  readonly run: ImportRun;
}

/** A page of the feed, read item by item. */
export interface FeedPage {
  readonly entries: readonly PageEntry[];
  readonly sourceItemIds: ReadonlySet<string>;
  readonly cursor: string | null;
  readonly nextCursor: string | null;
}

/** A page whose content is staged. Of its new items the ledger does not know yet; of what they hold, some is kept. */
export interface PreparedPage {
  readonly collected: CollectedPage;
  readonly sourceItemIds: ReadonlySet<string>;
  /** of copies of other pages that can be delivered again by this one's content */
  readonly shards: readonly number[];
  /** what its frames hold, by their offsets, where runs are at work that may take its copies: as much as may be kept */
  readonly contents: ReadonlyMap<number, StagedItem>;
}

/**
 * Asks the source for the page at a cursor.
 *
 * @param limit items at most
 * @throws SourceError
 */
export async function fetchPage(
  { source, run }: Around,
  cursor: string | null,
  limit: number,
  signal: AbortSignal,
): Promise<FeedPage> {
  const { items, nextCursor } = await source.items(run.window, cursor, limit, signal);
  const entries = readPage(items, run.window);
  return { entries, sourceItemIds: new Set(entries.map(({ sourceItemId }) => sourceItemId)), cursor, nextCursor };
}

/** @throws PageConflictError where the import is another collector's by now, or its connector may not collect */
export async function preparePage(around: Around, page: FeedPage, signal: AbortSignal): Promise<PreparedPage> {
  return prepare(around, page, await begin(around, page), signal);
}

/**
 * Makes a page ready before the one ahead of it is written.
 *
 * @param before the source's ids of what that page lists
 * @returns null where it has an item of that page, or one that the ledger knows. What is known may be mended or sealed again, which
 *   writes to the ledger and needs that no other page of its import is begun meanwhile
 * @throws PageConflictError
 */
export async function preparePageAhead(
  around: Around,
  page: FeedPage,
  before: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<PreparedPage | null> {
  const begun = await begin(around, page);
  const repeats = [...page.sourceItemIds].some((id) => before.has(id));
  return begun.known.size > 0 || repeats ? null : prepare(around, page, begun, signal);
}

interface BegunPage {
  /** of its blob */
  readonly number: number;
  readonly known: ReadonlyMap<string, KnownItem>;
}

/** Both are asked at once: the page that is being written holds the import's row soon, where numbers come from. */
async function begin({ deps, run }: Around, { sourceItemIds }: FeedPage): Promise<BegunPage> {
  const [number, known] = await Promise.all([
    deps.ledger.nextPageNumber(run),
    deps.ledger.knownItems(run.sourceId, [...sourceItemIds]),
  ]);
  if (number === null) throw new PageConflictError('the lease ran out, or the connector may not collect any more');
  return { number, known };
}

async function prepare(
  around: Around,
  page: FeedPage,
  { number, known }: BegunPage,
  signal: AbortSignal,
): Promise<PreparedPage> {
  const { deps, connector, source, run } = around;
  const { entries, sourceItemIds } = page;
  const { fresh, changed, perhapsMended, same, repeats } = sortPage(entries, known);
  const mended = await importMended(deps, connector, source, perhapsMended, signal);
  const unmended = same.filter(({ entry }) => !mended.entries.has(entry));
  const sealed = await sealAgain(deps, connector, source, unmended, signal);
  if (sealed.toDecide > 0) {
    const { organizationId, id: connectorId } = connector;
    await deps.enqueue('release', { organizationId, connectorId }, { key: connectorId });
  }
  const readable = fresh.filter((entry): entry is ReadableEntry => entry.kind === 'readable');
  const readableItems = readable.map(({ item }) => item);
  const [{ items: fannedOut, versionId }, ids] = await Promise.all([
    fanOut(deps, connector, readableItems, signal),
    deps.ledger.reserveIds('item_id_seq', fresh.length),
  ]);
  const attachments = await stageItems(deps, source, run, readable, signal);
  const packer = new PagePacker(deps, connector, number, deps.shardsAtWork.hasAny(connector.organizationId));
  const positions = new Map<PageEntry, number>(readable.map((entry, position) => [entry, position]));
  const pending = fresh.map((entry, index): ItemDraft => {
    const position = positions.get(entry) ?? -1;
    return {
      entry,
      itemId: ids[index] ?? '',
      fannedOut: fannedOut[position] ?? null,
      attachments: attachments[position] ?? [],
    };
  });
  for (const draft of pending) packer.addItem(draft);
  const idOf = new Map(pending.map(({ entry, itemId }) => [entry.sourceItemId, itemId]));
  const otherwise = changed.filter(({ entry }) => !mended.entries.has(entry));
  const changes = otherwise.map((change) => ({
    ...change,
    itemId: change.itemId ?? idOf.get(change.entry.sourceItemId) ?? '',
  }));
  for (const { entry } of changes) packer.addRaw(entry);

  const places = await packer.store(run, signal);
  const items = pending.map((draft) => newItem(draft, places));
  const collected: CollectedPage = {
    listed: entries.length,
    repeats,
    items,
    changed: changes.map(
      ({ entry, itemId, archivedAt }): ChangedItem => ({
        itemId,
        archivedAt,
        sha256: entry.sha256,
        place: places.of(entry, UNASSIGNED),
      }),
    ),
    cursor: page.cursor,
    nextCursor: page.nextCursor,
    mappingVersionId: versionId,
  };
  return { collected, sourceItemIds, shards: [...mended.shards, ...sealed.shards], contents: places.contents };
}

export interface WrittenPage {
  /** copies that were handed to the shards that are at work */
  readonly handedOver: number;
  /** the shard of each other copy that is to be delivered now */
  readonly shards: readonly number[];
}

/**
 * Writes a page with the cursor behind it, and hands what it can to the shards that are at work.
 *
 * @throws PageConflictError
 */
export async function writePage({ deps, run }: Around, page: PreparedPage): Promise<WrittenPage> {
  const { collected, shards } = page;
  const handed = await commitAndHandOver(deps, run, page);
  const missing = collected.items.flatMap((item) => item.attachments.filter(({ state }) => state === 'missing'));
  if (missing.length > 0) {
    await askLater(deps, run.organizationId, run.id, Math.ceil(Math.min(...missing.map((one) => one.askAgainSeconds))));
  }
  const owed = collected.items.flatMap(({ itemId, deliveries }) =>
    deliveries
      .filter(({ state, participant }) => state === 'pending' && !handed.has(`${itemId} ${participant}`))
      .map(({ shard }) => shard),
  );
  return { handedOver: handed.size, shards: [...shards, ...owed] };
}

/** @returns items and participants of what was handed over */
async function commitAndHandOver(
  { ledger, clock, owner, settings, shardsAtWork }: ImportDeps,
  run: ImportRun,
  { collected, contents }: PreparedPage,
): Promise<ReadonlySet<string>> {
  const seconds = settings.shardLeaseSeconds;
  const offer = shardsAtWork.offer(run.organizationId);
  try {
    // Before the ledger is asked: what this process believes ends before what the row says.
    const validUntil = clock.monotonic() + seconds * 1000;
    const claimed = await ledger.commitPage(run, collected, {
      leases: offer.leases,
      owner,
      seconds,
      take: ({ shard, userId, place }) =>
        userId !== null && contents.has(place.offset) && offer.take(shard, userId, place.length),
    });
    const copies = claimed.map((delivery): HandedCopy => {
      const staged = contents.get(delivery.frameOffset);
      if (staged === undefined) throw new Error('the content of a copy that was taken is not there');
      return { delivery, staged };
    });
    offer.give({ copies, validUntil, moreComes: collected.nextCursor !== null });
    return new Set(claimed.map(({ itemId, participant }) => `${itemId} ${participant}`));
  } finally {
    offer.end();
  }
}
