/**
 * Somebody asked too often (`app/api/over-limit.ts`), as an error that `failureSentence` knows. Read without zod, which every
 * page that can say a failure would load for it.
 */

export class TooMany extends Error {
  override name = 'TooMany';
  readonly retryAfterSeconds: number;
  constructor(retryAfterSeconds: number) {
    super('asked too often');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** null where the answer is another one. Reads a copy: the answer itself can still be read. */
export async function tooManyIn(answer: Response): Promise<TooMany | null> {
  if (answer.status !== 429) return null;
  const body: unknown = await answer
    .clone()
    .json()
    .catch(() => null);
  if (typeof body !== 'object' || body === null) return null;
  if (!('kind' in body && body.kind === 'too_many' && 'retryAfterSeconds' in body)) return null;
  const { retryAfterSeconds } = body;
  return typeof retryAfterSeconds === 'number' && retryAfterSeconds > 0 ? new TooMany(retryAfterSeconds) : null;
}
