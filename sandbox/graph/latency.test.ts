import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Latency } from './latency.ts';

let latency: Latency;
/** what has passed, in order */
let passed: string[];
beforeEach(() => {
  vi.useFakeTimers();
  latency = new Latency();
  passed = [];
});
afterEach(() => vi.useRealTimers());

const wait = (name: string, ms: number): void => void latency.passed(ms).then(() => passed.push(name));

describe('latency', () => {
  it('takes its milliseconds, whatever waits began before', async () => {
    wait('first', 50);
    await vi.advanceTimersByTimeAsync(49);
    wait('second', 50);
    expect(passed).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(passed).toEqual(['first']);
    await vi.advanceTimersByTimeAsync(48);
    expect(passed).toEqual(['first']);
    await vi.advanceTimersByTimeAsync(1);
    expect(passed).toEqual(['first', 'second']);
  });

  it('has one timer for all that begin together, and another for another time', async () => {
    for (let at = 0; at < 100; at += 1) wait('long', 50);
    expect(vi.getTimerCount()).toBe(1);
    wait('short', 20);
    await vi.advanceTimersByTimeAsync(20);
    expect(passed).toEqual(['short']);
    await vi.advanceTimersByTimeAsync(30);
    expect(passed).toHaveLength(101);
  });

  it('is a turn of the event loop where it is nothing: what comes in the same turn is there before it ends', async () => {
    wait('one', 0);
    wait('other', 0);
    expect(vi.getTimerCount()).toBe(1);
    await Promise.resolve();
    expect(passed).toEqual([]);
    await vi.advanceTimersByTimeAsync(0);
    expect(passed).toEqual(['one', 'other']);
    wait('next', 0);
    await vi.advanceTimersByTimeAsync(0);
    expect(passed).toEqual(['one', 'other', 'next']);
  });
});
