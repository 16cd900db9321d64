import { expect, it } from 'vitest';
import { type DayImported, mayBeSilent, recentDays, type SilenceFacts, silentDayOf, weeksBefore } from './silence.ts';

const NOW = new Date('2026-11-26T09:00:00Z');
const day = (iso: string, items: number, finished = true): DayImported => ({
  day: new Date(`${iso}T00:00:00Z`),
  finished,
  items,
});

// 2026-11-25 is a Wednesday.
const wednesdays = [day('2026-11-18', 40), day('2026-11-11', 35), day('2026-11-04', 0), day('2026-10-28', 50)];
const facts = (days: readonly DayImported[], change: Partial<SilenceFacts> = {}): SilenceFacts => ({
  days,
  told: null,
  hasNoPhones: false,
  isPaused: false,
  now: NOW,
  ...change,
});
const silent = (days: readonly DayImported[], change: Partial<SilenceFacts> = {}) =>
  silentDayOf(facts(days, change))?.toISOString().slice(0, 10) ?? null;
const told = (iso: string) => ({ told: new Date(`${iso}T00:00:00Z`) });

it('is told of a day that most of the same weekdays had something on', () => {
  expect(silent([day('2026-11-25', 0), ...wednesdays])).toBe('2026-11-25');
  expect(silent([day('2026-11-25', 1), ...wednesdays])).toBe(null);
});

it('is not told of a weekday that is mostly quiet, or not known yet', () => {
  const quiet = [day('2026-11-18', 0), day('2026-11-11', 4), day('2026-11-04', 0), day('2026-10-28', 3)];
  expect(silent([day('2026-11-25', 0), ...quiet])).toBe(null);
  expect(silent([day('2026-11-25', 0), day('2026-11-18', 40)])).toBe(null);
  // Busy on other days of the week.
  expect(silent([day('2026-11-25', 0), day('2026-11-24', 40), day('2026-11-23', 40)])).toBe(null);
});

it('waits for yesterday to be imported, but not for longer than a day', () => {
  const tuesdays = [day('2026-11-17', 40), day('2026-11-10', 40)];
  expect(silent([day('2026-11-25', 0, false), day('2026-11-24', 9), ...wednesdays, ...tuesdays])).toBe(null);
  expect(silent([day('2026-11-24', 0, false), ...tuesdays])).toBe('2026-11-24');
  expect(silent(tuesdays)).toBe('2026-11-24');
});

it('is over when something is imported, not on the next day that is always quiet', () => {
  expect(silent([day('2026-11-25', 0)], told('2026-11-23'))).toBe('2026-11-25');
  expect(silent([day('2026-11-25', 0)], told('2026-11-25'))).toBe('2026-11-25');
  expect(silent([day('2026-11-25', 3)], told('2026-11-23'))).toBe(null);
});

it('is over when the weekday of which it was told came round empty so often that nothing is expected any more', () => {
  const emptied = (empty: number) =>
    wednesdays.map(({ day: one }, week) => ({ ...day('2026-11-25', week < empty ? 0 : 9), day: one }));
  expect(silent([day('2026-11-25', 0), ...emptied(1)], told('2026-11-18'))).toBe('2026-11-25');
  expect(silent([day('2026-11-25', 0), ...emptied(2)], told('2026-11-11'))).toBe(null);
  // Of another weekday the measure says nothing about the one that was told.
  expect(silent([day('2026-11-25', 0), ...emptied(2)], told('2026-11-10'))).toBe('2026-11-25');
});

it('is over, and not begun, when the source lists no registered phones', () => {
  expect(silent([day('2026-11-25', 0), ...wednesdays], { hasNoPhones: true })).toBe(null);
  expect(silent([day('2026-11-25', 0), ...wednesdays], { hasNoPhones: true, ...told('2026-11-24') })).toBe(null);
});

it('is not begun while the connector is paused', () => {
  expect(silent([day('2026-11-25', 0), ...wednesdays], { isPaused: true })).toBe(null);
});

it('looks at every day that it is measured by, and at the weeks before only where nothing came', () => {
  const days = [...recentDays(NOW), ...weeksBefore(recentDays(NOW))].map((one) => one.toISOString().slice(0, 10));
  for (const { day: one } of wednesdays) expect(days).toContain(one.toISOString().slice(0, 10));
  expect(days).toEqual(expect.arrayContaining(['2026-11-25', '2026-11-24', '2026-10-27']));
  expect(mayBeSilent(facts([day('2026-11-25', 1)]))).toBe(false);
  expect(mayBeSilent(facts([day('2026-11-25', 0)]))).toBe(true);
});
