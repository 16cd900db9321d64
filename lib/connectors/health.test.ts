import { describe, expect, it } from 'vitest';
import { type HealthFacts, type HealthState, healthOf } from './health.ts';

const quiet: HealthFacts = {
  stoppedReason: null,
  openAlerts: [],
  toDo: { waiting: 0, failed: 0, unreadable: 0 },
  hasRun: true,
};

describe('healthOf', () => {
  it.each<[string, Partial<HealthFacts>, HealthState]>([
    ['nothing to do', {}, 'balanced'],
    ['before the first window closes', { hasRun: false }, 'never_run'],
    ['one item waits', { toDo: { waiting: 1, failed: 0, unreadable: 0 } }, 'needs_you'],
    ['one item failed', { toDo: { waiting: 0, failed: 1, unreadable: 0 } }, 'needs_you'],
    ['one item is unreadable', { toDo: { waiting: 0, failed: 0, unreadable: 1 } }, 'needs_you'],
    ['an alert is open', { openAlerts: ['does_not_balance'] }, 'needs_you'],
    ['an alert before the first window closes', { hasRun: false, openAlerts: ['import_failed'] }, 'needs_you'],
    ['stopped beats everything', { stoppedReason: 'invalid_credentials', hasRun: false, openAlerts: ['x'] }, 'stopped'],
  ])('%s', (_what, facts, expected) => {
    expect(healthOf({ ...quiet, ...facts })).toBe(expected);
  });
});
