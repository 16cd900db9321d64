/**
 * Retry: copies that Microsoft 365 refused are sent again, after somebody has mended what was wrong; singly, or all of a
 * reason, an import, a connector. The numbers with which an import was completed stay; those of now move.
 */
import type pg from 'pg';
import { auditIn } from '../audit/entries.ts';
import { inTransaction } from '../db.ts';
import { keptInForce } from '../mapping/store/in-force.ts';
import { type Actor, authorize } from '../security/actor.ts';
import type { CommandDeps } from './commands.ts';
import type { RetryKind } from './retryable.ts';
import { liveConnector, type RunningConnector } from './store/connectors.ts';
import { openAgain } from './store/reopen.ts';
import { type Retried, retryAttachments, retryFailed } from './store/retry.ts';
import { seekContent, windowsOfLost } from './store/seek-content.ts';
import { lockItems, type UndoneKey, type UndoneSelection, undoneSets } from './store/undone.ts';

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
      /** windows that are read from the source again, because content of theirs is lost here */
      readonly readAgain: number;
    }
  | { readonly kind: 'not_found' };

/** Copies of one transaction, each of which has its audit entry. */
const SET = 1_000;

/**
 * Sends what was chosen on its way again; where its content is lost here, the source is asked for it as well: whatever
 * comes first, the storage that was restored or the source, is sent. Where the mapping has changed since, the one in force
 * chooses the mailbox. A paused or stopped connector sends it when it goes on. What an interruption
 * leaves out stays failed, and can be asked for again.
 *
 * @throws NotAllowed
 */
export async function retryCopies(deps: CommandDeps, actor: Actor, selection: RetrySelection): Promise<RetryResult> {
  authorize(actor, 'imports.retry');
  const { organizationId } = actor;
  const { connectorId, kind, reason, importId } = selection;
  const connector = await liveConnector(deps.pool, organizationId, connectorId);
  if (connector === null) return { kind: 'not_found' };
  const shards = new Set<number>();
  let sent = 0;
  let toDecide = 0;
  let skipped = 0;
  let readAgain = 0;
  for await (const keys of undoneSets(deps.pool, organizationId, selection, SET)) {
    const set = await inTransaction(deps.pool, async (client): Promise<Retried> => {
      // Before the items, as whoever decides by a mapping does it.
      const version = await keptInForce(client, organizationId, connectorId);
      await lockItems(client, keys);
      readAgain += await readWindowsAgain(client, connector, actor, keys);
      const retried = await (kind === 'failed'
        ? retryFailed(client, keys, version?.id ?? null)
        : retryAttachments(client, keys));
      if (retried.sent + retried.skipped > 0) {
        const detail = { kind, reason, importId, sent: retried.sent, skipped: retried.skipped };
        await auditIn(client, actor, { action: 'copies.retried', connectorId, detail });
      }
      return retried;
    });
    sent += set.sent;
    toDecide += set.toDecide;
    skipped += set.skipped;
    for (const shard of set.shards) shards.add(shard);
  }
  for (const shard of shards) {
    await deps.enqueue('deliver', { organizationId, shard }, { key: `${organizationId}.${shard}` });
  }
  if (toDecide > 0) await deps.enqueue('release', { organizationId, connectorId }, { key: connectorId });
  if (readAgain > 0) await deps.enqueue('collect', { organizationId, connectorId }, { key: connectorId });
  if (sent + skipped > 0) deps.notify({ organizationId, connectorId, importId: null });
  return { kind: 'done', sent, skipped, readAgain };
}

/** @returns how many windows hold lost content of these copies and are read again */
async function readWindowsAgain(
  client: pg.PoolClient,
  connector: RunningConnector,
  { name }: Actor,
  keys: readonly UndoneKey[],
): Promise<number> {
  const windowIds = await windowsOfLost(client, connector.id, keys);
  let opened = 0;
  for (const id of windowIds)
    opened += (await openAgain(client, connector, { kind: 'window', id }, 'repeat', name)).length;
  await seekContent(client, windowIds);
  return opened;
}
