import { describe, expect, test } from 'vitest';
import type { BatchAnswer, BatchRequest, Graph } from './graph.ts';
import { errorWithoutAnswer, GraphError } from './graph-errors.ts';
import { readInBatches } from './read-in-batches.ts';

/** Graph whose batches answer by a rule of the url and of how often it was asked. */
function answering(
  rule: (url: string, time: number) => { readonly status: number; readonly retryAfter?: string } | Error,
) {
  const times = new Map<string, number>();
  let inFlight = 0;
  const seen = { most: 0, batches: 0 };
  const graph: Pick<Graph, 'batch'> = {
    async batch(requests: readonly BatchRequest[]) {
      inFlight += 1;
      seen.most = Math.max(seen.most, inFlight);
      seen.batches += 1;
      await Promise.resolve();
      inFlight -= 1;
      return requests.map(({ id, url }): BatchAnswer => {
        const time = (times.get(url) ?? 0) + 1;
        times.set(url, time);
        const told = rule(url, time);
        if (told instanceof Error) throw told;
        return {
          id,
          status: told.status,
          headers: told.retryAfter === undefined ? {} : { 'retry-after': told.retryAfter },
          body: { url },
        };
      });
    },
  };
  const whole: Graph = {
    ...graph,
    tenantId: 't',
    request: () => Promise.reject(new Error('not a batch')),
    upload: () => Promise.reject(new Error('not a batch')),
  };
  return { graph: whole, seen };
}

const urls = Array.from({ length: 95 }, (_, index) => `/users/${index}`);

describe('readInBatches', () => {
  test('answers in the order of the urls, twenty a batch, a bounded number at once', async () => {
    const { graph, seen } = answering(() => ({ status: 200 }));
    const answers = await readInBatches(graph, urls, { concurrency: 2 });
    expect(answers.map(({ body }) => body)).toEqual(urls.map((url) => ({ url })));
    expect(seen).toEqual({ most: 2, batches: 5 });
  });

  test('asks again only for what was throttled, after the longest wait that Graph named', async () => {
    const waits: number[] = [];
    const { graph, seen } = answering((url, time) =>
      time === 1 && ['/users/3', '/users/50'].includes(url)
        ? { status: 429, retryAfter: url === '/users/3' ? '2' : '9' }
        : { status: 200 },
    );
    const answers = await readInBatches(graph, urls, { sleep: async (milliseconds) => void waits.push(milliseconds) });
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(waits).toEqual([9000]);
    expect(seen.batches).toBe(6);
  });

  test('a batch that was lost as a whole is asked again', async () => {
    const { graph } = answering((_, time) => (time === 1 ? errorWithoutAnswer('reset', 'GET', true) : { status: 200 }));
    expect(await readInBatches(graph, urls.slice(0, 3), { sleep: async () => {}, attempts: 4 })).toHaveLength(3);
  });

  test('where a lasting refusal is an answer, one that asks for an hour keeps nobody waiting', async () => {
    const waits: number[] = [];
    const { graph, seen } = answering((url, time) => {
      if (url === '/users/3') return { status: 429, retryAfter: '3600' };
      if (url === '/users/4') return { status: 503 };
      return url === '/users/5' && time < 3 ? { status: 503 } : { status: 200 };
    });
    const sleep = async (milliseconds: number) => void waits.push(milliseconds);
    const answers = await readInBatches(graph, urls, { lasting: 'answer', attempts: 3, sleep });
    expect(answers.map(({ status }) => status).filter((status) => status !== 200)).toEqual([429, 503]);
    expect(waits).toEqual([500, 1000]);
    expect(seen.batches).toBe(7);
    // A batch that nobody answered says nothing of its reads.
    const lost = answering(() => errorWithoutAnswer('reset', 'GET', true));
    await expect(readInBatches(lost.graph, ['/users/1'], { lasting: 'answer', attempts: 2, sleep })).rejects.toThrow(
      GraphError,
    );
  });

  test('a 404 is an answer', async () => {
    const { graph } = answering(() => ({ status: 404 }));
    expect((await readInBatches(graph, ['/users/1']))[0]?.status).toBe(404);
  });

  test('gives up after the last round with Graph’s own error', async () => {
    const { graph } = answering(() => ({ status: 503 }));
    await expect(readInBatches(graph, ['/users/1'], { sleep: async () => {}, attempts: 3 })).rejects.toBeInstanceOf(
      GraphError,
    );
  });
});
