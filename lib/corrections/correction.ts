/**
 * Corrections: a number's copies that lie in another mailbox than the mapping in force gives them go to the right one,
 * are verified there, and only then, when somebody has seen the list, leave the wrong one.
 *
 * This subject decides what is misfiled, and takes it from step to step. Sending is the engine's matter (`imports/`): a
 * copy that is moved is one of its deliveries again, with leases, deadlines and look-ups. Pure.
 *
 * | phase | who is next | what happens |
 * |---|---|---|
 * | listing | worker | every archived copy of the number in the period is held against the mapping |
 * | listed | administrator | sees how many copies are where, and where they belong; nothing was changed |
 * | copying | worker | contents are fetched, copies given to the right mailboxes, delivered, verified |
 * | copied | administrator | sees what is verified, and which messages lie in wrong mailboxes; may look again |
 * | removing | worker | what is verified is removed from the wrong mailbox, each noted before |
 * | ended | nobody | |
 */
import type { WaitingReason } from '../mapping/choose-mailbox.ts';

export type CorrectionPhase = 'listing' | 'listed' | 'copying' | 'copied' | 'removing' | 'ended';

/** Phases in which a worker is next. */
export const WORKING_PHASES = ['listing', 'copying', 'removing'] as const;

export type CopyState =
  /** lies where the mapping gives it */
  | 'right'
  /** the mapping gives it no mailbox: it stays where it is */
  | 'nowhere'
  /** is misfiled, and stays so until somebody confirms */
  | 'listed'
  /** could not be moved, for a reason; nothing of it was changed */
  | 'kept_back'
  /** is the right mailbox's in the ledger, and not verified there yet */
  | 'moved'
  /** is there, once and whole */
  | 'verified'
  /** is being removed from the wrong mailbox: noted, perhaps done */
  | 'removing'
  /** is not in the wrong mailbox any more */
  | 'removed'
  /** is verified, and what is in the wrong mailbox stays, for a reason */
  | 'left';

/** Why a copy is where it is. `failed:` and `waiting:` carry the delivery's own code of `imports/reasons.ts`. */
export type CopyReason =
  | WaitingReason
  // kept back
  | 'not_at_source'
  | 'changed_at_source'
  | 'attachment_not_at_source'
  | 'others_not_at_source'
  | 'signed_off'
  | 'under_way'
  | 'changed_meanwhile'
  | 'mapping_changed'
  // moved, and not verified
  | 'on_its_way'
  | 'not_found'
  | 'found_twice'
  | 'content_differs'
  | 'went_elsewhere'
  | `failed:${string}`
  | `waiting:${string}`
  // verified: by a message that was in the right mailbox before
  | 'from_before'
  // of either mailbox
  | 'mailbox_gone'
  | 'access_denied'
  // left, or verified and not removed yet
  | 'of_another'
  | 'nothing_of_its_own'
  | 'already_gone'
  | 'others_copy_missing'
  // being removed: the audit log has its entry
  | 'noted'
  // removed
  | 'copies_left';

/** A copy of the ledger. */
export interface CopyKey {
  readonly archivedAt: Date;
  readonly deliveryId: string;
}

/** Longest comment that says why somebody corrects. */
export const REASON_LIMIT = 1000;
/** Longest period of one correction. */
export const LONGEST_PERIOD_DAYS = 3660;
