/** In doubt: was this copy written? Asked twice before "no" counts. */
import { itemPropertyId, itemPropertyValue } from '../../mail/identity.ts';
import { listAttachments } from '../../mailbox/attach.ts';
import { findCopies, type ItemProperty } from '../../mailbox/look-up.ts';
import { AppTokenError } from '../../microsoft/app-token.ts';
import { GraphError, type GraphFailure } from '../../microsoft/graph-errors.ts';
import { FALLBACK } from '../fallback.ts';
import type { ReasonCode } from '../reasons.ts';
import type { ClaimedDelivery, DoubtfulDelivery } from '../store/claims.ts';
import type { RunningConnector } from '../store/connectors.ts';
import type { FoundMessage } from '../store/doubt.ts';
import { complete } from './complete.ts';
import { PAUSE_SECONDS, type Ready, type ShardWork } from './shard-work.ts';

/** What the log says of each look, with what was found and how many looks there were. */
export const LOOKED_UP = 'a copy in doubt was looked up';

/** Looks once, finishes what it finds, and hands over to the next look or to the next attempt. */
export async function lookUp(work: ShardWork, ready: Ready): Promise<void> {
  const { delivery } = ready;
  const { itemProperty } = ready.plan;
  const began = work.deps.clock.monotonic();
  let asked = delivery.userId;
  try {
    const [messageId] = await copiesOf(work, { ...ready, itemProperty });
    const looks = delivery.lookups + 1;
    work.deps.log.info({ deliveryId: delivery.id, found: messageId !== undefined, looks }, LOOKED_UP);
    if (messageId !== undefined) await complete(work, ready, messageId, null);
    else if (delivery.lookups >= 1) {
      const elsewhere = await listedElsewhere(work, ready);
      asked = elsewhere ?? asked;
      if (elsewhere === null || !(await takenOver(work, ready, elsewhere))) work.handBack(ready, 0);
    } else work.settle(delivery, { state: 'sending', inSeconds: secondLookSeconds(work), absent: true });
  } catch (error) {
    if (await work.isWorthAnother(error, delivery.sourceId, began)) return lookUp(work, ready);
    await cannotLook(work, delivery, error, began, asked);
  }
}

/**
 * The same for a copy of which the content that was kept does not open any more: what is found is what there is of it.
 *
 * @param reason why nothing can be sent
 */
export async function lookUpLost(
  work: ShardWork,
  connector: RunningConnector,
  delivery: DoubtfulDelivery,
  reason: ReasonCode,
): Promise<void> {
  const facts = work.deps.mailFacts(connector.kind);
  const { organizationId, kind, accountId: account } = connector;
  const value = itemPropertyValue({ organizationId, kind, account }, delivery.sourceItemId);
  const itemProperty = { id: itemPropertyId(facts.itemIdProperty), value };
  const { userId } = delivery;
  const began = work.deps.clock.monotonic();
  try {
    const [found] =
      delivery.messageId === null
        ? await copiesOf(work, { userId, folderName: facts.folderName, itemProperty })
        : [delivery.messageId];
    if (found !== undefined) {
      const whole = delivery.attachments === 0;
      const contentHash = whole && found === delivery.messageId ? delivery.contentHash : null;
      const end = whole
        ? ({ state: 'imported', reason: null } as const)
        : ({ state: 'partially_imported', reason } as const);
      work.settle(delivery, { ...end, messageId: found, contentHash });
    } else if (delivery.lookups >= 1) work.settle(delivery, { state: 'failed', reason });
    else work.settle(delivery, { state: 'sending', inSeconds: secondLookSeconds(work), absent: true });
  } catch (error) {
    if (await work.isWorthAnother(error, delivery.sourceId, began)) {
      return lookUpLost(work, connector, delivery, reason);
    }
    await cannotLook(work, delivery, error, began);
  }
}

/** After a restore, the mailbox to which a mapping that was lost may have sent it, where the one in force names another one. */
async function listedElsewhere(work: ShardWork, { delivery, plan }: Ready): Promise<string | null> {
  // Nobody's own: who set another fallback mailbox since knows which of both is right.
  if (delivery.participant === FALLBACK) return null;
  return work.deps.ledger.listedElsewhere(delivery, plan.itemProperty.value);
}

/**
 * Whether it lies in that mailbox. It is taken over where it lies, and as it lies: sent once more, it would be there twice, and
 * nothing is added in a mailbox that is perhaps another person's.
 */
async function takenOver(work: ShardWork, ready: Ready, userId: string): Promise<boolean> {
  const { ledger, log, notify } = work.deps;
  const { delivery, plan } = ready;
  const lying = await unlessGone(async () => {
    const [messageId = null] = await findCopies(work.graph, userId, null, plan.itemProperty, work.reading(userId));
    return messageId === null ? { messageId } : { messageId, ...(await asItLies(work, ready, userId, messageId)) };
  });
  if (lying === undefined) return false;
  if (lying.messageId === null) {
    await ledger.takeOverListed(work.organizationId, delivery, plan.itemProperty.value, { userId, messageId: null });
    return false;
  }
  const found = { deliveryId: delivery.id, userId, ...lying };
  // It is nobody's for a moment. Should this worker die in it, the copy is given its mailbox, and looked for, again.
  work.settle(delivery, { state: 'waiting', reason: 'found_elsewhere' });
  await work.flush();
  const result = await ledger.takeOverListed(work.organizationId, delivery, plan.itemProperty.value, found);
  log.warn({ deliveryId: delivery.id, result }, 'a copy was found in a mailbox that it is not owed to');
  notify({ organizationId: work.organizationId, connectorId: delivery.connectorId, importId: delivery.importId });
  return true;
}

/** What a message that stays as it is makes of its copy: the worker of the lost life may have died before the last attachment. */
async function asItLies(
  work: ShardWork,
  ready: Ready,
  userId: string,
  messageId: string,
): Promise<Pick<FoundMessage, 'state' | 'reason'>> {
  const url = `/users/${userId}/messages/${encodeURIComponent(messageId)}/attachments`;
  const { attachments } = ready.plan;
  const there =
    attachments.length === 0 ? [] : await listAttachments(work.graph, url, async () => work.reading(userId));
  const names = new Set(there.map(({ name }) => name));
  if (!attachments.every(({ name }) => names.has(name))) {
    return { state: 'partially_imported', reason: 'found_unfinished' };
  }
  const { shortfall } = ready;
  if (shortfall !== null) return { state: 'partially_imported', reason: shortfall };
  return { state: 'imported', reason: ready.mended ? 'item_mended' : null };
}

/**
 * Undefined where the mailbox is not there any more, however far one had read in it. One that does not open is no word about what lies
 * in it: nothing is sent meanwhile.
 */
async function unlessGone<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof GraphError && GONE.has(error.failure)) return;
    throw error;
  }
}

const GONE: ReadonlySet<GraphFailure> = new Set(['no_mailbox', 'no_such_user']);

/** @param asked the mailbox that failed: the copy's own, or another in which it may lie */
async function cannotLook(
  work: ShardWork,
  delivery: ClaimedDelivery,
  error: unknown,
  began: number,
  asked = delivery.userId,
): Promise<void> {
  if (error instanceof AppTokenError) await work.halt(error, delivery.sourceId);
  if (error instanceof GraphError && (error.failure === 'no_mailbox' || error.failure === 'no_such_user')) {
    work.settle(delivery, { state: 'waiting', reason: 'no_mailbox' });
    return;
  }
  const refusal = error instanceof GraphError ? await refusalOf(work, delivery, error, began) : null;
  if (refusal !== null) {
    // Its doubt stays with it: a retry looks before it sends, and so does the look a day later.
    work.settle(delivery, { state: 'failed', reason: refusal });
    return;
  }
  const inSeconds = error instanceof GraphError ? await pauseOf(work, delivery, error, asked) : PAUSE_SECONDS;
  work.settle(delivery, { state: 'sending', inSeconds, absent: false });
}

async function pauseOf(
  work: ShardWork,
  { userId }: ClaimedDelivery,
  error: GraphError,
  asked: string,
): Promise<number> {
  return asked === userId ? work.pause(userId, error) : work.pauseElsewhere(asked, error);
}

/** Why looking again will not help; null where it may. */
async function refusalOf(
  work: ShardWork,
  delivery: ClaimedDelivery,
  { failure }: GraphError,
  began: number,
): Promise<ReasonCode | null> {
  switch (failure) {
    case 'bad_request':
      return 'refused_message';
    case 'forbidden':
    case 'blocked_by_policy':
      return (await work.meaningOfForbidden(delivery.sourceId, began)) === 'closed_mailbox' ? 'access_denied' : null;
    default:
      return null;
  }
}

interface Sought {
  readonly userId: string;
  readonly folderName: string;
  readonly itemProperty: ItemProperty;
}

async function copiesOf(work: ShardWork, { userId, folderName, itemProperty }: Sought): Promise<string[]> {
  const { ledger } = work.deps;
  const folders = await ledger.rememberedFolders(work.organizationId, folderName, [userId]);
  const folderId = folders.get(userId) ?? null;
  try {
    return await findCopies(work.graph, userId, folderId, itemProperty, work.reading(userId));
  } catch (error) {
    if (folderId === null || !(error instanceof GraphError) || error.failure !== 'item_not_found') throw error;
    await ledger.forgetFolder(work.organizationId, folderName, userId);
    return findCopies(work.graph, userId, null, itemProperty, work.reading(userId));
  }
}

/** Two looks that follow at once would see the same; a tenth of the allowance lies between them. */
function secondLookSeconds({ deps }: ShardWork): number {
  return Math.max(1, deps.settings.lateCommitSeconds / 10);
}
