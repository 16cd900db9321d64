import { afterEach, expect, test, vi } from 'vitest';
import { scriptedSource } from './scripted-source.fixture.ts';

afterEach(() => vi.useRealTimers());

// Suites list what arrived hours ago; near midnight that would lie in the day before, in a window of its own.
test.each(['2026-11-26T00:00:00Z', '2026-11-26T00:30:00Z', '2026-11-26T23:59:59Z'])(
  'what a scripted source has settled does not hang on the hour in which the tests run: %s',
  (now) => {
    vi.useFakeTimers({ now: new Date(now) });
    expect(scriptedSource().settledThrough).toEqual(new Date('2026-11-26T12:00:00Z'));
  },
);
