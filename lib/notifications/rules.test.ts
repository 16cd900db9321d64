import { describe, expect, it } from 'vitest';
import { isReasonCode, REASONS } from '../imports/reasons.ts';
import { eventOf } from './events.ts';
import {
  backoffMinutes,
  type Condition,
  type ConditionFacts,
  codeOf,
  conditionsOf,
  type DayImported,
  daysToLookAt,
  nextSummaryAt,
} from './rules.ts';

const NOW = new Date('2026-11-26T09:00:00Z');
const day = (iso: string, items: number, finished = true): DayImported => ({
  day: new Date(`${iso}T00:00:00Z`),
  finished,
  items,
});

function conditions(change: Partial<ConditionFacts> = {}): Condition[] {
  return conditionsOf({
    row: row({}),
    alerts: [],
    waitingAbove: 0,
    days: [],
    isSilent: false,
    appCredentialEnds: null,
    now: NOW,
    ...change,
  });
}

const row = (change: Partial<ConditionFacts['row']>): ConditionFacts['row'] => ({
  stoppedReason: null,
  stoppedAt: null,
  toDo: { waiting: 0, failed: 0, unreadable: 0 },
  pausedAt: null,
  ...change,
});

it('says nothing where all is well', () => {
  expect(conditions()).toEqual([]);
});

it('tells alerts of a code by the day on which they were raised, and a stop with its alert once', () => {
  const since = new Date('2026-11-25T07:00:00Z');
  const alert = (code: string, day = '2026-11-25') => ({ code, day, since });
  const found = conditions({
    row: row({ stoppedReason: 'invalid_credentials', stoppedAt: '2026-11-24T06:00:00.000Z' }),
    alerts: [
      alert('keeps_failing'),
      alert('does_not_balance', '2026-11-23'),
      alert('does_not_balance'),
      alert('invalid_credentials'),
      alert('missing_in_mailbox'),
    ],
  });
  expect(found.map(({ event, subject }) => [event, subject])).toEqual([
    ['credentials_refused', 'invalid_credentials'],
    ['import_failed', 'keeps_failing 2026-11-25'],
    ['does_not_balance', 'does_not_balance 2026-11-23'],
    ['does_not_balance', 'does_not_balance 2026-11-25'],
    ['needs_attention', 'missing_in_mailbox 2026-11-25'],
  ]);
  expect(found.map(codeOf)).toContain('missing_in_mailbox');
  expect([found[0]?.since, found[1]?.since]).toEqual([new Date('2026-11-24T06:00:00Z'), since]);
});

it('has an event for a reason of another version, too', () => {
  expect(isReasonCode('of_tomorrow')).toBe(false);
  expect(eventOf('of_tomorrow')).toBe('needs_attention');
  for (const code of Object.keys(REASONS)) expect(eventOf(code)).toBeTypeOf('string');
});

it('tells what waits above the number that was asked for, not at it', () => {
  const waiting = (count: number) =>
    conditions({ waitingAbove: 10, row: row({ toDo: { waiting: count, failed: 3, unreadable: 0 } }) });
  expect(waiting(10)).toEqual([]);
  expect(waiting(11)).toEqual([
    { event: 'waiting_above', subject: 'waiting', detail: { waiting: 11, above: 10 }, since: NOW },
  ]);
});

it('tells of the app’s certificate or secret 30 days before its end, and after it', () => {
  const ends = (iso: string) => conditions({ appCredentialEnds: new Date(iso) }).map(({ event }) => event);
  expect(ends('2026-12-26T09:00:01Z')).toEqual([]);
  expect(ends('2026-12-26T09:00:00Z')).toEqual(['app_credential_ending']);
  expect(ends('2026-01-01T00:00:00Z')).toEqual(['app_credential_ending']);
});

describe('nothing imported', () => {
  // 2026-11-25 is a Wednesday.
  const wednesdays = [day('2026-11-18', 40), day('2026-11-11', 35), day('2026-11-04', 0), day('2026-10-28', 50)];
  const silent = (days: DayImported[], change: Partial<ConditionFacts> = {}) =>
    conditions({ days, ...change }).map(({ detail }) => detail.day);

  it('is told of a day that most of the same weekdays had something on', () => {
    expect(silent([day('2026-11-25', 0), ...wednesdays])).toEqual(['2026-11-25']);
    expect(silent([day('2026-11-25', 1), ...wednesdays])).toEqual([]);
  });

  it('is not told of a weekday that is mostly quiet, or not known yet', () => {
    const quiet = [day('2026-11-18', 0), day('2026-11-11', 4), day('2026-11-04', 0), day('2026-10-28', 3)];
    expect(silent([day('2026-11-25', 0), ...quiet])).toEqual([]);
    expect(silent([day('2026-11-25', 0), day('2026-11-18', 40)])).toEqual([]);
    // Busy on other days of the week.
    expect(silent([day('2026-11-25', 0), day('2026-11-24', 40), day('2026-11-23', 40)])).toEqual([]);
  });

  it('waits for yesterday to be imported, but not for longer than a day', () => {
    const tuesdays = [day('2026-11-17', 40), day('2026-11-10', 40)];
    expect(silent([day('2026-11-25', 0, false), day('2026-11-24', 9), ...wednesdays, ...tuesdays])).toEqual([]);
    expect(silent([day('2026-11-24', 0, false), ...tuesdays])).toEqual(['2026-11-24']);
    expect(silent(tuesdays)).toEqual(['2026-11-24']);
  });

  it('is over when something is imported, not on the next day that is always quiet', () => {
    expect(silent([day('2026-11-25', 0)], { isSilent: true })).toEqual(['2026-11-25']);
    expect(silent([day('2026-11-25', 3)], { isSilent: true })).toEqual([]);
  });

  it('is not begun while the connector is paused', () => {
    const paused = { row: row({ pausedAt: NOW.toISOString() }) };
    expect(silent([day('2026-11-25', 0), ...wednesdays], paused)).toEqual([]);
  });

  it('looks at every day that it is measured by', () => {
    const days = daysToLookAt(NOW).map((one) => one.toISOString().slice(0, 10));
    for (const { day: one } of wednesdays) expect(days).toContain(one.toISOString().slice(0, 10));
    expect(days).toEqual(expect.arrayContaining(['2026-11-25', '2026-11-24', '2026-10-27']));
  });
});

it('sends the summary at the next time that the clock shows its hour', () => {
  expect(nextSummaryAt(10, NOW).toISOString()).toBe('2026-11-26T10:00:00.000Z');
  expect(nextSummaryAt(9, NOW).toISOString()).toBe('2026-11-27T09:00:00.000Z');
});

it('waits longer after each attempt, and an hour at most', () => {
  expect([1, 2, 3, 7, 50].map(backoffMinutes)).toEqual([1, 2, 4, 60, 60]);
});
