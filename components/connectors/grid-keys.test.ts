import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { placeAfterKey } from './grid-keys.ts';

const size = { rows: 30, columns: 7, header: true };
const from =
  (row: number, column: number) =>
  (key: string, control = false) =>
    placeAfterKey({ row, column }, key, control, size);

it('arrows go by one and stop at the edges; the header is above the first row', () => {
  const key = from(0, 0);
  expect(key('ArrowDown')).toEqual({ row: 1, column: 0 });
  expect(key('ArrowUp')).toEqual({ row: -1, column: 0 });
  expect(key('ArrowLeft')).toEqual({ row: 0, column: 0 });
  expect(from(29, 6)('ArrowDown')).toEqual({ row: 29, column: 6 });
  expect(from(29, 6)('ArrowRight')).toEqual({ row: 29, column: 6 });
});

it('cards have no header to go to', () => {
  expect(placeAfterKey({ row: 0, column: 2 }, 'ArrowUp', false, { ...size, header: false })).toEqual({
    row: 0,
    column: 2,
  });
});

it('Home and End stay in the row, with Control they go to the first and the last cell', () => {
  const key = from(12, 3);
  expect(key('Home')).toEqual({ row: 12, column: 0 });
  expect(key('End')).toEqual({ row: 12, column: 6 });
  expect(key('Home', true)).toEqual({ row: 0, column: 0 });
  expect(key('End', true)).toEqual({ row: 29, column: 6 });
});

it('page keys go by ten, and not into the header', () => {
  expect(from(12, 3)('PageUp')).toEqual({ row: 2, column: 3 });
  expect(from(2, 3)('PageUp')).toEqual({ row: 0, column: 3 });
  expect(from(-1, 3)('PageUp')).toEqual({ row: -1, column: 3 });
  expect(from(25, 3)('PageDown')).toEqual({ row: 29, column: 3 });
});

it('other keys are not the grid’s, nor are arrows with Control', () => {
  expect(from(1, 1)('a')).toBeNull();
  expect(from(1, 1)('Enter')).toBeNull();
  expect(from(1, 1)('ArrowDown', true)).toBeNull();
});

test('no key leads out of the grid', () => {
  const keys = ['ArrowDown', 'ArrowUp', 'ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown', 'Home', 'End'];
  fc.assert(
    fc.property(
      fc.record({
        rows: fc.integer({ min: 1, max: 40 }),
        columns: fc.integer({ min: 1, max: 9 }),
        header: fc.boolean(),
      }),
      fc.array(fc.tuple(fc.constantFrom(...keys), fc.boolean()), { maxLength: 30 }),
      (some, presses) => {
        let place = { row: 0, column: 0 };
        for (const [key, control] of presses) place = placeAfterKey(place, key, control, some) ?? place;
        expect(place.row).toBeGreaterThanOrEqual(some.header ? -1 : 0);
        expect(place.row).toBeLessThan(some.rows);
        expect(place.column).toBeGreaterThanOrEqual(0);
        expect(place.column).toBeLessThan(some.columns);
      },
    ),
  );
});
