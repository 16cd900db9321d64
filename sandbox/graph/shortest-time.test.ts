import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ShortestTime } from './shortest-time.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Which of these are over after so many milliseconds. */
async function over(
  waiting: Readonly<Record<string, Promise<void>>>,
  milliseconds: number,
): Promise<readonly string[]> {
  const names: string[] = [];
  for (const [name, passed] of Object.entries(waiting)) void passed.then(() => names.push(name));
  await vi.advanceTimersByTimeAsync(milliseconds);
  return names;
}

it('is longer for a single request than for one in a batch, and counts for each from when it came', async () => {
  const time = new ShortestTime();
  const waiting: Record<string, Promise<void>> = { single: time.passed('single'), inBatch: time.passed('inBatch') };
  expect(await over(waiting, 2)).toEqual([]);
  waiting.later = time.passed('inBatch');
  expect(await over(waiting, 1)).toEqual(['inBatch']);
  expect(await over(waiting, 1)).toEqual(['inBatch']);
  expect(await over(waiting, 1)).toEqual(['inBatch', 'later']);
  expect(await over(waiting, 2)).not.toContain('single');
  expect(await over(waiting, 1)).toContain('single');
});

it('leaves no timer behind, and starts again', async () => {
  const time = new ShortestTime();
  expect(await over({ one: time.passed('single') }, 100)).toEqual(['one']);
  expect(vi.getTimerCount()).toBe(0);
  expect(await over({ another: time.passed('inBatch') }, 2)).toEqual([]);
});
