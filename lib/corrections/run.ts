/**
 * A worker's run on a correction. The row is the truth: whoever holds it goes on where it stands, and every step is one
 * transaction, so that a run that dies between any two of them costs nothing but time.
 */
import { keepRenewing } from '../imports/lease-guard.ts';
import { handleProblem } from '../imports/problems.ts';
import type { RunningConnector } from '../imports/store/connectors.ts';
import type { CorrectionDeps } from './deps.ts';
import { listCopies } from './list-copies.ts';
import { moveCopies } from './move-copies.ts';
import { removeCopies } from './remove-copies.ts';
import { Slice } from './slice.ts';
import {
  CorrectionLostError,
  claimCorrection,
  dueCorrections,
  type HeldCorrection,
  letGo,
  renewCorrection,
} from './store/corrections.ts';
import { endRemoving } from './store/removal.ts';
import { endCopying } from './store/verification.ts';
import { verifyCopies } from './verify-copies.ts';

/** Until what is on its way to its mailbox is looked at again, and until what changed meanwhile is read again. */
const LOOK_AGAIN_SECONDS = 2;

/** Asks for runs on all corrections that have something to do. */
export async function dispatchCorrections({ pool, enqueue }: Pick<CorrectionDeps, 'pool' | 'enqueue'>): Promise<void> {
  for (const due of await dueCorrections(pool)) await enqueue('correct', due, { key: due.correctionId });
}

/** Works on a correction for a while. Returns when an administrator is next, when time is over, or when asked to stop. */
export async function runCorrection(
  deps: CorrectionDeps,
  organizationId: string,
  correctionId: string,
  signal: AbortSignal,
): Promise<void> {
  const { shardLeaseSeconds: seconds, graphTimeoutSeconds } = deps.settings;
  const asked = deps.clock.monotonic();
  const held = await claimCorrection(deps.pool, organizationId, correctionId, deps.owner, seconds);
  if (!held) return;
  const connector = await deps.ledger.liveConnector(organizationId, held.connectorId);
  if (!connector) return letGo(deps.pool, held, { problem: null, inSeconds: LOOK_AGAIN_SECONDS });
  const renewal = keepRenewing(deps.clock, seconds, asked, () => renewCorrection(deps.pool, held, seconds));
  const slice = new Slice(deps.clock, renewal, graphTimeoutSeconds, signal);
  try {
    const again = await work(deps, connector, held, slice);
    if (again !== null) await rest(deps, held, again);
  } catch (error) {
    if (error instanceof CorrectionLostError) {
      deps.log.warn({ correctionId, reason: error.message }, 'a correction goes on elsewhere');
    } else if (signal.aborted) await letGo(deps.pool, held, { problem: null, inSeconds: 0 });
    else {
      const { code, retrySeconds } = await handleProblem(deps, connector, error, held.attempts);
      await letGo(deps.pool, held, { problem: code, inSeconds: retrySeconds });
    }
  } finally {
    renewal.stop();
    deps.notify({ organizationId, connectorId: held.connectorId, importId: null });
  }
}

/** @returns seconds until the next run; null where an administrator is next */
async function work(
  deps: CorrectionDeps,
  connector: RunningConnector,
  held: HeldCorrection,
  slice: Slice,
): Promise<number | null> {
  switch (held.phase) {
    case 'listing':
      return (await listCopies(deps, connector, held, slice)) ? null : 0;
    case 'copying': {
      const moved = await moveCopies(deps, connector, held, slice);
      await verifyCopies(deps, connector, held, slice);
      if (moved && (await endCopying(deps.pool, held))) return null;
      return slice.over ? 0 : LOOK_AGAIN_SECONDS;
    }
    case 'removing':
      if (!(await removeCopies(deps, connector, held, slice))) return slice.over ? 0 : LOOK_AGAIN_SECONDS;
      await endRemoving(deps.pool, held);
      return null;
    default:
      return null;
  }
}

/** Lets it go and asks for the next run; should that be lost, the reconciler finds the row within a minute. */
async function rest(deps: CorrectionDeps, held: HeldCorrection, inSeconds: number): Promise<void> {
  const { organizationId, id: correctionId } = held;
  await letGo(deps.pool, held, { problem: null, inSeconds });
  await deps.enqueue('correct', { organizationId, correctionId }, { delayMs: inSeconds * 1000 + 50 });
}
