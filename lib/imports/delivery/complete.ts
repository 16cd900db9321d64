/** After the create: attachments that were too large for it, or that an interruption left out. */
import type { PlannedAttachment } from '../../mail/attachments.ts';
import { notArchivedNote } from '../../mail/not-archived.ts';
import { sha256 } from '../../mail/sha256.ts';
import {
  type AddedAttachments,
  AttachmentLostError,
  type AttachmentToAdd,
  completeAttachments,
  type RefusedAttachment,
} from '../../mailbox/attach.ts';
import { UploadInterruptedError } from '../../mailbox/upload-session.ts';
import { AppTokenError } from '../../microsoft/app-token.ts';
import { GraphError } from '../../microsoft/graph-errors.ts';
import { TamperedError, unwrapDataKey } from '../../security/sealing.ts';
import { StagedContentMissingError } from '../../staging/errors.ts';
import { attachmentName } from '../../staging/names.ts';
import type { DeliveryPlan } from '../prepare.ts';
import { isReasonCode, type ReasonCode } from '../reasons.ts';
import { dataKeyContext } from '../stage-attachments.ts';
import type { AttachmentRow } from '../store/attachments.ts';
import type { ContentHash, Settlement } from '../store/settle.ts';
import {
  DeadlineOverError,
  nameOf,
  PAUSE_SECONDS,
  type Ready,
  type ShardWork,
  StopRequestedError,
} from './shard-work.ts';
import { uploadMemory } from './upload-memory.ts';

/** Whether the create held everything. */
export function isWholeAtOnce({ plan }: Ready): boolean {
  return plan.attachments.every(({ route }) => route === 'create');
}

/** The message is there with everything that can be there. */
export function whole(
  { shortfall, mended }: Ready,
  messageId: string,
  contentHash: ContentHash,
  refused: readonly RefusedAttachment[] = [],
): Settlement {
  const there = { messageId, contentHash };
  if (shortfall !== null) return { state: 'partially_imported', ...there, reason: shortfall };
  const lost = refused.find(({ because }) => because === 'lost')?.code;
  if (lost !== undefined && isReasonCode(lost)) return { state: 'partially_imported', ...there, reason: lost };
  if (refused.length > 0) return { state: 'partially_imported', ...there, reason: 'attachment_refused' };
  return { state: 'imported', ...there, reason: mended ? 'item_mended' : null };
}

/**
 * Lists what the message has and adds what it lacks. What a broken upload left behind is not listed by Graph.
 *
 * @param made the content hash of the message as it was made
 */
export async function complete(work: ShardWork, ready: Ready, messageId: string, made: ContentHash): Promise<void> {
  const { delivery, plan, userId } = ready;
  if (plan.attachments.length === 0) return work.settle(delivery, whole(ready, messageId, made));
  const began = work.deps.clock.monotonic();
  try {
    const wanted = plan.attachments.map((attachment) => toAdd(work, ready, attachment));
    const permit = () => work.permit(ready);
    const note = (refused: readonly RefusedAttachment[]) => noteOf(work, ready, refused);
    const added = await completeAttachments(work.graph, userId, messageId, wanted, permit, note);
    work.settle(delivery, whole(ready, messageId, hashOf(plan, made, added), added.refused));
  } catch (error) {
    // A session remembers what arrived: a request of it that is still under way does no harm.
    const inSession = error instanceof UploadInterruptedError;
    const cause = inSession ? error.cause : error;
    if (await work.isWorthAnother(cause, delivery.sourceId, began)) return complete(work, ready, messageId, made);
    const settlement = await afterFailure(work, ready, { messageId, contentHash: made }, cause, began);
    if (settlement === null) return;
    work.settle(delivery, inSession && settlement.state === 'created' ? atRest(settlement) : settlement);
  }
}

function atRest(settlement: Extract<Settlement, { state: 'created' }>): Settlement {
  return { ...settlement, perhapsUnderWay: false };
}

/**
 * The content hash of a message that lacks what the mailbox refused, and has a note of it. Known where it was made as it is
 * planned now: another plan may have been another body.
 */
function hashOf(plan: DeliveryPlan, made: ContentHash, { refused, noted }: AddedAttachments): ContentHash {
  if (refused.length === 0) return made;
  if (made !== plan.contentHash) return null;
  const names = new Set(refused.map(({ name }) => name));
  const there = plan.attachments.filter(({ name }) => !names.has(name));
  const note = noted ? [noteFile(plan, refused)] : [];
  return plan.contentHashOf([...there, ...note]);
}

/** Null where the copy is another worker's by now. */
async function afterFailure(
  work: ShardWork,
  ready: Ready,
  created: { readonly messageId: string; readonly contentHash: ContentHash },
  error: unknown,
  began: number,
): Promise<Settlement | null> {
  const later = (inSeconds: number, perhapsUnderWay: boolean): Settlement => {
    return { state: 'created', ...created, inSeconds, perhapsUnderWay };
  };
  if (error instanceof StopRequestedError) return later(0, false);
  if (error instanceof DeadlineOverError) return null;
  if (error instanceof AppTokenError) await work.halt(error, ready.delivery.sourceId);
  if (error instanceof GraphError) {
    if (error.failure === 'no_mailbox' || error.failure === 'no_such_user') {
      // It keeps its doubt: should this mailbox come back, what is in it is found and completed, not sent again.
      return { state: 'waiting', reason: 'no_mailbox', created: true };
    }
    const refusal = await refusalOf(work, ready, error, began);
    // How far it came with the attachments, nobody noted.
    if (refusal !== null) return { state: 'partially_imported', ...created, contentHash: null, reason: refusal };
    // An attachment may still arrive: they are listed again only after that.
    return later(work.pause(ready.userId, error), error.inDoubt);
  }
  const log = { deliveryId: ready.delivery.id, name: nameOf(error) };
  work.deps.log.warn(log, 'the attachments of a message are not complete yet');
  return later(work.hardStop.aborted ? 0 : PAUSE_SECONDS, true);
}

function toAdd(work: ShardWork, ready: Ready, attachment: PlannedAttachment): AttachmentToAdd {
  return {
    name: attachment.name,
    contentType: attachment.contentType,
    size: attachment.size,
    read: (offset) => bytesOf(work, ready, attachment, offset),
    memory: uploadMemory(work, ready, attachment),
  };
}

const WHY: Readonly<Record<RefusedAttachment['because'], (code: string) => string>> = {
  size: () => 'the mailbox does not accept a message of this size',
  other: (code) => `Microsoft 365 does not accept this file (${code})`,
  lost: (code) => `the content that was kept of it was lost (${code})`,
};

/** The file that says in the mailbox what is not in it. */
function noteOf(work: ShardWork, ready: Ready, refused: readonly RefusedAttachment[]): AttachmentToAdd {
  return toAdd(work, ready, noteFile(ready.plan, refused));
}

function noteFile({ attachments }: DeliveryPlan, refused: readonly RefusedAttachment[]): PlannedAttachment {
  const reasons = refused.map(({ name, because, code }) => ({ name, reason: WHY[because](code) }));
  const { name, content } = notArchivedNote(attachments, reasons);
  const file = { id: `generated:${name}`, name, contentType: 'text/plain', size: content.length, content };
  return { ...file, sha256: sha256(content), route: 'post', contentId: null };
}

/** Why an attachment will not get into the mailbox by trying again; null where it may. */
async function refusalOf(work: ShardWork, ready: Ready, error: GraphError, began: number): Promise<ReasonCode | null> {
  switch (error.failure) {
    case 'item_not_found':
      // Graph says what it does not find; a bare 404 is somebody else's, on the way to it.
      return error.code === 'Http404' ? null : 'removed_meanwhile';
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

/** An attachment's bytes from `offset` on, opened and verified. @throws AttachmentLostError */
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
  try {
    const dataKey = unwrapDataKey(work.deps.keyRing, row.dataKey, dataKeyContext(row.id));
    const name = attachmentName(row.organizationId, row.importId, BigInt(row.id));
    yield* work.deps.staging.readAttachment(name, dataKey, { fromByte: offset, signal: work.hardStop });
  } catch (error) {
    throw (await whetherLost(work, row, error)) ?? error;
  }
}

/** What is altered or not there is lost where its row still says that it is: it may have been sealed again meanwhile. */
async function whetherLost(work: ShardWork, row: AttachmentRow, error: unknown): Promise<AttachmentLostError | null> {
  const isDamaged = error instanceof TamperedError;
  if (!isDamaged && !(error instanceof StagedContentMissingError)) return null;
  const rows = (await work.deps.ledger.attachmentsOfItems([row])).get(row.itemId) ?? [];
  const isNamed = rows.some(({ id, state }) => id === row.id && state === 'staged');
  const code: ReasonCode = isDamaged ? 'content_damaged' : 'content_missing';
  return isNamed ? new AttachmentLostError(code) : null;
}
