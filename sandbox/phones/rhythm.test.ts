import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DAY_MS, fractionOfDay, timeOfDay } from './rhythm.ts';

it('a time of day and its fraction are inverse to each other, to the millisecond', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 0.999_999, noNaN: true }), (fraction) => {
      const time = timeOfDay(fraction);
      expect(time).toBeGreaterThanOrEqual(0);
      expect(time).toBeLessThan(DAY_MS);
      expect(Math.abs(fractionOfDay(time) - fraction)).toBeLessThan(1e-7);
    }),
  );
});

it('time never runs backwards', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (a, b) => {
      expect(timeOfDay(Math.min(a, b))).toBeLessThanOrEqual(timeOfDay(Math.max(a, b)));
    }),
  );
});
