/**
 * Reconcile: an import whose copies are all settled is checked against the two equations and against what the source
 * says it holds, and closed. What does not balance is an alert, never silence.
 */
import type { ArchiveSource, Manifest } from '../archive/source.ts';
import { clearStaging } from './clear-staging.ts';
import { balances, countsOf } from './counts.ts';
import type { ImportDeps } from './deps.ts';
import { handleProblem } from './problems.ts';
import {
  liveConnector,
  liveConnectorOfSource,
  type RunningConnector,
  raiseAlert,
  resolveAlert,
} from './store/connectors.ts';
import { readCounters } from './store/counters.ts';
import { deliveredImports, findImport, type ImportRun, reopenWindow } from './store/imports.ts';
import { claimRecheck, completeImport, heldItems, writeManifest } from './store/reconcile.ts';

const HOUR = 60 * 60;
const DAY = 24 * HOUR;
/** After a window was closed its manifest is read again after a day, and six days after that. */
const RECHECKS_SECONDS = [DAY, 6 * DAY] as const;

/** Closes an import that is delivered. Does nothing where copies are still under way. */
export async function reconcileImport(
  deps: ImportDeps,
  organizationId: string,
  importId: string,
  signal: AbortSignal,
): Promise<void> {
  const [ready] = await deliveredImports(deps.pool, [importId]);
  if (!ready || ready.organizationId !== organizationId) return;
  const run = await findImport(deps.pool, organizationId, importId);
  const connector = run && (await liveConnectorOfSource(deps.pool, organizationId, run.sourceId));
  if (!run || !connector) return;
  let manifest: Manifest;
  try {
    manifest = await deps.source(connector).manifest(run.window, signal);
  } catch (error) {
    const problem = await handleProblem(deps, connector, error, run.attempts);
    await deps.pool.query(
      `UPDATE import SET problem = $2, attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => $3)
       WHERE id = $1`,
      [run.id, problem.code, problem.retrySeconds],
    );
    deps.notify({ organizationId, connectorId: connector.id, importId });
    return;
  }
  await close(deps, connector, run, manifest);
  deps.notify({ organizationId, connectorId: connector.id, importId });
  await clearStaging(deps, organizationId, importId);
}

async function close(deps: ImportDeps, connector: RunningConnector, run: ImportRun, manifest: Manifest): Promise<void> {
  const counts = countsOf(await readCounters(deps.pool, [run.id]));
  const held = await heldItems(deps.pool, run.sourceId, run.window);
  const addsUp = balances(counts);
  const complete = held === manifest.count;
  const balanced = addsUp && complete;
  const recheckInSeconds = complete ? RECHECKS_SECONDS[0] : HOUR;
  if (!(await completeImport(deps.pool, run, { counts, manifest, balanced, recheckInSeconds }))) return;
  const alert = { organizationId: run.organizationId, connectorId: connector.id, importId: run.id };
  if (!addsUp) await raiseAlert(deps.pool, { ...alert, code: 'does_not_balance' });
  if (!complete) {
    await raiseAlert(deps.pool, { ...alert, code: 'manifest_differs', detail: { manifest: manifest.count, held } });
  }
  deps.log.info(
    { importId: run.id, connectorId: connector.id, balanced, manifest: manifest.count, held, ...counts.items },
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
  const due = await claimRecheck(deps.pool, organizationId, windowId);
  const connector = due && (await liveConnector(deps.pool, organizationId, due.connectorId));
  if (!due || !connector) return;
  const source: ArchiveSource = deps.source(connector);
  try {
    const manifest = await source.manifest(due.window, signal);
    const held = await heldItems(deps.pool, connector.sourceId, due.window);
    const balanced = manifest.count === held;
    const rechecks = due.rechecks + (balanced ? 1 : 0);
    const recheckInSeconds = balanced ? (RECHECKS_SECONDS[rechecks] ?? null) : HOUR;
    await writeManifest(deps.pool, windowId, { manifest, balanced, rechecks, recheckInSeconds });
    if (balanced) {
      await resolveAlert(deps.pool, connector.id, 'manifest_differs');
      return;
    }
    await raiseAlert(deps.pool, {
      organizationId,
      connectorId: connector.id,
      importId: null,
      code: 'manifest_differs',
      detail: { manifest: manifest.count, held },
    });
    // Fewer at the source than here is its matter: reading the list again would not change ours.
    if (manifest.count < held) return;
    await reopenWindow(deps.pool, connector, windowId, 'recheck', null);
    await deps.enqueue('collect', { organizationId, connectorId: connector.id }, { key: connector.id });
  } catch (error) {
    await handleProblem(deps, connector, error, 0);
  }
}
