/** What a retry can do something about: one rule for the ledger and for the pages that offer it. Pure. */
import type { UndoneKind } from './counts.ts';
import { CONTENT_LOST, type ReasonCode } from './reasons.ts';

export type RetryKind = 'failed' | 'partial';

/**
 * Why a copy lacks an attachment that lies sealed here, or is lost until the operator restores it or the source gives it
 * again, and that may be taken now. What the source never gave is not among them, and nothing is added to a message that
 * somebody removed.
 */
export const ATTACHMENT_MAY_BE_TAKEN: readonly ReasonCode[] = [
  'attachment_refused',
  'mailbox_full',
  'access_denied',
  ...CONTENT_LOST,
];

/** Whether sending copies of this kind and reason again can change anything. @param reason a code of `reasons.ts` */
export function mayBeRetried(kind: UndoneKind, reason: string): kind is RetryKind {
  return kind === 'failed' || (kind === 'partial' && (ATTACHMENT_MAY_BE_TAKEN as readonly string[]).includes(reason));
}
