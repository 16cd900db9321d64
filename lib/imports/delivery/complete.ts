/** After the create: attachments that were too large for it, or that an interruption left out. */
import type { PlannedAttachment } from '../../mail/attachments.ts';
import { completeAttachments } from '../../mailbox/attach.ts';
import { AppTokenError } from '../../microsoft/app-token.ts';
import { GraphError } from '../../microsoft/graph-errors.ts';
import { unwrapDataKey } from '../../security/sealing.ts';
import { attachmentName } from '../../staging/names.ts';
import type { ReasonCode } from '../reasons.ts';
import { dataKeyContext } from '../stage-attachments.ts';
import type { Settlement } from '../store/deliveries.ts';
import { DeadlineOverError, nameOf, PAUSE_SECONDS, type Ready, type ShardWork } from './shard-work.ts';

/** Whether the create held everything. */
export function isWholeAtOnce({ plan }: Ready): boolean {
  return plan.attachments.every(({ route }) => route === 'create');
}

/** The message is there with everything that can be there. */
export function whole({ shortfall, mended }: Ready, messageId: string, refused: readonly string[]): Settlement {
  if (shortfall !== null) return { state: 'partially_imported', messageId, reason: shortfall };
  if (refused.length > 0) return { state: 'partially_imported', messageId, reason: 'attachment_refused' };
  return { state: 'imported', messageId, reason: mended ? 'item_mended' : null };
}

/** Lists what the message has and adds what it lacks. What a broken upload left behind is not listed by Graph. */
export async function complete(work: ShardWork, ready: Ready, messageId: string): Promise<void> {
  const later = (inSeconds: number, perhapsUnderWay: boolean): Settlement => {
    return { state: 'created', messageId, inSeconds, perhapsUnderWay };
  };
  const settle = (settlement: Settlement): void => work.settle(ready.delivery, settlement);
  if (ready.plan.attachments.length === 0) return settle(whole(ready, messageId, []));
  const began = work.deps.clock.monotonic();
  try {
    const wanted = ready.plan.attachments.map((attachment) => ({
      name: attachment.name,
      contentType: attachment.contentType,
      size: attachment.size,
      read: (offset: number) => bytesOf(work, ready, attachment, offset),
    }));
    const permit = () => work.permit(ready);
    const { refused } = await completeAttachments(work.graph, ready.userId, messageId, wanted, permit);
    settle(whole(ready, messageId, refused));
  } catch (error) {
    if (error instanceof AppTokenError) await work.halt(error, ready.delivery.sourceId);
    if (error instanceof GraphError && (error.failure === 'no_mailbox' || error.failure === 'no_such_user')) {
      // It keeps its doubt: should this mailbox come back, what is in it is found and completed, not sent again.
      return settle({ state: 'waiting', reason: 'no_mailbox', created: true });
    }
    const refusal = error instanceof GraphError ? await refusalOf(work, ready, error, began) : null;
    if (refusal !== null) {
      settle({ state: 'partially_imported', messageId, reason: refusal });
    } else if (error instanceof GraphError) {
      const seconds = work.pause(ready.userId, error);
      // A part may still arrive: the attachments are listed again only after that.
      settle(later(seconds, error.inDoubt));
    } else if (!(error instanceof DeadlineOverError)) {
      work.deps.log.warn(
        { deliveryId: ready.delivery.id, name: nameOf(error) },
        'the attachments of a message are not complete yet',
      );
      settle(later(PAUSE_SECONDS, true));
    }
  }
}

/** Why an attachment will not get into the mailbox by trying again; null where it may. */
async function refusalOf(work: ShardWork, ready: Ready, error: GraphError, began: number): Promise<ReasonCode | null> {
  switch (error.failure) {
    case 'item_not_found':
      return 'removed_meanwhile';
    case 'mailbox_full':
      return 'mailbox_full';
    case 'bad_request':
      return 'attachment_refused';
    case 'forbidden':
    case 'blocked_by_policy':
      return (await work.meaningOfForbidden(ready.delivery.sourceId, began)) === 'closed_mailbox'
        ? 'access_denied'
        : null;
    default:
      return null;
  }
}

/** An attachment's bytes from `offset` on, opened and verified. */
export async function* bytesOf(
  work: ShardWork,
  ready: Ready,
  attachment: PlannedAttachment,
  offset: number,
): AsyncGenerator<Uint8Array> {
  if (attachment.content !== null) {
    yield attachment.content.subarray(offset);
    return;
  }
  const row = ready.attachments.get(attachment.id);
  if (!row?.dataKey) throw new Error('a planned attachment is not staged');
  const dataKey = unwrapDataKey(work.deps.keyRing, row.dataKey, dataKeyContext(row.id));
  const name = attachmentName(row.organizationId, row.importId, BigInt(row.id));
  yield* work.deps.staging.readAttachment(name, dataKey, { fromByte: offset, signal: work.hardStop });
}
