import { setImmediate } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { FileTurns, type Release } from './file-turns.ts';

const never = new AbortController().signal;
const turnsOf = (more = {}) => new FileTurns({ atOnce: 2, mostWaiting: 2, longestMs: 60_000, ...more });

it('two have a turn at once; others get theirs in the order in which they came', async () => {
  const turns = turnsOf();
  const order: string[] = [];
  const releases = new Map<string, Release>();
  const come = async (name: string) => {
    const release = await turns.take(never);
    if (release === null) return void order.push(`${name} sent away`);
    order.push(name);
    releases.set(name, release);
  };
  const all = ['a', 'b', 'c', 'd', 'e'].map(come);
  await setImmediate();
  expect(order).toEqual(['a', 'b', 'e sent away']);
  releases.get('b')?.();
  releases.get('b')?.();
  await setImmediate();
  expect(order).toEqual(['a', 'b', 'e sent away', 'c']);
  releases.get('a')?.();
  await Promise.all(all);
  expect(order.at(-1)).toBe('d');
  releases.get('c')?.();
  releases.get('d')?.();
  expect([await turns.take(never), await turns.take(never)]).not.toContain(null);
});

it('who waits too long is sent away, who goes away goes; neither takes a turn with them', async () => {
  vi.useFakeTimers();
  try {
    const turns = turnsOf({ atOnce: 1 });
    const first = await turns.take(never);
    const slow = turns.take(never);
    const cancel = new AbortController();
    const gone = turns.take(cancel.signal);
    gone.catch(() => {});
    cancel.abort(new Error('closed the page'));
    vi.advanceTimersByTime(60_000);
    // In the same moment, before either has heard of it.
    first?.();
    expect(await slow).toBeNull();
    await expect(gone).rejects.toThrow('closed the page');
    expect(await turns.take(never)).not.toBeNull();
    await expect(turns.take(cancel.signal)).rejects.toThrow('closed the page');
  } finally {
    vi.useRealTimers();
  }
});
