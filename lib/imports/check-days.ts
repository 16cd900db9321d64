/**
 * Adds every day of every connector up again, long after its imports were completed: mappings and retries move numbers
 * that were in balance once. A day that does not balance is an alert until it does.
 */
import { type DayBalance, daysOf } from './balance.ts';
import { copiesUnaccounted, itemsUnaccounted } from './counts.ts';
import type { ImportDeps } from './deps.ts';
import { raiseAlert, resolveWindowAlert } from './store/connectors.ts';

const CODE = 'day_does_not_balance';

/** One connector at a time, so that no query grows with the number of connectors. */
export async function checkDays(deps: ImportDeps, organizationId: string, signal: AbortSignal): Promise<void> {
  const { rows } = await deps.pool.query<{ id: string }>(
    `SELECT id FROM connector WHERE organization_id = $1 AND status = 'live' ORDER BY id`,
    [organizationId],
  );
  for (const { id: connectorId } of rows) {
    if (signal.aborted) return;
    const alerted = await alertedWindows(deps, connectorId);
    let changed = false;
    for (const day of await daysOf(deps.pool, organizationId, { connectorId, from: null, to: null })) {
      if (day.state === 'differs') await raise(deps, organizationId, day);
      else if (alerted.has(day.firstWindowId))
        await resolveWindowAlert(deps.pool, connectorId, day.firstWindowId, CODE);
      else continue;
      changed = true;
    }
    if (changed) deps.notify({ organizationId, connectorId, importId: null });
  }
}

/** First windows of the days that have an alert already. */
async function alertedWindows({ pool }: ImportDeps, connectorId: string): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ window_id: string }>(
    'SELECT window_id FROM alert WHERE connector_id = $1 AND code = $2 AND resolved_at IS NULL AND window_id IS NOT NULL',
    [connectorId, CODE],
  );
  return new Set(rows.map((row) => row.window_id));
}

async function raise(
  deps: ImportDeps,
  organizationId: string,
  { connectorId, day, counts, firstWindowId: windowId }: DayBalance & { readonly firstWindowId: string },
): Promise<void> {
  const detail = { day, items: itemsUnaccounted(counts), copies: copiesUnaccounted(counts) };
  deps.log.error({ connectorId, ...detail }, 'the numbers of a day do not add up');
  await raiseAlert(deps.pool, { organizationId, connectorId, importId: null, windowId, code: CODE, detail });
}
