/**
 * Removing: messages whose copy is verified in the right mailbox leave the wrong one. A message is known by its item's own
 * property and by the id that Graph gave it when it was made; what a person copied elsewhere is left. Before each removal
 * the right mailbox is asked once more, and the audit log has its entry.
 */
import type { RunningConnector } from '../imports/store/connectors.ts';
import { provablySurplus } from '../imports/sweep-doubt.ts';
import { type FoundCopy, removeMessage } from '../mailbox/look-up.ts';
import type { CopyKey, CopyReason } from './correction.ts';
import type { CorrectionDeps } from './deps.ts';
import type { RequestTimes, Slice } from './slice.ts';
import { type Finding, writeFindings } from './store/copies.ts';
import type { HeldCorrection } from './store/corrections.ts';
import { beginRemoval, noteRemoval, type WrongMessage, wrongMessages } from './store/removal.ts';
import { movedCopy, type ServingMessage } from './store/verification.ts';
import { atMailbox, copiesOf, presence } from './verify-copies.ts';

const SET = 20;

type Verdict = Pick<Finding, 'state' | 'reason'>;

/**
 * Removes what is verified, one message after the other.
 *
 * @returns whether everything was looked at, and nothing that was removed is still there
 * @throws GraphError, AppTokenError, CorrectionLostError
 */
export async function removeCopies(
  deps: CorrectionDeps,
  connector: RunningConnector,
  held: HeldCorrection,
  slice: Slice,
): Promise<boolean> {
  let after: CopyKey | null = null;
  let allGone = true;
  for (;;) {
    const messages: readonly WrongMessage[] = await wrongMessages(deps.pool, held, after, SET);
    const last = messages.at(-1);
    if (!last) return allGone;
    after = last;
    for (const message of messages) {
      if (slice.over) return false;
      const { archivedAt, deliveryId } = message;
      const verdict = await removeOne(deps, connector, held, message, slice);
      allGone &&= verdict.state !== 'removing';
      await writeFindings(deps.pool, held, ['verified', 'removing'], [{ archivedAt, deliveryId, ...verdict }]);
    }
    deps.notify({ organizationId: held.organizationId, connectorId: held.connectorId, importId: null });
  }
}

async function removeOne(
  deps: CorrectionDeps,
  connector: RunningConnector,
  held: HeldCorrection,
  message: WrongMessage,
  slice: Slice,
): Promise<Verdict> {
  const copy = await movedCopy(deps.pool, held, message);
  const served = copy?.served ?? null;
  if (!copy || copy.userId !== copy.toUserId || !isThere(served)) return { state: 'moved', reason: 'went_elsewhere' };
  const { toUserId } = copy;
  const there = await atMailbox(deps, connector, toUserId, slice, (times) =>
    presence(deps, connector, toUserId, served, times),
  );
  if (there !== null) return { state: 'moved', reason: there };
  const others = await beginRemoval(deps.pool, held, message);
  if (others !== null) return ofOthers(others);
  const kept = { userId: toUserId, messageId: served.messageId };
  const removed = await atMailbox(deps, connector, message.fromUserId, slice, (times) =>
    removeFromWrong(deps, connector, held, message, kept, times),
  );
  // A refusal may end: then somebody confirms the removal once more. A mailbox that is gone took its message along.
  if (removed === 'access_denied') return { state: 'verified', reason: removed };
  return typeof removed === 'string' ? { state: 'left', reason: removed } : removed;
}

/** What is somebody's stays theirs; what is all that somebody has until their own arrives may be removed then. */
function ofOthers(reason: CopyReason): Verdict {
  return { state: reason === 'others_copy_missing' ? 'verified' : 'left', reason };
}

function isThere(served: ServingMessage | null): served is ServingMessage & { readonly messageId: string } {
  return (
    served !== null &&
    served.messageId !== null &&
    (served.state === 'imported' || served.state === 'partially_imported')
  );
}

async function removeFromWrong(
  deps: CorrectionDeps,
  connector: RunningConnector,
  held: HeldCorrection,
  message: WrongMessage,
  kept: { readonly userId: string; readonly messageId: string },
  times: RequestTimes,
): Promise<Verdict> {
  const { fromUserId } = message;
  const list = async () => sortOut(message, await copiesOf(deps, connector, fromUserId, message.sourceItemId, times));
  const found = await list();
  for (const { id } of found.ours) {
    // Noted before it goes, so that no removal is ever without its entry.
    const others = await noteRemoval(deps.pool, held, message, id, kept);
    if (others !== null) return ofOthers(others);
    await removeMessage(deps.graph(connector.organizationId), fromUserId, id, times.changing());
    deps.log.info({ correctionId: held.id, deliveryId: message.deliveryId }, 'a misfiled message was removed');
  }
  const left = found.ours.length === 0 ? found : await list();
  if (left.ours.length > 0) return { state: 'removing', reason: 'noted' };
  if (left.others.length > 0) return { state: 'removed', reason: 'copies_left' };
  return { state: 'removed', reason: found.ours.length === 0 && !message.noted ? 'already_gone' : null };
}

/** The message that was made there, wherever it lies by now, and further ones that nobody else can have made. Pure. */
export function sortOut(
  { fromMessageId }: Pick<WrongMessage, 'fromMessageId'>,
  { copies, ours }: Awaited<ReturnType<typeof copiesOf>>,
): { readonly ours: readonly FoundCopy[]; readonly others: readonly FoundCopy[] } {
  const surplus = new Set(provablySurplus(copies, { ...ours, messageId: null }));
  const isOurs = (copy: FoundCopy): boolean => copy.id === fromMessageId || surplus.has(copy);
  return { ours: copies.filter(isOurs), others: copies.filter((copy) => !isOurs(copy)) };
}
