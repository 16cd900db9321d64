/**
 * Collect: reads a window of the source's feed page by page, stages what it holds, and writes it with the cursor, so that
 * an interruption costs one page. One import per connector collects at a time.
 */
import { type ArchiveSource, SourceError } from '../archive/source.ts';
import { DeliveryCalls } from './delivery-calls.ts';
import type { ImportDeps } from './deps.ts';
import { fanOut } from './fan-out.ts';
import { FeedBound, FeedNeverEndsError } from './feed-bound.ts';
import { askLater } from './fetch-attachments.ts';
import { keepRenewing } from './lease-guard.ts';
import { importMended } from './mended-items.ts';
import { type PageEntry, type ReadableEntry, readPage, sortPage } from './page.ts';
import { type ItemDraft, newItem, PagePacker } from './page-packer.ts';
import { handleProblem } from './problems.ts';
import { retainedPart } from './retained.ts';
import { sealAgain } from './seal-again.ts';
import { UNASSIGNED } from './shards.ts';
import { stageItems } from './stage-page.ts';
import { type ChangedItem, type CollectedPage, PageConflictError } from './store/collect.ts';
import type { RunningConnector } from './store/connectors.ts';
import type { ImportRun } from './store/imports.ts';

/** Items a page, as many as the source gives: what one transaction and one staging blob hold. */
const PAGE_LIMIT = 1_000;
/** Where an answer was too large to read, its pages are to be so many times smaller. */
const SMALLER = 8;
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
        await postponeAfter(deps, connector, run, error);
      }
    } finally {
      renewal.stop();
    }
    deps.notify({ organizationId, connectorId, importId: run.id });
  }
}

/** What failed is tried again later: from where the cursor stands, or where that leads nowhere from the beginning. */
async function postponeAfter(
  deps: ImportDeps,
  connector: RunningConnector,
  run: ImportRun,
  error: unknown,
): Promise<void> {
  const problem = await handleProblem(deps, connector, error, run.attempts);
  const postponed = { problem: problem.code, inSeconds: problem.retrySeconds };
  const failure = error instanceof SourceError ? error.failure : null;
  if (error instanceof FeedNeverEndsError) {
    const { organizationId, connectorId, id: importId, windowId } = run;
    await deps.ledger.raiseAlert({ organizationId, connectorId, importId, windowId, code: 'feed_never_ends' });
    await deps.ledger.postponeCollect(run, { ...postponed, restartFeed: error.repeats });
  } else if (failure === 'answer_too_large' && (run.pageLimit ?? PAGE_LIMIT) > 1) {
    // A cursor is bound to the size of its pages.
    const pageLimit = Math.max(1, Math.floor((run.pageLimit ?? PAGE_LIMIT) / SMALLER));
    await deps.ledger.postponeCollect(run, { ...postponed, inSeconds: 0, restartFeed: true, pageLimit });
  } else {
    await deps.ledger.postponeCollect(run, { ...postponed, restartFeed: failure === 'cursor_expired' });
  }
}

async function collectWindow(
  deps: ImportDeps,
  connector: RunningConnector,
  claimed: ImportRun,
  signal: AbortSignal,
): Promise<void> {
  const source = deps.source(connector);
  const window = await retainedPart(deps, source, claimed, signal);
  if (window === null) return;
  const run = { ...claimed, window };
  let cursor = run.cursor;
  if (cursor !== null && window !== claimed.window) {
    throw new SourceError('cursor_expired', 'the cursor is of a window that was longer');
  }
  if (
    cursor !== null &&
    run.cursorOpenedAt !== null &&
    deps.clock.date().getTime() - run.cursorOpenedAt.getTime() > CURSOR_SECONDS * 1000
  ) {
    throw new SourceError('cursor_expired', 'the cursor is older than a day');
  }
  const bound = new FeedBound(cursor, async () => (await source.manifest(run.window, signal)).count);
  const calls = new DeliveryCalls(deps, run.organizationId);
  const ask = (at: string | null) => ahead(source.items(run.window, at, run.pageLimit ?? PAGE_LIMIT, signal));
  let asked = ask(cursor);
  try {
    do {
      if (signal.aborted) {
        await deps.ledger.postponeCollect(run, { problem: null, inSeconds: 0, restartFeed: false });
        return;
      }
      const { items, nextCursor } = await asked;
      // The source prepares the next page while this one is staged and written.
      if (nextCursor !== null) asked = ask(nextCursor);
      await calls.add(await collectPage(deps, connector, source, run, { items, cursor, nextCursor }, signal));
      deps.notify({ organizationId: run.organizationId, connectorId: run.connectorId, importId: run.id });
      await bound.passed(items.length, nextCursor);
      cursor = nextCursor;
    } while (cursor !== null);
  } finally {
    await calls.send();
  }
  await deps.ledger.resolveWindowAlert(connector.id, run.windowId, 'feed_never_ends');
  // Where no copy is owed, nobody else would notice that the import is complete.
  await deps.enqueue('reconcile', { organizationId: run.organizationId, importId: run.id }, { key: run.id });
}

/** A failure is met where the answer is awaited; until then it must not count as nobody's. */
function ahead<T>(answer: Promise<T>): Promise<T> {
  answer.catch(() => {});
  return answer;
}

interface FeedPage {
  readonly items: readonly unknown[];
  readonly cursor: string | null;
  readonly nextCursor: string | null;
}

/** @returns the shard of each copy that is to be delivered now */
async function collectPage(
  deps: ImportDeps,
  connector: RunningConnector,
  source: ArchiveSource,
  run: ImportRun,
  page: FeedPage,
  signal: AbortSignal,
): Promise<number[]> {
  const entries = readPage(page.items, run.window);
  const sourceItemIds = [...new Set(entries.map(({ sourceItemId }) => sourceItemId))];
  const [known, number] = await Promise.all([
    deps.ledger.knownItems(run.sourceId, sourceItemIds),
    deps.ledger.nextPageNumber(run),
  ]);
  if (number === null) throw new PageConflictError('the lease ran out, or the connector may not collect any more');
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
  const otherwise = changed.filter(({ entry }) => !mended.entries.has(entry));
  const changes = otherwise.map((change) => ({
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
    mappingVersionId: versionId,
  };
  await deps.ledger.commitPage(run, collected);
  const missing = items.flatMap((item) => item.attachments.filter(({ state }) => state === 'missing'));
  if (missing.length > 0) {
    await askLater(deps, run.organizationId, run.id, Math.ceil(Math.min(...missing.map((one) => one.askAgainSeconds))));
  }
  return [
    ...mended.shards,
    ...sealed.shards,
    ...items.flatMap(({ deliveries }) =>
      deliveries.filter(({ state }) => state === 'pending').map(({ shard }) => shard),
    ),
  ];
}
