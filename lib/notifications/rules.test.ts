import { expect, it } from 'vitest';
import { isReasonCode, REASONS } from '../imports/reasons.ts';
import { eventOf } from './events.ts';
import { backoffMinutes, type Condition, type ConditionFacts, codeOf, conditionsOf, nextSummaryAt } from './rules.ts';

const NOW = new Date('2026-11-26T09:00:00Z');
function conditions(change: Partial<ConditionFacts> = {}): Condition[] {
  return conditionsOf({
    row: row({}),
    alerts: [],
    waitingAbove: 0,
    silence: { days: [], told: null, hasNoPhones: false, isPaused: false, now: NOW },
    appCredentialEnds: null,
    now: NOW,
    ...change,
  });
}

const row = (change: Partial<ConditionFacts['row']>): ConditionFacts['row'] => ({
  stoppedReason: null,
  stoppedAt: null,
  toDo: { waiting: 0, failed: 0, unreadable: 0 },
  ...change,
});

it('says nothing where all is well', () => {
  expect(conditions()).toEqual([]);
});

it('tells alerts of a code by the day on which they were raised, and a stop with its alert once', () => {
  const since = new Date('2026-11-25T07:00:00Z');
  const alert = (code: string, day = '2026-11-25') => ({ code, day, since, problem: null });
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

it('tells a silent source as one condition, whichever alerts say it and on whichever day they were raised', () => {
  const alert = (code: string, day: string, problem: string | null) => ({
    ...{ code, day, problem },
    since: new Date(`${day}T07:00:00Z`),
  });
  const found = conditions({
    alerts: [
      alert('not_planned', '2026-11-25', null),
      alert('keeps_failing', '2026-11-24', 'source_unreachable'),
      alert('keeps_failing', '2026-11-23', 'graph_unreachable'),
    ],
  });
  expect(found.map(({ event, subject, since }) => [event, subject, since])).toEqual([
    ['import_failed', 'source_silent', new Date('2026-11-24T07:00:00Z')],
    ['import_failed', 'keeps_failing 2026-11-23', new Date('2026-11-23T07:00:00Z')],
  ]);
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

it('sends the summary at the next time that the clock shows its hour', () => {
  expect(nextSummaryAt(10, NOW).toISOString()).toBe('2026-11-26T10:00:00.000Z');
  expect(nextSummaryAt(9, NOW).toISOString()).toBe('2026-11-27T09:00:00.000Z');
});

it('waits longer after each attempt, and an hour at most', () => {
  expect([1, 2, 3, 7, 50].map(backoffMinutes)).toEqual([1, 2, 4, 60, 60]);
});
