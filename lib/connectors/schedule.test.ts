import { expect, it } from 'vitest';
import { nextDailyImport } from './schedule.ts';

it.each([
  ['later today', 374, '2026-11-21T06:13:59.999Z', '2026-11-21T06:14:00.000Z'],
  ['not the minute that is just now', 374, '2026-11-21T06:14:00.000Z', '2026-11-22T06:14:00.000Z'],
  ['tomorrow, over the end of a year', 0, '2026-12-31T00:00:01.000Z', '2027-01-01T00:00:00.000Z'],
])('the next daily import is %s', (_what, minute, now, expected) => {
  expect(nextDailyImport(minute, new Date(now)).toISOString()).toBe(expected);
});
