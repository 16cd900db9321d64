/**
 * Reconcile: an import whose copies are all settled is checked against the two equations and against what the source
 * says it holds, and closed. What does not balance is an alert, never silence.
 */
import type { Manifest, TimeRange } from '../archive/source.ts';
import { clearStaging } from './clear-staging.ts';
import { balances, type Counts } from './counts.ts';
import type { ImportDeps } from './deps.ts';
import { handleProblem } from './problems.ts';
import { retainedPart } from './retained.ts';
import type { RunningConnector } from './store/connectors.ts';
import type { ImportRun } from './store/imports.ts';
import type { Judgement, Reading } from './store/reconcile.ts';

const HOUR = 60 * 60;
const DAY = 24 * HOUR;
/** After a window was closed its manifest is read again after a day, and six days after that. */
const RECHECKS_SECONDS = [DAY, 6 * DAY] as const;
/**
 * Where the manifest is another than what is held, it is read again after these times. After that the alert stands, and
 * *Repeat* is an administrator's: a list that will not become whole is not read for ever.
 */
const DIFFERS_SECONDS = [HOUR, DAY, 6 * DAY] as const;

/** What a manifest means beside what is held. @param before how often in a row it was the same, and how often not */
function readingOf(complete: boolean, before: Pick<Reading, 'rechecks' | 'differs'>): Reading {
  const { rechecks, differs } = before;
  if (complete) return { balanced: true, rechecks, differs: 0, recheckInSeconds: RECHECKS_SECONDS[rechecks] ?? null };
  const recheckInSeconds = DIFFERS_SECONDS[differs] ?? null;
  return { balanced: false, rechecks: 0, differs: differs + 1, recheckInSeconds };
}

/** Closes an import that is delivered. Does nothing where copies are still under way. */
export async function reconcileImport(
  deps: ImportDeps,
  organizationId: string,
  importId: string,
  signal: AbortSignal,
): Promise<void> {
  const [ready] = await deps.ledger.deliveredImports([importId]);
  if (!ready || ready.organizationId !== organizationId) return;
  const run = await deps.ledger.findImport(organizationId, importId);
  const connector = run && (await deps.ledger.liveConnectorOfSource(organizationId, run.sourceId));
  if (!run || !connector) return;
  let window: TimeRange | null;
  let manifest: Manifest | null;
  try {
    const source = deps.source(connector);
    window = await retainedPart(deps, source, { ...run, connectorId: connector.id }, signal);
    manifest = window && (await source.manifest(window, signal));
  } catch (error) {
    // A worker that stops is no failure of the import: it stays due, and the next one finds it.
    if (signal.aborted) return;
    const problem = await handleProblem(deps, connector, error, run.attempts);
    await deps.ledger.postponeReconcile(run, problem.code, problem.retrySeconds);
    deps.notify({ organizationId, connectorId: connector.id, importId });
    return;
  }
  if (window && manifest) await close(deps, connector, { ...run, window }, manifest);
  else await deps.ledger.keepCancelledNumbers(organizationId, importId);
  deps.notify({ organizationId, connectorId: connector.id, importId });
  await clearStaging(deps, organizationId, importId);
}

async function close(deps: ImportDeps, connector: RunningConnector, run: ImportRun, manifest: Manifest): Promise<void> {
  const held = await deps.ledger.heldItems(run.sourceId, run.window);
  const complete = held === manifest.count;
  const judge = (counts: Counts, differed: number): Judgement => {
    const reading = readingOf(complete, { rechecks: 0, differs: differed });
    const addsUp = balances(counts);
    return {
      ...reading,
      balanced: addsUp && complete,
      findings: [
        { code: 'does_not_balance', wrong: !addsUp },
        { code: 'manifest_differs', wrong: !complete, detail: { manifest: manifest.count, held } },
      ],
    };
  };
  const completed = await deps.ledger.completeImport(run, connector.id, manifest, judge);
  if (!completed) return;
  const { counts, judgement } = completed;
  deps.log.info(
    {
      importId: run.id,
      connectorId: connector.id,
      balanced: judgement.balanced,
      manifest: manifest.count,
      held,
      ...counts.items,
    },
    'import completed',
  );
}

/**
 * Reads a window's manifest once more. Where the source now holds something else, the window is imported again: what is
 * there already counts as a repeat, and what came late is imported.
 */
export async function recheckWindow(
  deps: ImportDeps,
  organizationId: string,
  windowId: string,
  signal: AbortSignal,
): Promise<void> {
  const due = await deps.ledger.claimRecheck(organizationId, windowId);
  const connector = due && (await deps.ledger.liveConnector(organizationId, due.connectorId));
  if (!due || !connector) return;
  const source = deps.source(connector);
  try {
    const of = { windowId, connectorId: connector.id, window: due.window };
    const window = await retainedPart(deps, source, of, signal);
    if (window === null) return;
    const manifest = await source.manifest(window, signal);
    const held = await deps.ledger.heldItems(connector.sourceId, window);
    const complete = manifest.count === held;
    const reading = readingOf(complete, { ...due, rechecks: due.rechecks + 1 });
    // Where the window is imported again, that import's completion counts the difference.
    const again = manifest.count > held;
    await deps.ledger.writeReading(windowId, manifest, again ? { ...reading, differs: due.differs } : reading);
    if (complete) {
      await deps.ledger.resolveWindowAlert(connector.id, windowId, 'manifest_differs');
      return;
    }
    await deps.ledger.raiseAlert({
      organizationId,
      connectorId: connector.id,
      importId: null,
      windowId,
      code: 'manifest_differs',
      detail: { manifest: manifest.count, held },
    });
    // Fewer at the source than here is its matter: reading the list again would not change ours.
    if (!again) return;
    await deps.ledger.reopenWindow(connector, windowId, 'recheck', null);
    await deps.enqueue('collect', { organizationId, connectorId: connector.id }, { key: connector.id });
  } catch (error) {
    await handleProblem(deps, connector, error, 0);
  }
}
