import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type Changed, guardsOf } from './guards.ts';

const nothing: Changed = { added: 0, changed: 0, removed: 0, unchanged: 0, comparable: 0, newlyDisagreeing: 0 };
const of = (changed: Partial<Changed>, demandsApproval = false) =>
  guardsOf({ ...nothing, ...changed }, { demandsApproval });

describe('a typed confirmation is asked', () => {
  test.each([
    [{ changed: 10, unchanged: 190 }, []],
    [{ changed: 11, unchanged: 189 }, ['typed_confirmation']],
    [{ changed: 50, unchanged: 4950 }, []],
    [{ changed: 51, unchanged: 4949 }, ['typed_confirmation']],
    [{ removed: 20, unchanged: 180 }, []],
    [{ removed: 21, unchanged: 179 }, ['typed_confirmation']],
    [{ removed: 1, unchanged: 3 }, ['typed_confirmation']],
    // The first version of all, and an addition of any size.
    [{ added: 1_000_000 }, []],
    [{ added: 1_000_000, unchanged: 1 }, []],
  ])('%o: %o', (changed, guards) => {
    expect(of(changed)).toEqual(guards);
  });
});

test('where the organization demands it, an approval takes its place', () => {
  expect(of({ changed: 11, unchanged: 189 }, true)).toEqual(['approval']);
  expect(of({ changed: 10, unchanged: 190 }, true)).toEqual([]);
});

describe('rows look shifted', () => {
  test.each([
    [{ comparable: 100, newlyDisagreeing: 5 }, []],
    [{ comparable: 100, newlyDisagreeing: 6 }, ['rows_look_shifted']],
    [{ comparable: 2, newlyDisagreeing: 2 }, ['rows_look_shifted']],
    // One row alone is somebody's other address.
    [{ comparable: 1, newlyDisagreeing: 1 }, []],
  ])('%o: %o', (changed, guards) => {
    expect(of({ ...changed, unchanged: 1000 })).toEqual(guards);
  });
});

const count = fc.nat({ max: 2_000_000 });
const differences = fc
  .record({
    added: count,
    changed: count,
    removed: count,
    unchanged: count,
    comparable: count,
    newlyDisagreeing: count,
  })
  .map((one) => ({ ...one, newlyDisagreeing: Math.min(one.newlyDisagreeing, one.comparable) }));

describe('whatever the difference', () => {
  it('exactly what the rule says asks for somebody', () => {
    fc.assert(
      fc.property(differences, fc.boolean(), (difference, demandsApproval) => {
        const before = difference.changed + difference.removed + difference.unchanged;
        const much =
          (difference.changed > 10 && difference.changed / before > 0.01) ||
          (before > 0 && difference.removed / before > 0.1);
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
        // What is changed or removed further was unchanged before; what disagrees further was comparable.
        const moved = Math.min(
          more,
          what === 'newlyDisagreeing' ? one.comparable - one.newlyDisagreeing : one.unchanged,
        );
        const larger =
          what === 'newlyDisagreeing'
            ? { ...one, newlyDisagreeing: one.newlyDisagreeing + moved }
            : { ...one, [what]: one[what] + moved, unchanged: one.unchanged - moved };
        const before = guardsOf(one, { demandsApproval: false });
        expect(guardsOf(larger, { demandsApproval: false })).toEqual(expect.arrayContaining([...before]));
      }),
      { numRuns: 2000 },
    );
  });
});
