import { expect, test } from 'vitest';
import { fixedWindow } from './fixed-window.ts';

function windowAt(mostKeys = 10) {
  let time = 0;
  const limit = fixedWindow({ limit: 2, windowMs: 1000, mostKeys, now: () => time });
  const take = (key: string, at: number) => {
    time = at;
    return limit.take(key);
  };
  return take;
}

test('lets as many through as the limit, each key for itself, and again in the next window', () => {
  const take = windowAt();
  expect([take('a', 0), take('a', 500), take('a', 999), take('b', 999)]).toEqual([true, true, false, true]);
  expect([take('a', 1000), take('a', 1999), take('a', 1999)]).toEqual([true, true, false]);
});

test('remembers no more keys than it may', () => {
  const take = windowAt(2);
  expect([take('a', 0), take('a', 0), take('b', 0), take('c', 0)]).toEqual([true, true, true, true]);
  // The oldest was forgotten, the newer ones were not.
  expect([take('b', 0), take('b', 0), take('a', 0)]).toEqual([true, false, true]);
});
