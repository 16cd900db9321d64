import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type Changed, guardsOf } from './guards.ts';

const nothing: Changed = { changed: 0, removed: 0, before: 0, comparable: 0, newlyDisagreeing: 0 };
const of = (changed: Partial<Changed>, demandsApproval = false) =>
  guardsOf({ ...nothing, ...changed }, { demandsApproval });

describe('a typed confirmation is asked', () => {
  test.each([
    [{ changed: 10, before: 200 }, []],
    [{ changed: 11, before: 200 }, ['typed_confirmation']],
    [{ changed: 50, before: 5000 }, []],
    [{ changed: 51, before: 5000 }, ['typed_confirmation']],
    [{ removed: 20, before: 200 }, []],
    [{ removed: 21, before: 200 }, ['typed_confirmation']],
    [{ removed: 1, before: 4 }, ['typed_confirmation']],
    // The first version of all.
    [{}, []],
    // One row of the version before became many that lead elsewhere.
    [{ changed: 100, before: 1 }, ['typed_confirmation']],
  ])('%o: %o', (changed, guards) => {
    expect(of(changed)).toEqual(guards);
  });
});

test('where the organization demands it, an approval takes its place', () => {
  expect(of({ changed: 11, before: 200 }, true)).toEqual(['approval']);
  expect(of({ changed: 10, before: 200 }, true)).toEqual([]);
});

describe('rows look shifted', () => {
  test.each([
    [{ comparable: 100, newlyDisagreeing: 5 }, []],
    [{ comparable: 100, newlyDisagreeing: 6 }, ['rows_look_shifted']],
    [{ comparable: 2, newlyDisagreeing: 2 }, ['rows_look_shifted']],
    // One row alone is somebody's other address.
    [{ comparable: 1, newlyDisagreeing: 1 }, []],
  ])('%o: %o', (changed, guards) => {
    expect(of({ ...changed, before: 1000 })).toEqual(guards);
  });
});

const count = fc.nat({ max: 2_000_000 });
const differences = fc
  .record({ changed: count, removed: count, before: count, comparable: count, newlyDisagreeing: count })
  .map((one) => ({ ...one, newlyDisagreeing: Math.min(one.newlyDisagreeing, one.comparable) }));

describe('whatever the difference', () => {
  it('exactly what the rule says asks for somebody', () => {
    fc.assert(
      fc.property(differences, fc.boolean(), (difference, demandsApproval) => {
        const { changed, removed, before } = difference;
        const much = (changed > 10 && changed > before * 0.01) || removed > before * 0.1;
        const shifted = difference.newlyDisagreeing >= 2 && difference.newlyDisagreeing / difference.comparable > 0.05;
        expect(guardsOf(difference, { demandsApproval })).toEqual([
          ...(shifted ? ['rows_look_shifted'] : []),
          ...(much ? [demandsApproval ? 'approval' : 'typed_confirmation'] : []),
        ]);
      }),
      { numRuns: 2000 },
    );
  });

  it('changing or removing more never asks for less', () => {
    fc.assert(
      fc.property(differences, fc.constantFrom('changed', 'removed', 'newlyDisagreeing'), count, (one, what, more) => {
        // What disagrees further was comparable.
        const most = what === 'newlyDisagreeing' ? one.comparable : Number.MAX_SAFE_INTEGER;
        const larger = { ...one, [what]: Math.min(one[what] + more, most) };
        const before = guardsOf(one, { demandsApproval: false });
        expect(guardsOf(larger, { demandsApproval: false })).toEqual(expect.arrayContaining([...before]));
      }),
      { numRuns: 2000 },
    );
  });
});
