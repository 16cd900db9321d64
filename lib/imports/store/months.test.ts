import { expect, it } from 'vitest';
import { monthsOf } from './months.ts';

const at = (time: string): Date => new Date(time);

it.each([
  [['2026-11-25T10:00:00Z'], '2026-11-01T00:00:00Z', '2026-12-01T00:00:00Z'],
  [['2026-12-31T23:59:59.999Z'], '2026-12-01T00:00:00Z', '2027-01-01T00:00:00Z'],
  [['2026-02-01T00:00:00Z', '2025-12-31T23:00:00Z'], '2025-12-01T00:00:00Z', '2026-03-01T00:00:00Z'],
])('the months of %j', (times, from, before) => {
  expect(monthsOf(times.map(at))).toEqual([at(from), [at(before)]]);
});
