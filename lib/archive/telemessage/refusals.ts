/**
 * What a refusal of the archive site means to us. Pure: one table from the contract's result codes (telemessage-archive
 * contract, `Error` and the comments at its responses) to the failures of the port.
 */
import { z } from 'zod';
import { SourceError, type SourceFailure } from '../source.ts';

/** The session is over (302). Never leaves this folder: the session signs in again, once. */
export class SessionExpired extends Error {
  override name = 'SessionExpired';
}

const refusalSchema = z.object({ resultCode: z.number().int(), resultDescription: z.string().max(200).catch('') });

const FAILURE_BY_RESULT_CODE: Readonly<Record<number, SourceFailure>> = {
  300: 'invalid_credentials', // USER_DOESNT_EXIST
  301: 'invalid_credentials', // INVALID_PASSWORD
  309: 'suspended', // USER_SUSPENDED
  310: 'pin_required', // PIN_REQUIRED
  320: 'kind_not_ordered', // KIND_NOT_ORDERED
  410: 'cursor_expired', // CURSOR_EXPIRED
  411: 'bad_window', // BAD_WINDOW
  412: 'not_settled', // NOT_SETTLED
};
const SESSION_EXPIRED = 302;

const SENTENCES: Readonly<Partial<Record<SourceFailure, string>>> = {
  invalid_credentials: 'TeleMessage did not accept this username or password',
  suspended: 'TeleMessage says that this account is suspended',
  pin_required: 'TeleMessage wants a PIN for this account',
  kind_not_ordered: 'TeleMessage says that this archiver is not ordered for the account',
  throttled: 'TeleMessage asks us to wait',
  not_settled: 'TeleMessage has not settled this window yet',
  cursor_expired: 'TeleMessage no longer knows this cursor',
  bad_window: 'TeleMessage refuses this window',
  attachment_not_ready: 'The phone is still sending this attachment',
  attachment_gone: 'TeleMessage no longer holds this attachment',
  not_found: 'TeleMessage does not know what was asked for',
};

/**
 * Turns an answer with a status of 400 or more into the error that it stands for.
 *
 * @param status HTTP status
 * @param body the parsed JSON body, or undefined where there was none
 * @param retryAfter the value of the `Retry-After` header: seconds or an HTTP date, null where absent
 * @param now to turn an HTTP date into seconds
 */
export function refusal(
  status: number,
  body: unknown,
  retryAfter: string | null,
  now: Date,
): SourceError | SessionExpired {
  const parsed = refusalSchema.safeParse(body);
  const resultCode = parsed.success ? parsed.data.resultCode : null;
  if (status === 401 && (resultCode === SESSION_EXPIRED || resultCode === null)) return new SessionExpired();
  const failure = failureOf(status, resultCode);
  const seconds = failure === 'throttled' || failure === 'attachment_not_ready' ? secondsOf(retryAfter, now) : null;
  const detail = resultCode === null ? `HTTP ${status}` : `HTTP ${status}, result ${resultCode}`;
  return new SourceError(
    failure,
    `${SENTENCES[failure] ?? 'TeleMessage gave an answer that we cannot use'} (${detail})`,
    seconds,
  );
}

function failureOf(status: number, resultCode: number | null): SourceFailure {
  // 429, 425 and 503 speak for themselves: their body may carry any general code, and waiting is the answer to all.
  if (status === 429 || status === 503) return 'throttled';
  if (status === 425) return 'attachment_not_ready';
  if (status === 410) return 'attachment_gone';
  const known = resultCode === null ? undefined : FAILURE_BY_RESULT_CODE[resultCode];
  if (known !== undefined) return known;
  if (status === 404) return 'not_found';
  if (status >= 500) return 'unreachable';
  return 'bad_answer';
}

/** Longest wait that we let a site ask for, in seconds. A larger value is a mistake or an attack, not a wish. */
const LONGEST_WAIT_SECONDS = 3600;

/** `Retry-After` in seconds, 0 to 3600, rounded up; null where absent or unreadable. RFC 9110, 10.2.3. */
export function secondsOf(retryAfter: string | null, now: Date): number | null {
  if (retryAfter === null) return null;
  const trimmed = retryAfter.trim();
  const seconds = /^\d+$/.test(trimmed) ? Number(trimmed) : Math.ceil((Date.parse(trimmed) - now.getTime()) / 1000);
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), LONGEST_WAIT_SECONDS) : null;
}
