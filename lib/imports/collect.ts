/**
 * Collect: reads a window of the source's feed page by page, stages what it holds, and writes it with the cursor, so that
 * an interruption costs one page. One import per connector collects at a time.
 */
import { SourceError } from '../archive/source.ts';
import { type Around, writePage } from './collect-page.ts';
import { DeliveryCalls } from './delivery-calls.ts';
import type { ImportDeps } from './deps.ts';
import { FeedBound, FeedNeverEndsError } from './feed-bound.ts';
import { keepRenewing } from './lease-guard.ts';
import { PagesAhead } from './pages-ahead.ts';
import { handleProblem } from './problems.ts';
import { retainedPart } from './retained.ts';
import { PageConflictError } from './store/collect.ts';
import type { RunningConnector } from './store/connectors.ts';
import type { ImportRun } from './store/imports.ts';

/** Items a page, as many as the source gives: what one transaction and one staging blob hold. */
const PAGE_LIMIT = 1_000;
/** Where an answer was too large to read, its pages are to be so many times smaller. */
const SMALLER = 8;
/** What the log says when a collector leaves an import: how many pages it wrote, and how many of their copies it handed over. */
export const PAGES_READ = 'pages of an import were read';
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
  const cursor = run.cursor;
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
  const around: Around = { deps, connector, source, run };
  const pages = new PagesAhead(around, cursor, run.pageLimit ?? PAGE_LIMIT, signal);
  const read = { pages: 0, handedOver: 0 };
  try {
    for (;;) {
      if (signal.aborted) {
        await deps.ledger.postponeCollect(run, { problem: null, inSeconds: 0, restartFeed: false });
        return;
      }
      const page = await pages.take();
      if (page === null) break;
      pages.prepareNext(page);
      const { shards, handedOver } = await writePage(around, page);
      read.pages++;
      read.handedOver += handedOver;
      await calls.add(shards);
      deps.notify({ organizationId: run.organizationId, connectorId: run.connectorId, importId: run.id });
      await bound.passed(page.collected.listed, page.collected.nextCursor);
    }
  } finally {
    await pages.end();
    await calls.send();
    deps.log.info({ importId: run.id, ...read }, PAGES_READ);
  }
  await deps.ledger.resolveWindowAlert(connector.id, run.windowId, 'feed_never_ends');
  // Where no copy is owed, nobody else would notice that the import is complete.
  await deps.enqueue('reconcile', { organizationId: run.organizationId, importId: run.id }, { key: run.id });
}
