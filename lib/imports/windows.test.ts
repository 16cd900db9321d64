import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cutAtMidnight,
  earlierWindows,
  missingWindows,
  planThrough,
  scheduleMinuteOf,
  startOfUtcDay,
} from './windows.ts';

const time = fc.date({
  min: new Date('2020-01-01T00:00:00Z'),
  max: new Date('2030-01-01T00:00:00Z'),
  noInvalidDate: true,
});

describe('cutAtMidnight', () => {
  it('covers the range without gap or overlap, each window within one UTC day', () => {
    fc.assert(
      fc.property(time, fc.integer({ min: 1, max: 40 * 24 * 3600 * 1000 }), (from, length) => {
        const to = new Date(from.getTime() + length);
        const windows = cutAtMidnight({ from, to });
        expect(windows[0]?.from).toEqual(from);
        expect(windows.at(-1)?.to).toEqual(to);
        windows.forEach((window, index) => {
          expect(window.from < window.to).toBe(true);
          if (index > 0) expect(window.from).toEqual(windows[index - 1]?.to);
          expect(startOfUtcDay(new Date(window.to.getTime() - 1))).toEqual(startOfUtcDay(window.from));
        });
      }),
    );
  });

  it('gives nothing where nothing has settled', () => {
    const at = new Date('2026-11-21T10:00:00Z');
    expect(cutAtMidnight({ from: at, to: at })).toEqual([]);
    expect(cutAtMidnight({ from: at, to: new Date(at.getTime() - 1) })).toEqual([]);
  });
});

describe('missingWindows', () => {
  const day = (text: string) => new Date(`2026-11-${text}Z`);

  it('catches up days of outage, one window a day', () => {
    const windows = missingWindows({
      plannedThrough: day('17T14:08:00'),
      firstFrom: day('16T14:08:00'),
      earliestRetained: day('01T00:00:00'),
      through: day('20T00:00:00'),
    });
    expect(windows.map(({ from, to }) => [from.toISOString(), to.toISOString()])).toEqual([
      ['2026-11-17T14:08:00.000Z', '2026-11-18T00:00:00.000Z'],
      ['2026-11-18T00:00:00.000Z', '2026-11-19T00:00:00.000Z'],
      ['2026-11-19T00:00:00.000Z', '2026-11-20T00:00:00.000Z'],
    ]);
  });

  it('does not ask for what the source no longer holds', () => {
    const windows = missingWindows({
      plannedThrough: null,
      firstFrom: day('01T00:00:00'),
      earliestRetained: day('18T00:00:00'),
      through: day('18T06:00:00'),
    });
    expect(windows).toEqual([{ from: day('18T00:00:00'), to: day('18T06:00:00') }]);
  });
});

const nov = (text: string) => new Date(`2026-11-${text}Z`);

describe('earlierWindows', () => {
  const input = {
    firstFrom: nov('18T09:00:00'),
    earliestRetained: nov('01T00:00:00'),
    plannedFrom: nov('19T12:00:00'),
  };
  it('fills up to where the first window begins, cut at midnight', () => {
    expect(earlierWindows(input)).toEqual([
      { from: nov('18T09:00:00'), to: nov('19T00:00:00') },
      { from: nov('19T00:00:00'), to: nov('19T12:00:00') },
    ]);
  });
  it('begins at the earliest where the source begins', () => {
    const [first] = earlierWindows({ ...input, earliestRetained: nov('19T03:00:00') });
    expect(first?.from).toEqual(nov('19T03:00:00'));
  });
  it('is nothing where the first window is early enough, or there is none yet', () => {
    expect(earlierWindows({ ...input, firstFrom: nov('20T00:00:00') })).toEqual([]);
    expect(earlierWindows({ ...input, plannedFrom: null })).toEqual([]);
  });
});

describe('planThrough', () => {
  const settled = new Date('2026-11-21T03:17:00Z');
  it('covers whole days by schedule', () => {
    expect(planThrough('scheduled', settled)).toEqual(new Date('2026-11-21T00:00:00Z'));
  });
  it('covers all that has settled where somebody asked', () => {
    expect(planThrough('first', settled)).toEqual(settled);
    expect(planThrough('manual', settled)).toEqual(settled);
  });
});

it('gives each connector a minute of its own between 00:10 and 04:00', () => {
  fc.assert(
    fc.property(fc.uuid(), (id) => {
      expect(scheduleMinuteOf(id)).toBeGreaterThanOrEqual(10);
      expect(scheduleMinuteOf(id)).toBeLessThan(240);
    }),
  );
});
