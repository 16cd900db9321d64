import { expect, test } from 'vitest';
import type { BalanceState } from './balance.ts';
import { countsOf } from './counts.ts';
import { itemsOf, markOf, markOfDay } from './day-mark.ts';

const day = (state: BalanceState, counters: Readonly<Record<string, number>> = {}) => ({
  state,
  counts: countsOf(Object.entries(counters).map(([outcome, count]) => ({ outcome, count }))),
});
const whole = {
  'items.listed': 3,
  'items.imported': 2,
  'items.repeat': 1,
  'copies.available': 2,
  'copies.imported': 2,
};

test.each([
  ['all is imported', day('balances', whole), 'balanced'],
  ['the source had nothing', day('balances'), 'nothing'],
  ['items wait', day('balances', { 'items.listed': 2, 'items.imported': 1, 'items.waiting': 1 }), 'not_all'],
  ['items failed', day('balances', { ...whole, 'items.failed': 1 }), 'not_all'],
  ['items are unreadable', day('balances', { 'items.listed': 1, 'items.unreadable': 1 }), 'not_all'],
  ['one of two copies waits', day('balances', { ...whole, 'copies.waiting': 1 }), 'not_all'],
  ['a copy failed of an item that is imported', day('balances', { ...whole, 'copies.failed': 1 }), 'not_all'],
  ['a copy lacks an attachment', day('balances', { ...whole, 'copies.partially_imported': 1 }), 'not_all'],
  ['the numbers do not add up', day('differs', { 'items.listed': 1 }), 'differs'],
  ['an import runs', day('running', whole), 'open'],
  ['a window is open', day('open', whole), 'open'],
  ['time was lost', day('lost', whole), 'lost'],
] as const)('%s', (_what, balance, mark) => {
  expect(markOf(balance)).toBe(mark);
});

test('a day is not called balanced before it is over, and says at once what is wrong', () => {
  expect(markOfDay(day('balances', whole), '2026-11-20', '2026-11-21')).toBe('balanced');
  expect(markOfDay(day('balances', whole), '2026-11-21', '2026-11-21')).toBe('open');
  expect(markOfDay(day('balances'), '2026-11-21', '2026-11-21')).toBe('open');
  expect(markOfDay(day('differs'), '2026-11-21', '2026-11-21')).toBe('differs');
  expect(markOfDay(day('balances', { ...whole, 'copies.waiting': 1 }), '2026-11-21', '2026-11-21')).toBe('not_all');
});

test('a day without a window is not imported, is not over, or is to come', () => {
  expect(['2026-11-20', '2026-11-21', '2026-11-22'].map((one) => markOfDay(null, one, '2026-11-21'))).toEqual([
    'none',
    'open',
    'later',
  ]);
});

test('an item that was listed twice is one item', () => {
  expect(itemsOf(day('balances', whole).counts)).toBe(2);
});
