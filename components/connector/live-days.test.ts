import { expect, test } from 'vitest';
import type { DayBalance } from '#lib/imports/balance.ts';
import { type Counts, countsOf } from '#lib/imports/counts.ts';
import { liveDays } from './live-days.ts';

const counts = (listed: number, imported: number): Counts =>
  countsOf([
    { outcome: 'items.listed', count: listed },
    { outcome: 'items.pending', count: listed - imported },
    { outcome: 'items.imported', count: imported },
  ]);

const day = (name: string, all: Counts, open: DayBalance['open']): DayBalance => ({
  connectorId: 'c',
  day: name,
  windows: 1,
  openWindows: 1,
  lostWindows: 0,
  counts: all,
  open,
  state: open.length > 0 ? 'running' : 'balances',
});

const yesterday = day('2026-11-20', counts(5, 5), []);
/** An import of 4 that is over, and one that has imported 2 of 10. */
const today = day('2026-11-21', counts(14, 6), [{ id: 'a', counts: counts(10, 2) }]);

test('a day goes on by what the stream tells of its imports, and the others stay as they were read', () => {
  const [first, second] = liveDays([yesterday, today], [{ id: 'a', counts: counts(30, 20) }]);
  expect(first).toBe(yesterday);
  expect(second).toMatchObject({ state: 'running', counts: { items: { listed: 34, pending: 10, imported: 24 } } });
});

test('what ended or began since is left to the next reading', () => {
  expect(liveDays([today], [])).toEqual([today]);
  expect(liveDays([today], [{ id: 'b', counts: counts(9, 9) }])).toEqual([today]);
});

test('numbers that do not add up are said at once', () => {
  const lost = countsOf([{ outcome: 'items.listed', count: 3 }]);
  expect(liveDays([today], [{ id: 'a', counts: lost }])[0]?.state).toBe('differs');
});
