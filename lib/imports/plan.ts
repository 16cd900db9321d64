/** Plan: asks the source how far it has settled, and opens an import for every window that is missing up to there. */
import type { Region } from '../mapping/number.ts';
import type { ImportDeps } from './deps.ts';
import { handleProblem } from './problems.ts';
import { soundClock } from './retained.ts';
import { planThrough } from './windows.ts';

/** Why a plan was made. */
export type PlanTrigger = 'first' | 'scheduled' | 'manual';

/**
 * Plans for one connector and hands over to the collector. A source that cannot be asked now is asked again by the
 * reconciler: for a day that is due, and for what somebody asked for, both of which are rows. One that refuses for good
 * stops the connector.
 */
export async function planConnector(
  deps: ImportDeps,
  input: {
    readonly organizationId: string;
    readonly connectorId: string;
    readonly trigger: PlanTrigger;
  },
  signal: AbortSignal,
): Promise<void> {
  const { organizationId, connectorId } = input;
  const connector = await deps.ledger.liveConnector(organizationId, connectorId);
  if (!connector || connector.paused || connector.stoppedReason !== null) return;
  const source = deps.source(connector);
  // Of the row and not of the job: where a plan of the schedule waited already, the queue has dropped the job.
  const request = await deps.ledger.importRequest(organizationId, connectorId);
  const trigger = request !== null && input.trigger === 'scheduled' ? 'manual' : input.trigger;
  try {
    const { settledThrough, earliestRetained } = await soundClock(deps, source, signal);
    const through = planThrough(trigger, settledThrough);
    // The reconciler asks every minute until the source has settled what is due: then, all its users are read, and not
    // before. They must be there before a collector can find the windows.
    if (through > ((await deps.ledger.plannedThrough(connector)) ?? connector.firstImportFrom)) {
      const region = connector.defaultRegion as Region;
      await deps.ledger.syncSourceUsers({ organizationId, sourceId: connector.sourceId, region }, source.users(signal));
    }
    const opened = await deps.ledger.openWindows(connector, {
      through,
      earliestRetained,
      trigger,
      by: request?.by ?? null,
    });
    // Only the request that was there before the source was asked: a later one may mean what has settled since. Where
    // this is lost, one plan more is made, and it opens what is missing by then.
    if (request !== null) await deps.ledger.importPlanned(organizationId, connectorId, request);
    deps.log.info({ connectorId, trigger, windows: opened.length, through }, 'planned');
  } catch (error) {
    await handleProblem(deps, connector, error, 0);
    deps.notify({ organizationId, connectorId, importId: null });
    return;
  }
  deps.notify({ organizationId, connectorId, importId: null });
  await deps.enqueue('collect', { organizationId, connectorId }, { key: connectorId });
}
