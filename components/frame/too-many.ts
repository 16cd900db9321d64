/** Somebody asked too often (`app/api/over-limit.ts`), as an error that `failureSentence` knows. */
import { z } from 'zod';

export class TooMany extends Error {
  override name = 'TooMany';
  readonly retryAfterSeconds: number;
  constructor(retryAfterSeconds: number) {
    super('asked too often');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

const answerSchema = z.object({ kind: z.literal('too_many'), retryAfterSeconds: z.number().positive() });

/** null where the answer is another one. Reads a copy: the answer itself can still be read. */
export async function tooManyIn(answer: Response): Promise<TooMany | null> {
  if (answer.status !== 429) return null;
  const body: unknown = await answer
    .clone()
    .json()
    .catch(() => null);
  const parsed = answerSchema.safeParse(body);
  return parsed.success ? new TooMany(parsed.data.retryAfterSeconds) : null;
}
