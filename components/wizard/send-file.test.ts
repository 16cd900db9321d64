import { afterEach, expect, it, vi } from 'vitest';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import { sendFile } from './send-file.ts';

const file = new Blob(['a,b\n']);
const busy = () => Response.json({ kind: 'busy' }, { status: 503, headers: { 'retry-after': '0.01' } });

afterEach(() => vi.unstubAllGlobals());

function answering(...answers: readonly (() => Response)[]) {
  const fetched = vi.fn(async () => (answers[fetched.mock.calls.length - 1] ?? busy)());
  vi.stubGlobal('fetch', fetched);
  return fetched;
}

it('a file whose turn has not come is sent again, and one is told', async () => {
  const fetched = answering(busy, busy, () => Response.json({ kind: 'proposed' }));
  const told: boolean[] = [];
  const { signal } = new AbortController();
  const answer = await sendFile('/x', file, { signal, onBusy: (is) => told.push(is) });
  expect(await answer.json()).toEqual({ kind: 'proposed' });
  expect(fetched).toHaveBeenCalledTimes(3);
  expect(told).toEqual([true, true, false]);
});

it('a 503 of somebody on the way is no turn', async () => {
  const fetched = answering(() => new Response('<h1>Service Unavailable</h1>', { status: 503 }));
  const { signal } = new AbortController();
  expect((await sendFile('/x', file, { signal, onBusy: () => {} })).status).toBe(503);
  expect(fetched).toHaveBeenCalledTimes(1);
});

it('who cancels waits no longer', async () => {
  answering(() => Response.json({ kind: 'busy' }, { status: 503, headers: { 'retry-after': '600' } }));
  const cancel = new AbortController();
  const sent = sendFile('/x', file, { signal: cancel.signal, onBusy: () => cancel.abort(new Error('cancelled')) });
  await expect(sent).rejects.toThrow('cancelled');
});

it('who sends too many is told when to try again, and nothing is sent again', async () => {
  const fetched = answering(() => Response.json({ kind: 'too_many', retryAfterSeconds: 431 }, { status: 429 }));
  const { signal } = new AbortController();
  const failure: unknown = await sendFile('/x', file, { signal, onBusy: () => {} }).catch((error: unknown) => error);
  expect(failureSentence(failure)).toBe(
    'You did this many times in a short while. Nothing changed. Try again in 8 minutes.',
  );
  expect(fetched).toHaveBeenCalledTimes(1);
});
