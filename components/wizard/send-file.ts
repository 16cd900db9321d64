import { z } from 'zod';
import { tooManyIn } from '#components/frame/too-many.ts';

/** What the portal answers while it reads other files (`app/api/in-turn.ts`). */
const busySchema = z.object({ kind: z.literal('busy') });
/** Where no time is said. */
const AGAIN_SECONDS = 5;

export interface SendOptions {
  readonly signal: AbortSignal;
  /** whether other files are read first, each time that this changes */
  readonly onBusy: (busy: boolean) => void;
}

/**
 * Sends a file as it is. Where the portal reads others, it is sent again until its turn comes.
 *
 * @param address with its query
 * @throws where there is no answer; TooMany; the signal's reason
 */
export async function sendFile(address: string, file: Blob, { signal, onBusy }: SendOptions): Promise<Response> {
  for (;;) {
    const answer = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: file,
      signal,
    });
    if (!(await isBusy(answer))) {
      onBusy(false);
      const tooMany = await tooManyIn(answer);
      if (tooMany !== null) throw tooMany;
      return answer;
    }
    onBusy(true);
    await pause(Number(answer.headers.get('retry-after')) || AGAIN_SECONDS, signal);
  }
}

/** A proxy's 503 says nothing of turns, and is no reason to go on. */
async function isBusy(answer: Response): Promise<boolean> {
  if (answer.status !== 503) return false;
  const body: unknown = await answer
    .clone()
    .json()
    .catch(() => null);
  return busySchema.safeParse(body).success;
}

async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const over = setTimeout(resolve, seconds * 1000);
  signal.addEventListener('abort', () => {
    clearTimeout(over);
    reject(signal.reason);
  });
  return promise;
}
