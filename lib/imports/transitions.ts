/**
 * What a delivery's states mean for the numbers of its import. Pure.
 *
 * | from | to | when |
 * |---|---|---|
 * | waiting | pending | a mapping, a directory user or a mailbox appeared |
 * | waiting | sending | the same, and a copy of the item was in doubt once: it is looked for before it is sent |
 * | pending | sending | claimed, before any request |
 * | sending | pending | certainly not sent, or looked up twice and absent |
 * | sending | created | Graph answered 201, or the look-up found it; attachments are still to come |
 * | sending, created | imported, partially_imported | everything that can be there is there |
 * | sending | failed | Graph refuses it for good |
 * | sending, pending, created | waiting | the mailbox is gone |
 * | waiting | skipped | its mailbox holds a copy already |
 * | skipped | waiting | the mailbox of the copy that it was skipped for is gone |
 * | skipped | pending | the other phone's copy, for which it was skipped, failed |
 * | skipped | sending | the same, and a copy of the item was in doubt once |
 * | failed | pending | somebody asked for a retry, and the message's place in the mailbox was free |
 * | failed | sending | the same, and the copy was in doubt once: it is looked for before it is sent |
 * | failed | skipped | somebody asked for a retry, and another phone's copy has the place by now |
 * | partially_imported | created | somebody asked for a retry: the attachment that was refused is added |
 * | pending, skipped | waiting | another mapping is in force, which gives it another mailbox or none |
 * | pending, sending | failed | signed off while Microsoft 365 lets nobody deliver it |
 * | created | partially_imported | the same; the message is in its mailbox |
 * | imported, partially_imported, skipped | waiting | a correction: it lies in another mailbox than the mapping gives, and goes on from here like any other |
 * | skipped | imported, partially_imported | the copy that it was skipped for was corrected, and left it its message |
 * | waiting, failed | created, imported, partially_imported | a day after a doubt it was found in its mailbox |
 *
 * A copy that somebody signed off stays in its state for ever (`delivery.sign_off_id`, and a constraint on it).
 *
 * A copy that another one was skipped for and that is *partially imported* keeps its place, also where only its phone's
 * attachment is missing: the message is in the mailbox.
 */
import type { Outcome } from './counts.ts';

export type DeliveryState =
  | 'waiting'
  | 'pending'
  | 'sending'
  | 'created'
  | 'imported'
  | 'partially_imported'
  | 'skipped'
  | 'failed';

export type ItemOutcome = 'pending' | 'imported' | 'waiting' | 'failed' | 'unreadable' | 'repeat';

/** The counter in which a copy in this state is. */
export function copyOutcome(state: DeliveryState): Outcome {
  switch (state) {
    case 'pending':
    case 'sending':
    case 'created':
      return 'copies.pending';
    default:
      return `copies.${state}`;
  }
}

/** The changes to counters when a copy goes from one state to another. */
export function copyChanges(from: DeliveryState, to: DeliveryState): readonly (readonly [Outcome, number])[] {
  const before = copyOutcome(from);
  const after = copyOutcome(to);
  if (before === after) return [];
  const changes: (readonly [Outcome, number])[] = [
    [before, -1],
    [after, 1],
  ];
  // Who waits for a mapping has no mailbox yet, so the copy is not available for import.
  if (from === 'waiting') changes.push(['copies.available', 1]);
  if (to === 'waiting') changes.push(['copies.available', -1]);
  return changes;
}

/** An item's outcome from its copies: the first that applies. */
export function itemOutcome(states: Iterable<DeliveryState>): ItemOutcome {
  const seen = new Set(states);
  if (seen.has('imported') || seen.has('partially_imported')) return 'imported';
  if (seen.has('pending') || seen.has('sending') || seen.has('created')) return 'pending';
  if (seen.has('waiting')) return 'waiting';
  if (seen.has('failed')) return 'failed';
  return 'repeat';
}
