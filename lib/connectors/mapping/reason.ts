/** Why somebody does something, as they wrote it. */
import { isStorable } from '../../storable-text.ts';

/** Longest reason, in characters. */
const REASON_LIMIT = 1000;

/** Without spaces around it; null where it is shorter than 3 characters, longer than 1,000, or no text of PostgreSQL's. */
export function reasonFrom(text: string): string | null {
  const reason = text.trim();
  return reason.length < 3 || reason.length > REASON_LIMIT || !isStorable(reason) ? null : reason;
}
