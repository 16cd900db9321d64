import { setImmediate as othersFirst } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { describeCatalogue } from './media/catalogue.ts';
import { drawPhoto } from './media/photo.ts';
import { inTurns } from './turns.ts';

/** Steps of 4 ms each, by a clock that only they move. */
function slowSteps(count: number): Iterable<number> {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  return (function* () {
    for (let step = 0; step < count; step += 1) {
      now += 4;
      yield step;
    }
  })();
}

/** How often others got a turn until `work` was done. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let [turns, isDone] = [0, false];
  const end = work.finally(() => {
    isDone = true;
  });
  end.catch(() => undefined);
  for (; !isDone; turns += 1) await othersFirst();
  await end;
  return turns;
}

describe('work in turns', () => {
  afterEach(() => vi.restoreAllMocks());

  it('lets others work between its steps, and comes to its end', async () => {
    const seen: number[] = [];
    const turns = await turnsDuring(inTurns(slowSteps(30), (step) => seen.push(step) > 0));
    expect(seen).toHaveLength(30);
    expect(turns).toBeGreaterThanOrEqual(10);
  });

  it('ends when it has what it wants, or when nobody wants it any more', async () => {
    const seen: number[] = [];
    await inTurns(slowSteps(30), (step) => seen.push(step) < 5);
    expect(seen).toEqual([0, 1, 2, 3, 4]);
    const wanted = new AbortController();
    const visit = (step: number): boolean => {
      if (step === 6) wanted.abort();
      return seen.push(step) > 0;
    };
    await expect(inTurns(slowSteps(30), visit, wanted.signal)).rejects.toThrow('aborted');
    expect(seen.length).toBeLessThan(5 + 12);
  });

  it('is how everything that phones attach is described, once', async () => {
    expect(await turnsDuring(describeCatalogue())).toBeGreaterThan(5);
    expect(describeCatalogue()).toBe(describeCatalogue());
  });

  it('is what a photograph is drawn in, a row of blocks at a time', () => {
    expect([...drawPhoto(0)]).toHaveLength(320 / 8);
  });
});
