import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cutAtMidnight,
  earlierWindows,
  isSoundClock,
  missingWindows,
  planThrough,
  scheduleMinuteOf,
  splitAtRetention,
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

  it('does not ask for what the source no longer holds, and does not pass over it', () => {
    const windows = missingWindows({
      plannedThrough: day('16T12:00:00'),
      firstFrom: day('01T00:00:00'),
      earliestRetained: day('18T03:00:00'),
      through: day('18T06:00:00'),
    });
    expect(windows).toEqual([
      { from: day('16T12:00:00'), to: day('17T00:00:00'), lost: true },
      { from: day('17T00:00:00'), to: day('18T00:00:00'), lost: true },
      { from: day('18T00:00:00'), to: day('18T03:00:00'), lost: true },
      { from: day('18T03:00:00'), to: day('18T06:00:00'), lost: false },
    ]);
  });

  /** A source whose clock goes on, stands, goes back and jumps; whose plans fail for days; whose retention overtakes. */
  const history = fc.array(
    fc.record({
      /** hours by which the settled time moves, back too */
      settled: fc.integer({ min: -30, max: 24 * 9 }),
      /** days that the source retains before what it has settled */
      retainedDays: fc.integer({ min: 0, max: 12 }),
      trigger: fc.constantFrom('first' as const, 'scheduled' as const, 'manual' as const),
      outage: fc.boolean(),
    }),
    { maxLength: 40 },
  );

  it('whatever happens in between: no gap, no overlap, only settled time, and nothing lost that could be had', () => {
    fc.assert(
      fc.property(time, fc.integer({ min: 0, max: 40 }), history, (start, earlierDays, steps) => {
        const firstFrom = new Date(start.getTime() - earlierDays * 24 * 3_600_000);
        const windows: { from: Date; to: Date; lost: boolean }[] = [];
        let settled = start.getTime();
        let latest = settled;
        for (const { settled: hours, retainedDays, trigger, outage } of steps) {
          settled += hours * 3_600_000;
          if (outage) continue;
          latest = Math.max(latest, settled);
          const earliestRetained = new Date(settled - retainedDays * 24 * 3_600_000);
          const plannedThrough = windows.at(-1)?.to ?? null;
          const through = planThrough(trigger, new Date(settled));
          const opened = missingWindows({ plannedThrough, firstFrom, earliestRetained, through });
          for (const window of opened) {
            expect(window.lost).toBe(window.from < earliestRetained);
            if (window.lost) expect(window.to <= earliestRetained).toBe(true);
            expect(window.to <= through).toBe(true);
          }
          if (through > (plannedThrough ?? firstFrom)) expect(opened.at(-1)?.to).toEqual(through);
          else expect(opened).toEqual([]);
          windows.push(...opened);
        }
        windows.forEach((window, index) => {
          expect(window.from < window.to).toBe(true);
          expect(window.to.getTime()).toBeLessThanOrEqual(latest);
          expect(window.from).toEqual(index === 0 ? firstFrom : windows[index - 1]?.to);
          expect(startOfUtcDay(new Date(window.to.getTime() - 1))).toEqual(startOfUtcDay(window.from));
        });
      }),
      { numRuns: 500 },
    );
  });
});

describe('splitAtRetention', () => {
  it('of windows that the retention overtakes: no gap, no overlap, and each wholly had or wholly gone', () => {
    const hours = fc.integer({ min: 1, max: 24 * 12 });
    // By hours and by milliseconds, so that it falls into windows as well as between them.
    const moves = fc.array(
      fc.oneof(
        hours.map((n) => n * 3_600_000),
        fc.integer({ min: 1, max: 86_400_000 }),
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(time, hours, moves, (from, length, retentionMoves) => {
        const to = new Date(from.getTime() + length * 3_600_000);
        let windows = cutAtMidnight({ from, to }).map((range) => ({ ...range, lost: false }));
        let earliest = from.getTime() - 3_600_000;
        for (const move of retentionMoves) {
          earliest += move;
          const retained = new Date(earliest);
          windows = windows.flatMap((window) => {
            if (window.lost) return [window];
            const { gone, left } = splitAtRetention(window, retained);
            return [gone && { ...gone, lost: true }, left && { ...left, lost: false }].filter((one) => one !== null);
          });
          for (const window of windows) expect(window.lost).toBe(window.from < retained);
        }
        expect([windows[0]?.from, windows.at(-1)?.to]).toEqual([from, to]);
        windows.forEach((window, index) => {
          expect(window.from < window.to).toBe(true);
          if (index > 0) expect(window.from).toEqual(windows[index - 1]?.to);
          expect(startOfUtcDay(new Date(window.to.getTime() - 1))).toEqual(startOfUtcDay(window.from));
          if (window.lost) expect(window.to.getTime()).toBeLessThanOrEqual(earliest);
        });
      }),
      { numRuns: 500 },
    );
  });
});

describe('isSoundClock', () => {
  const ours = new Date('2026-11-21T12:00:00Z');
  const hours = (n: number) => new Date(ours.getTime() + n * 3_600_000);
  it('is any clock that is behind ours or a little ahead, with settled time that has passed', () => {
    const isSound = (now: number, settledThrough: number, earliestRetained: number) =>
      isSoundClock(
        { now: hours(now), settledThrough: hours(settledThrough), earliestRetained: hours(earliestRetained) },
        ours,
      );
    expect(isSound(0, -1, -100)).toBe(true);
    expect(isSound(0, -100, -50)).toBe(true);
    expect(isSound(-900, -900, -900)).toBe(true);
    expect(isSound(24, 23, -1)).toBe(true);
    expect(isSound(25, -1, -100)).toBe(false);
    expect(isSound(0, 1, -100)).toBe(false);
    expect(isSound(0, -1, 1)).toBe(false);
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
