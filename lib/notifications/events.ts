/** What people are told of, and which reason of the ledger belongs to which of it. Pure. */
import { type ReasonCode, STOPPED_BY_SOURCE } from '../imports/reasons.ts';

export const EVENTS = [
  'import_failed',
  'nothing_imported',
  'waiting_above',
  'credentials_refused',
  'app_credential_ending',
  'does_not_balance',
  'mapping_changed',
  /** an alert that is none of the above: nothing stays silent because this list is shorter than that of alerts */
  'needs_attention',
] as const;
export type NotificationEvent = (typeof EVENTS)[number];

const REFUSED: readonly ReasonCode[] = [...STOPPED_BY_SOURCE, 'consent_missing', 'app_credential_refused'];
const UNBALANCED: readonly ReasonCode[] = ['does_not_balance', 'day_does_not_balance', 'manifest_differs'];
const FAILED: readonly ReasonCode[] = [
  'keeps_failing',
  'overdue',
  'not_planned',
  'source_silent',
  'feed_never_ends',
  'import_cancelled',
  'lost_at_source',
];

/** @param code of an open alert, or of a stop; also one of another version */
export function eventOf(code: string): NotificationEvent {
  const isAmong = (codes: readonly string[]): boolean => codes.includes(code);
  if (isAmong(REFUSED)) return 'credentials_refused';
  if (isAmong(UNBALANCED)) return 'does_not_balance';
  return isAmong(FAILED) ? 'import_failed' : 'needs_attention';
}

/**
 * Of these each connector of an organization suffers, sooner or later: Microsoft 365 knows the organization, not the
 * connector, and a source that is silent is the same for all.
 */
const OF_ALL: readonly string[] = ['consent_missing', 'app_credential_refused', 'app', 'source_silent'];

/** Whether a condition is the whole organization's. @param code of it, without the day of an alert */
export function isOfAll(code: string): boolean {
  return OF_ALL.includes(code);
}
