/**
 * Reconcile: an import whose copies are all settled is checked against the two equations and against what the source
 * says it holds, and closed. What does not balance is an alert, never silence.
 */
import type pg from 'pg';
import type { ArchiveSource, Manifest } from '../archive/source.ts';
import { clearStaging } from './clear-staging.ts';
import { balances, type Counts } from './counts.ts';
import type { ImportDeps } from './deps.ts';
import { handleProblem } from './problems.ts';
import {
  liveConnector,
  liveConnectorOfSource,
  type RunningConnector,
  raiseAlert,
  resolveWindowAlert,
} from './store/connectors.ts';
import { deliveredImports, findImport, type ImportRun, reopenWindow } from './store/imports.ts';
import { claimRecheck, completeImport, heldItems, type Reading, writeReading } from './store/reconcile.ts';

const HOUR = 60 * 60;
const DAY = 24 * HOUR;
/** After a window was closed its manifest is read again after a day, and six days after that. */
const RECHECKS_SECONDS = [DAY, 6 * DAY] as const;
/**
 * Where the manifest is another than what is held, it is read again after these times. After that the alert stands, and
 * *Repeat* is an administrator's: a list that will not become whole is not read for ever.
 */
const DIFFERS_SECONDS = [HOUR, DAY, 6 * DAY] as const;

interface Judgement extends Reading {
  readonly addsUp: boolean;
  readonly complete: boolean;
}

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
  const held = await heldItems(deps.pool, run.sourceId, run.window);
  const judge = (counts: Counts, differed: number): Judgement => {
    const addsUp = balances(counts);
    const complete = held === manifest.count;
    const reading = readingOf(complete, { rechecks: 0, differs: differed });
    return { ...reading, balanced: addsUp && complete, addsUp, complete };
  };
  const announce = async (client: pg.PoolClient, { addsUp, complete }: Judgement): Promise<void> => {
    const { organizationId, windowId } = run;
    const alert = { organizationId, connectorId: connector.id, importId: run.id, windowId };
    if (addsUp) await resolveWindowAlert(client, connector.id, windowId, 'does_not_balance');
    else await raiseAlert(client, { ...alert, code: 'does_not_balance' });
    if (complete) await resolveWindowAlert(client, connector.id, windowId, 'manifest_differs');
    else {
      await raiseAlert(client, { ...alert, code: 'manifest_differs', detail: { manifest: manifest.count, held } });
    }
  };
  const completed = await completeImport(deps.pool, run, manifest, judge, announce);
  if (!completed) return;
  const { counts, reading } = completed;
  deps.log.info(
    {
      importId: run.id,
      connectorId: connector.id,
      balanced: reading.balanced,
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
  const due = await claimRecheck(deps.pool, organizationId, windowId);
  const connector = due && (await liveConnector(deps.pool, organizationId, due.connectorId));
  if (!due || !connector) return;
  const source: ArchiveSource = deps.source(connector);
  try {
    const manifest = await source.manifest(due.window, signal);
    const held = await heldItems(deps.pool, connector.sourceId, due.window);
    const complete = manifest.count === held;
    const reading = readingOf(complete, { ...due, rechecks: due.rechecks + 1 });
    // Where the window is imported again, that import's completion counts the difference.
    const again = manifest.count > held;
    await writeReading(deps.pool, windowId, manifest, again ? { ...reading, differs: due.differs } : reading);
    if (complete) {
      await resolveWindowAlert(deps.pool, connector.id, windowId, 'manifest_differs');
      return;
    }
    await raiseAlert(deps.pool, {
      organizationId,
      connectorId: connector.id,
      importId: null,
      windowId,
      code: 'manifest_differs',
      detail: { manifest: manifest.count, held },
    });
    // Fewer at the source than here is its matter: reading the list again would not change ours.
    if (!again) return;
    await reopenWindow(deps.pool, connector, windowId, 'recheck', null);
    await deps.enqueue('collect', { organizationId, connectorId: connector.id }, { key: connector.id });
  } catch (error) {
    await handleProblem(deps, connector, error, 0);
  }
}
