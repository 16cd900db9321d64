/** Which part of the product does which job. */
import { checkDays } from '#lib/imports/check-days.ts';
import { clearStaging } from '#lib/imports/clear-staging.ts';
import { collectDue } from '#lib/imports/collect.ts';
import { deliverShard } from '#lib/imports/deliver.ts';
import type { ImportDeps } from '#lib/imports/deps.ts';
import { fetchAttachments } from '#lib/imports/fetch-attachments.ts';
import { planConnector } from '#lib/imports/plan.ts';
import { recheckWindow, reconcileImport } from '#lib/imports/reconcile.ts';
import { releaseWaiting } from '#lib/imports/release.ts';
import { sweepDoubt } from '#lib/imports/sweep-doubt.ts';
import { sweepStaging } from '#lib/imports/sweep-staging.ts';
import type { Handlers } from '#lib/queue/consumer.ts';

/** @param others jobs that are none of the import engine's */
export function processors(
  deps: ImportDeps,
  others: Pick<
    Handlers,
    'verify' | 'correct' | 'compareMailboxes' | 'clearDiscardedRows' | 'tellPeople' | 'verifyAudit' | 'purge'
  >,
): Handlers {
  return {
    ...others,
    plan: (input, signal) => planConnector(deps, input, signal),
    collect: ({ organizationId, connectorId }, signal) => collectDue(deps, organizationId, connectorId, signal),
    fetchAttachments: ({ organizationId, importId }, signal) =>
      fetchAttachments(deps, organizationId, importId, signal),
    deliver: ({ organizationId, shard }, signal) => deliverShard(deps, organizationId, shard, signal),
    reconcile: ({ organizationId, importId }, signal) => reconcileImport(deps, organizationId, importId, signal),
    release: async ({ organizationId, connectorId }, signal) => {
      await releaseWaiting(deps, organizationId, connectorId, signal);
    },
    recheck: ({ organizationId, windowId }, signal) => recheckWindow(deps, organizationId, windowId, signal),
    clear: async ({ organizationId, importId }) => {
      await deps.ledger.keepCancelledNumbers(organizationId, importId);
      await clearStaging(deps, organizationId, importId);
    },
    checkDays: ({ organizationId }) => checkDays(deps, organizationId),
    sweepStaging: ({ organizationId }, signal) => sweepStaging(deps, organizationId, signal),
    sweepDoubt: ({ organizationId }, signal) => sweepDoubt(deps, organizationId, signal),
  };
}
