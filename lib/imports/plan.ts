/** Plan: asks the source how far it has settled, and opens an import for every window that is missing up to there. */
import type { Region } from '../mapping/number.ts';
import type { ImportDeps } from './deps.ts';
import { handleProblem } from './problems.ts';
import { syncSourceUsers } from './source-users.ts';
import { liveConnector } from './store/connectors.ts';
import { openWindows } from './store/imports.ts';
import { planThrough } from './windows.ts';

/** After a source that could not be asked. One such attempt waits at a time. */
const RETRY_SECONDS = 60;

/** Why a plan was made. */
export type PlanTrigger = 'first' | 'scheduled' | 'manual';

/**
 * Plans for one connector and hands over to the collector. A source that cannot be asked now is asked again later; one
 * that refuses for good stops the connector.
 *
 * @param input.by who asked; nobody where it was the schedule
 */
export async function planConnector(
  deps: ImportDeps,
  input: {
    readonly organizationId: string;
    readonly connectorId: string;
    readonly trigger: PlanTrigger;
    readonly by?: string | undefined;
  },
  signal: AbortSignal,
): Promise<void> {
  const { organizationId, connectorId, trigger } = input;
  const connector = await liveConnector(deps.pool, organizationId, connectorId);
  if (!connector || connector.paused || connector.stoppedReason !== null) return;
  const source = deps.source(connector);
  try {
    const region = connector.defaultRegion as Region;
    await syncSourceUsers(deps.pool, { organizationId, sourceId: connector.sourceId, region }, source.users(signal));
    const { settledThrough, earliestRetained } = await source.clock(signal);
    const through = planThrough(trigger, settledThrough);
    const opened = await openWindows(deps.pool, connector, {
      through,
      earliestRetained,
      trigger,
      by: input.by ?? null,
    });
    deps.log.info({ connectorId, trigger, windows: opened.length, through }, 'planned');
  } catch (error) {
    // The reconciler asks again in a minute: for a day that is due by itself, for what somebody asked for only here.
    const problem = await handleProblem(deps, connector, error, 0);
    if (trigger === 'manual' && problem.class !== 'customer' && !signal.aborted) {
      const again = { key: `again.${connectorId}`, onceInSeconds: RETRY_SECONDS };
      await deps.enqueue('plan', input, { ...again, delayMs: RETRY_SECONDS * 1000 });
    }
    deps.notify({ organizationId, connectorId, importId: null });
    return;
  }
  deps.notify({ organizationId, connectorId, importId: null });
  await deps.enqueue('collect', { organizationId, connectorId }, { key: connectorId });
}
