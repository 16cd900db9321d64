import { describe, expect, it } from 'vitest';
import { type Activity, activityOf, type OpenPhase } from './activity.ts';

describe('activityOf', () => {
  it.each<[string, { paused?: boolean; stopped?: boolean }, OpenPhase[], Activity]>([
    ['nothing open', {}, [], 'idle'],
    ['one queued', {}, ['queued'], 'queued'],
    ['collecting beats queued', {}, ['queued', 'collecting'], 'collecting'],
    ['collecting beats delivering', {}, ['delivering', 'collecting'], 'collecting'],
    ['delivering beats queued', {}, ['queued', 'delivering'], 'delivering'],
    ['reconciling is the end of delivering', {}, ['reconciling'], 'delivering'],
    ['paused hides what is half done', { paused: true }, ['collecting', 'delivering'], 'paused'],
    ['paused beats stopped', { paused: true, stopped: true }, [], 'paused'],
    ['stopped half way through collecting does not look busy', { stopped: true }, ['collecting', 'queued'], 'idle'],
    ['stopped half way through delivering does not either', { stopped: true }, ['delivering', 'reconciling'], 'idle'],
  ])('%s', (_what, { paused = false, stopped = false }, openPhases, expected) => {
    expect(activityOf({ paused, stopped, openPhases })).toBe(expected);
  });
});
