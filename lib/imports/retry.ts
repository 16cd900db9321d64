/**
 * Retry: copies that Microsoft 365 refused are sent again, after somebody has mended what was wrong; singly, or all of a
 * reason, an import, a connector. The numbers with which an import was completed stay; those of now move.
 */
import { inTransaction } from '../db.ts';
import { type Actor, authorize } from '../security/actor.ts';
import { auditIn } from '../security/audit.ts';
import type { CommandDeps } from './commands.ts';
import type { RetryKind } from './retryable.ts';
import { liveConnector } from './store/connectors.ts';
import { type Retried, retryAttachments, retryFailed } from './store/retry.ts';
import { lockItems, type UndoneSelection, undoneSets } from './store/undone.ts';

export interface RetrySelection extends UndoneSelection {
  readonly kind: RetryKind;
}

export type RetryResult =
  | {
      readonly kind: 'done';
      /** copies on their way again */
      readonly sent: number;
      /** copies that are not sent, because another phone's copy of the message is or will be in that mailbox */
      readonly skipped: number;
    }
  | { readonly kind: 'not_found' };

/** Copies of one transaction, each of which has its audit entry. */
const SET = 1_000;

/**
 * Sends what was chosen on its way again. A paused or stopped connector sends it when it goes on. What an interruption
 * leaves out stays failed, and can be asked for again.
 *
 * @throws NotAllowed
 */
export async function retryCopies(deps: CommandDeps, actor: Actor, selection: RetrySelection): Promise<RetryResult> {
  authorize(actor, 'imports.retry');
  const { organizationId } = actor;
  const { connectorId, kind, reason, importId } = selection;
  if ((await liveConnector(deps.pool, organizationId, connectorId)) === null) return { kind: 'not_found' };
  const shards = new Set<number>();
  let sent = 0;
  let skipped = 0;
  for await (const keys of undoneSets(deps.pool, organizationId, selection, SET)) {
    const set = await inTransaction(deps.pool, async (client): Promise<Retried> => {
      await lockItems(client, keys);
      const retried = await (kind === 'failed' ? retryFailed : retryAttachments)(client, keys);
      if (retried.sent + retried.skipped > 0) {
        const detail = { kind, reason, importId, sent: retried.sent, skipped: retried.skipped };
        await auditIn(client, actor, { action: 'copies.retried', connectorId, detail });
      }
      return retried;
    });
    sent += set.sent;
    skipped += set.skipped;
    for (const shard of set.shards) shards.add(shard);
  }
  for (const shard of shards) {
    await deps.enqueue('deliver', { organizationId, shard }, { key: `${organizationId}.${shard}` });
  }
  if (sent + skipped > 0) deps.notify({ organizationId, connectorId, importId: null });
  return { kind: 'done', sent, skipped };
}
