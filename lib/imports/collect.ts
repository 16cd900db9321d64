/**
 * Collect: reads a window of the source's feed page by page, stages what it holds, and writes it with the cursor, so that
 * an interruption costs one page. One import per connector collects at a time.
 */
import { type ArchiveSource, SourceError } from '../archive/source.ts';
import { itemIdentity } from '../mail/identity.ts';
import { packFrames } from '../staging/frames.ts';
import { pageName } from '../staging/names.ts';
import type { ImportDeps } from './deps.ts';
import { type FannedOutItem, fanOut } from './fan-out.ts';
import { encodeFrame } from './frame.ts';
import { keepRenewing } from './lease-guard.ts';
import { canonicalJson, type PageEntry, type ReadableEntry, readPage, sortPage, type UnreadableEntry } from './page.ts';
import { FeedNeverEndsError, handleProblem } from './problems.ts';
import { UNASSIGNED } from './shards.ts';
import { stageAttachments } from './stage-attachments.ts';
import {
  type ChangedItem,
  type CollectedPage,
  type FramePlace,
  type NewAttachment,
  type NewItem,
  PageConflictError,
} from './store/collect.ts';
import type { RunningConnector } from './store/connectors.ts';
import type { ImportRun } from './store/imports.ts';

/** Items a page: what one transaction and one staging blob hold. */
const PAGE_LIMIT = 500;
/** A cursor is valid for 24 hours; an older one is not tried. */
const CURSOR_SECONDS = 23 * 60 * 60;

/**
 * Collects everything that is due for a connector, window after window. Returns when there is nothing more to collect
 * now, another worker is at it, or `signal` asks to stop.
 */
export async function collectDue(
  deps: ImportDeps,
  organizationId: string,
  connectorId: string,
  signal: AbortSignal,
): Promise<void> {
  const leaseSeconds = deps.settings.shardLeaseSeconds;
  while (!signal.aborted) {
    const connector = await deps.ledger.liveConnector(organizationId, connectorId);
    if (!connector || connector.paused || connector.stoppedReason !== null) return;
    const asked = deps.clock.monotonic();
    const run = await deps.ledger.claimCollect(organizationId, connectorId, deps.owner, leaseSeconds);
    if (!run) return;
    // A page with large attachments takes longer than a lease, and a successor should not wait for longer than one.
    const renewal = keepRenewing(deps.clock, leaseSeconds, asked, () => deps.ledger.renewCollect(run, leaseSeconds));
    const log = deps.log.child({ importId: run.id, connectorId });
    deps.notify({ organizationId, connectorId, importId: run.id });
    try {
      await collectWindow(deps, connector, run, signal);
    } catch (error) {
      if (error instanceof PageConflictError) {
        log.warn({ reason: error.message }, 'collecting goes on elsewhere, or again');
        await deps.ledger.postponeCollect(run, { problem: null, inSeconds: 1, restartFeed: false });
      } else if (signal.aborted) {
        await deps.ledger.postponeCollect(run, { problem: null, inSeconds: 0, restartFeed: false });
      } else {
        const problem = await handleProblem(deps, connector, error, run.attempts);
        const restartFeed = error instanceof SourceError && error.failure === 'cursor_expired';
        await deps.ledger.postponeCollect(run, { problem: problem.code, inSeconds: problem.retrySeconds, restartFeed });
      }
    } finally {
      renewal.stop();
    }
    deps.notify({ organizationId, connectorId, importId: run.id });
  }
}

async function collectWindow(
  deps: ImportDeps,
  connector: RunningConnector,
  run: ImportRun,
  signal: AbortSignal,
): Promise<void> {
  const source = deps.source(connector);
  let cursor = run.cursor;
  if (
    cursor !== null &&
    run.cursorOpenedAt !== null &&
    deps.clock.date().getTime() - run.cursorOpenedAt.getTime() > CURSOR_SECONDS * 1000
  ) {
    throw new SourceError('cursor_expired', 'the cursor is older than a day');
  }
  const seen = new Set<string>();
  do {
    if (signal.aborted) {
      await deps.ledger.postponeCollect(run, { problem: null, inSeconds: 0, restartFeed: false });
      return;
    }
    const { items, nextCursor } = await source.items(run.window, cursor, PAGE_LIMIT, signal);
    if (nextCursor !== null && (nextCursor === cursor || seen.has(nextCursor))) throw new FeedNeverEndsError();
    if (nextCursor !== null) seen.add(nextCursor);
    const shards = await collectPage(deps, connector, source, run, { items, cursor, nextCursor }, signal);
    for (const shard of shards) {
      await deps.enqueue(
        'deliver',
        { organizationId: run.organizationId, shard },
        { key: `${run.organizationId}.${shard}` },
      );
    }
    deps.notify({ organizationId: run.organizationId, connectorId: run.connectorId, importId: run.id });
    cursor = nextCursor;
  } while (cursor !== null);
  // Where no copy is owed, nobody else would notice that the import is complete.
  await deps.enqueue('reconcile', { organizationId: run.organizationId, importId: run.id }, { key: run.id });
}

interface FeedPage {
  readonly items: readonly unknown[];
  readonly cursor: string | null;
  readonly nextCursor: string | null;
}

/** @returns the shards that have something to deliver now */
async function collectPage(
  deps: ImportDeps,
  connector: RunningConnector,
  source: ArchiveSource,
  run: ImportRun,
  page: FeedPage,
  signal: AbortSignal,
): Promise<Set<number>> {
  const entries = readPage(page.items, run.window);
  const known = await deps.ledger.knownItems(run.sourceId, [
    ...new Set(entries.map(({ sourceItemId }) => sourceItemId)),
  ]);
  const { fresh, changed, repeats } = sortPage(entries, known);
  const readable = fresh.filter((entry): entry is ReadableEntry => entry.kind === 'readable');
  const fannedOut = await fanOut(
    deps,
    connector,
    readable.map(({ item }) => item),
    signal,
  );
  const attachments = await attachmentsOf(deps, source, run, readable, signal);
  const number = await deps.ledger.nextPageNumber(run);
  if (number === null) throw new PageConflictError('the lease of this collector ran out');

  const ids = await deps.ledger.reserveIds('item_id_seq', fresh.length);
  const packer = new PagePacker(deps, connector, number);
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
  const changes = changed.map((change) => ({
    ...change,
    itemId: change.itemId ?? idOf.get(change.entry.sourceItemId) ?? '',
  }));
  for (const { entry } of changes) packer.addRaw(entry);

  const places = await packer.store(run, signal);
  const items = pending.map((draft) => newItem(draft, places));
  const collected: CollectedPage = {
    listed: page.items.length,
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
  };
  await deps.ledger.commitPage(run, collected);
  return new Set(
    items.flatMap(({ deliveries }) => deliveries.filter(({ state }) => state === 'pending').map(({ shard }) => shard)),
  );
}

async function attachmentsOf(
  deps: ImportDeps,
  source: ArchiveSource,
  run: ImportRun,
  entries: readonly ReadableEntry[],
  signal: AbortSignal,
): Promise<NewAttachment[][]> {
  const wanted = entries.flatMap(({ item }, entry) =>
    item.attachments.map((attachment, position) => ({
      entry,
      position,
      attachment,
      importId: run.id,
      organizationId: run.organizationId,
    })),
  );
  const staged = await stageAttachments(deps, source, wanted, signal);
  const byEntry = entries.map((): NewAttachment[] => []);
  wanted.forEach(({ entry }, index) => {
    const attachment = staged[index];
    if (attachment) byEntry[entry]?.push(attachment);
  });
  return byEntry;
}

interface ItemDraft {
  readonly entry: PageEntry;
  readonly itemId: string;
  readonly fannedOut: FannedOutItem | null;
  readonly attachments: readonly NewAttachment[];
}

interface Places {
  of(entry: PageEntry, group: number): FramePlace;
}

/** Collects the frames of a page: one a group of each item, so that a shard reads its own only. */
class PagePacker {
  readonly #deps: ImportDeps;
  readonly #connector: RunningConnector;
  readonly #page: number;
  readonly #frames: { readonly itemIdentity: string; readonly body: Buffer; readonly group: number }[] = [];
  readonly #index = new Map<PageEntry, Map<number, number>>();

  constructor(deps: ImportDeps, connector: RunningConnector, page: number) {
    this.#deps = deps;
    this.#connector = connector;
    this.#page = page;
  }

  addItem({ entry, fannedOut }: ItemDraft): void {
    if (entry.kind === 'unreadable' || fannedOut === null) {
      this.addRaw(entry);
      return;
    }
    const body = encodeFrame(fannedOut);
    const groups = new Set(fannedOut.copies.map(({ shard }) => shard));
    if (groups.size === 0) groups.add(UNASSIGNED);
    for (const group of groups) this.#add(entry, body, group);
  }

  addRaw(entry: PageEntry): void {
    const raw = entry.kind === 'unreadable' ? (entry satisfies UnreadableEntry).raw : entry.item;
    this.#add(entry, Buffer.from(canonicalJson(raw), 'utf8'), UNASSIGNED);
  }

  #add(entry: PageEntry, body: Buffer, group: number): void {
    const { organizationId, kind, accountId } = this.#connector;
    const identity = itemIdentity({ organizationId, kind, account: accountId }, entry.sourceItemId);
    const of = this.#index.get(entry) ?? new Map<number, number>();
    of.set(group, this.#frames.length);
    this.#index.set(entry, of);
    this.#frames.push({ itemIdentity: identity, body, group });
  }

  async store(run: ImportRun, signal: AbortSignal): Promise<Places> {
    const { blob, places } = packFrames(this.#deps.keyRing, this.#frames);
    if (places.length > 0)
      await this.#deps.staging.putPage(pageName(run.organizationId, run.id, this.#page), blob, signal);
    return {
      of: (entry, group) => {
        const groups = this.#index.get(entry);
        const place = places[groups?.get(group) ?? groups?.values().next().value ?? -1];
        if (!place) throw new Error('a frame was not packed');
        return { page: this.#page, offset: place.offset, length: place.length };
      },
    };
  }
}

function newItem({ entry, itemId, fannedOut, attachments }: ItemDraft, places: Places): NewItem {
  const base = {
    itemId,
    sourceItemId: entry.sourceItemId,
    sha256: entry.sha256,
    archivedAt: entry.archivedAt,
    place: places.of(entry, UNASSIGNED),
  };
  if (entry.kind === 'unreadable') {
    return {
      ...base,
      type: 'unreadable',
      messageTime: null,
      messageKey: null,
      unreadable: entry.reason,
      deliveries: [],
      attachments: [],
    };
  }
  return {
    ...base,
    type: entry.item.type,
    messageTime: entry.messageTime,
    // An empty key says nothing: messages without one are no twins.
    messageKey: entry.item.messageKey || null,
    unreadable: null,
    deliveries: (fannedOut?.copies ?? []).map((copy) => ({ ...copy, place: places.of(entry, copy.shard) })),
    attachments,
  };
}
