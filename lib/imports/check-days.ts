/**
 * Adds every day of every connector up again, long after its imports were completed: mappings and retries move numbers
 * that were in balance once. A day that does not balance is an alert until it does.
 */
import type { ImportDeps } from './deps.ts';

export async function checkDays(deps: ImportDeps, organizationId: string): Promise<void> {
  for (const { connectorId, differing, changed } of await deps.ledger.judgeDays(organizationId)) {
    for (const day of differing) deps.log.error({ connectorId, ...day }, 'the numbers of a day do not add up');
    if (changed) deps.notify({ organizationId, connectorId, importId: null });
  }
}
