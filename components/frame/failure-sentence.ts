import * as text from '#components/text/text.ts';

/**
 * What to say when a server action failed. Next gives errors of the server a digest, which is also in the log; an error
 * without one is a connection that broke.
 */
export function failureSentence(error: unknown): string {
  const digest = error instanceof Error && 'digest' in error && typeof error.digest === 'string' ? error.digest : null;
  return digest === null ? text.problems.noAnswer : text.problems.actionFailed(digest);
}
