import { expect, it } from 'vitest';
import { isOver } from './months.ts';

it.each([
  ['2019-10-01', 7, '2026-11-01T00:00:00Z', true],
  ['2019-10-01', 7, '2026-10-31T23:59:59Z', false],
  ['2019-12-01', 7, '2027-01-01T00:00:00Z', true],
  ['2020-02-01', 1, '2021-03-01T00:00:00Z', true],
  ['2020-02-01', 1, '2021-02-28T23:59:59Z', false],
])('%s, kept for %i years, is over at %s: %o', (month, years, now, over) => {
  expect(isOver(new Date(`${month}T00:00:00Z`), years, new Date(now))).toBe(over);
});
