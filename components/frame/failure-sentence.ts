import * as text from '#components/text/text.ts';
import { TooMany } from './too-many.ts';

/**
 * What to say when a server action failed. Next gives errors of the server a digest, which is also in the log; an error
 * without one is a connection that broke.
 */
export function failureSentence(error: unknown): string {
  if (error instanceof TooMany) return text.problems.tooMany(error.retryAfterSeconds);
  const digest = error instanceof Error && 'digest' in error && typeof error.digest === 'string' ? error.digest : null;
  return digest === null ? text.problems.noAnswer : text.problems.actionFailed(digest);
}
