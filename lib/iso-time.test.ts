import fc from 'fast-check';
import { expect, it } from 'vitest';
import { testSeed } from '#testing/seed.ts';
import { isoTime } from './iso-time.ts';

it('writes every time as Date.toISOString does', () => {
  const spread = fc.date({ noInvalidDate: true });
  const near = fc.integer({ min: -3, max: 3 }).map((ms) => new Date(Date.UTC(2026, 10, 27) + ms));
  fc.assert(
    fc.property(fc.oneof(spread, near), (time) => isoTime(time) === time.toISOString()),
    { seed: testSeed(), numRuns: 5_000 },
  );
  for (const time of [0, -1, 8.64e15, -8.64e15]) expect(isoTime(new Date(time))).toBe(new Date(time).toISOString());
});

it('refuses what is no time', () => {
  isoTime(new Date(0));
  expect(() => isoTime(new Date(Number.NaN))).toThrow(RangeError);
});
