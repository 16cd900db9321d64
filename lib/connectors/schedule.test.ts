import { expect, it } from 'vitest';
import { scheduleMinuteOf } from '../imports/windows.ts';
import { dailyMinute, nextDailyImport } from './schedule.ts';

it.each([
  ['later today', 374, '2026-11-21T06:13:59.999Z', null, '2026-11-21T06:14:00.000Z'],
  ['not the minute that is just now', 374, '2026-11-21T06:14:00.000Z', null, '2026-11-22T06:14:00.000Z'],
  ['tomorrow, over the end of a year', 0, '2026-12-31T00:00:01.000Z', null, '2027-01-01T00:00:00.000Z'],
  [
    'later today where yesterday is missing',
    374,
    '2026-11-21T06:00:00.000Z',
    '2026-11-20T23:59:00.000Z',
    '2026-11-21T06:14:00.000Z',
  ],
  [
    'tomorrow where today was planned already',
    374,
    '2026-11-21T06:00:00.000Z',
    '2026-11-21T00:00:00.000Z',
    '2026-11-22T06:14:00.000Z',
  ],
])('the next daily import is %s', (_what, minute, now, planned, expected) => {
  const plannedThrough = planned === null ? null : new Date(planned);
  expect(nextDailyImport(minute, new Date(now), plannedThrough).toISOString()).toBe(expected);
});

it('a chosen hour keeps the connector’s own minute, and without one it is as it always was', () => {
  const ids = Array.from({ length: 200 }, (_none, index) => `connector-${index}`);
  for (const id of ids) {
    expect(dailyMinute(id, null)).toBe(scheduleMinuteOf(id));
    expect(Math.floor(dailyMinute(id, 23) / 60)).toBe(23);
  }
  expect(new Set(ids.map((id) => dailyMinute(id, 6))).size).toBeGreaterThan(30);
});
