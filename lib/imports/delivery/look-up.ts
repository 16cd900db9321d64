/** In doubt: was this copy written? Asked twice before "no" counts. */
import { findCopies } from '../../mailbox/look-up.ts';
import { AppTokenError } from '../../microsoft/app-token.ts';
import { GraphError } from '../../microsoft/graph-errors.ts';
import { complete } from './complete.ts';
import { PAUSE_SECONDS, type Ready, type ShardWork } from './shard-work.ts';

/** What the log says of each look, with what was found and how many looks there were. */
export const LOOKED_UP = 'a copy in doubt was looked up';

/** Looks once, finishes what it finds, and hands over to the next look or to the next attempt. */
export async function lookUp(work: ShardWork, ready: Ready): Promise<void> {
  const { delivery } = ready;
  try {
    const [messageId] = await copiesOf(work, ready);
    const looks = delivery.lookups + 1;
    work.deps.log.info({ deliveryId: delivery.id, found: messageId !== undefined, looks }, LOOKED_UP);
    if (messageId !== undefined) await complete(work, ready, messageId);
    else if (delivery.lookups >= 1) work.handBack(ready, 0);
    else work.settle(delivery, { state: 'sending', inSeconds: secondLookSeconds(work), absent: true });
  } catch (error) {
    if (error instanceof AppTokenError) await work.halt(error, delivery.sourceId);
    if (error instanceof GraphError && (error.failure === 'no_mailbox' || error.failure === 'no_such_user')) {
      work.settle(delivery, { state: 'waiting', reason: 'no_mailbox' });
      return;
    }
    if (error instanceof GraphError) work.pause(ready.userId, error);
    work.settle(delivery, { state: 'sending', inSeconds: PAUSE_SECONDS, absent: false });
  }
}

async function copiesOf(work: ShardWork, ready: Ready): Promise<string[]> {
  const { itemProperty } = ready.plan.message;
  const { ledger } = work.deps;
  const folders = await ledger.rememberedFolders(work.organizationId, ready.folderName, [ready.userId]);
  const folderId = folders.get(ready.userId) ?? null;
  try {
    return await findCopies(work.graph, ready.userId, folderId, itemProperty, work.reading());
  } catch (error) {
    if (folderId === null || !(error instanceof GraphError) || error.failure !== 'item_not_found') throw error;
    await ledger.forgetFolder(work.organizationId, ready.folderName, ready.userId);
    return findCopies(work.graph, ready.userId, null, itemProperty, work.reading());
  }
}

/** Two looks that follow at once would see the same; a tenth of the allowance lies between them. */
function secondLookSeconds({ deps }: ShardWork): number {
  return Math.max(1, deps.settings.lateCommitSeconds / 10);
}
