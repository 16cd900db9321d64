import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countsOf } from './counts.ts';
import { durationWords, estimate, progressOf, SAMPLE_WINDOW_MS, type Sample, withSample } from './progress.ts';

function counts(of: Readonly<Record<string, number>>) {
  return countsOf(Object.entries(of).map(([outcome, count]) => ({ outcome, count })));
}

describe('progressOf', () => {
  it('is nothing where no import is open, and while one only waits for its turn', () => {
    expect(progressOf([])).toEqual({ kind: 'none' });
    expect(progressOf([{ phase: 'queued', counts: counts({}) }])).toEqual({ kind: 'none' });
  });

  it('tells no fraction while the source is still being read, however much is delivered already', () => {
    expect(
      progressOf([
        {
          phase: 'delivering',
          counts: counts({ 'items.listed': 50, 'copies.available': 100, 'copies.imported': 100 }),
        },
        {
          phase: 'collecting',
          counts: counts({ 'items.listed': 4000, 'copies.available': 10, 'copies.imported': 10 }),
        },
      ]),
    ).toEqual({ kind: 'collecting', items: 4000 });
  });

  it('counts every end of a copy as done, and those that wait for a mapping in neither number', () => {
    expect(
      progressOf([
        {
          phase: 'delivering',
          counts: counts({
            'copies.available': 20,
            'copies.pending': 6,
            'copies.imported': 8,
            'copies.partially_imported': 3,
            'copies.skipped': 2,
            'copies.failed': 1,
            'copies.waiting': 40,
          }),
        },
      ]),
    ).toEqual({ kind: 'delivering', done: 14, total: 20 });
  });

  it('adds imports that are delivered side by side', () => {
    const one = { phase: 'delivering', counts: counts({ 'copies.available': 10, 'copies.imported': 4 }) } as const;
    const other = { phase: 'reconciling', counts: counts({ 'copies.available': 5, 'copies.imported': 5 }) } as const;
    expect(progressOf([one, other])).toEqual({ kind: 'delivering', done: 9, total: 15 });
  });
});

describe('withSample', () => {
  it('keeps few samples however often it is told', () => {
    let samples: readonly Sample[] = [];
    for (let at = 0; at < 600_000; at += 50) samples = withSample(samples, { at, done: at });
    expect(samples.length).toBeLessThanOrEqual(SAMPLE_WINDOW_MS / 1000 + 2);
    expect(samples.at(-1)).toEqual({ at: 599_950, done: 599_950 });
  });

  it('begins anew where the number falls', () => {
    expect(withSample([{ at: 0, done: 900 }], { at: 1000, done: 3 })).toEqual([{ at: 1000, done: 3 }]);
  });
});

describe('estimate', () => {
  it('is silent before it has seen enough', () => {
    expect(estimate([], 10, 0)).toBeNull();
    expect(estimate([{ at: 0, done: 0 }], 10, 5000)).toBeNull();
    expect(
      estimate(
        [
          { at: 0, done: 0 },
          { at: 1000, done: 5 },
        ],
        10,
        1000,
      ),
    ).toBeNull();
    expect(
      estimate(
        [
          { at: 0, done: 5 },
          { at: 9000, done: 5 },
        ],
        10,
        9000,
      ),
    ).toBeNull();
  });

  it('divides what is left by the measured speed', () => {
    const samples = [
      { at: 0, done: 100 },
      { at: 10_000, done: 200 },
    ];
    expect(estimate(samples, 50, 10_000)).toEqual({ perSecond: 10, secondsLeft: 5 });
    expect(estimate(samples, null, 10_000)).toEqual({ perSecond: 10, secondsLeft: null });
  });

  it('forgets how fast it once was: without news the speed falls, then there is none', () => {
    const samples = [
      { at: 0, done: 0 },
      { at: 10_000, done: 100 },
    ];
    expect(estimate(samples, 100, 20_000)).toEqual({ perSecond: 5, secondsLeft: 20 });
    expect(estimate(samples, 100, 10_000 + SAMPLE_WINDOW_MS + 1)).toBeNull();
  });

  it('finds a steady speed again, whatever the rhythm of the samples', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 20 }),
        (speed, gaps) => {
          let at = 0;
          let samples: readonly Sample[] = [];
          for (const gap of gaps) {
            at += gap;
            samples = withSample(samples, { at, done: (speed * at) / 1000 });
          }
          const found = estimate(samples, null, at);
          if (found !== null) expect(found.perSecond).toBeCloseTo(speed, 3);
        },
      ),
    );
  });
});

describe('durationWords', () => {
  it.each([
    [5, 'less than a minute'],
    [61, 'about 1 min'],
    [720, 'about 12 min'],
    [3600, 'about 1 h'],
    [11_400, 'about 3 h 10 min'],
    [7140, 'about 2 h'],
  ])('%i seconds', (seconds, words) => {
    expect(durationWords(seconds)).toBe(words);
  });
});
