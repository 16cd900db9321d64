/**
 * The fallback mailbox: where it is set, an item that nobody of those who are owed a copy can receive is put there, once.
 * Pure. Those who wait go on waiting: each gets a copy of their own when their mailbox is known.
 */
import { maskedNumber } from '../security/shown-number.ts';
import type { RunningConnector } from './store/connectors.ts';

/** In place of a participant. What phones write is kept in lower case, so nobody can be called so. */
export const FALLBACK = 'FALLBACK';

/** Who a copy is for, as people are told. @param masked numbers are shown as `+1••••••0100` */
export function shownParticipant(participant: string, masked: boolean): string {
  return masked && participant !== FALLBACK ? maskedNumber(participant) : participant;
}

/** A mailbox by the rule `fallback`, as `chooseMailbox` gives one by the others. */
export interface FallbackChoice {
  readonly kind: 'mailbox';
  readonly candidate: { readonly rule: 'fallback' };
  readonly userId: string;
  readonly address: string;
}

/** The connector's fallback mailbox as a choice; null where none is set. */
export function fallbackChoice({ fallback }: Pick<RunningConnector, 'fallback'>): FallbackChoice | null {
  return fallback === null ? null : { kind: 'mailbox', candidate: { rule: 'fallback' }, ...fallback };
}
