import { expect, test } from 'vitest';
import { addMonths, dayAfterKey, daysOf, weeksOf, within } from './month-grid.ts';

test('a month is weeks from Monday to Sunday, each of its days once and in its column', () => {
  const weeks = weeksOf('2026-11');
  expect(weeks[0]).toEqual([null, null, null, null, null, null, '2026-11-01']);
  expect(weeks.at(-1)).toEqual(['2026-11-30', null, null, null, null, null, null]);
  for (const month of ['2024-02', '2026-02', '2026-06', '2026-12']) {
    const cells = weeksOf(month);
    expect(cells.flat().filter((day) => day !== null)).toEqual(daysOf(month));
    for (const week of cells) {
      expect(week).toHaveLength(7);
      for (const [column, day] of week.entries()) {
        if (day !== null) expect(new Date(day).getUTCDay()).toBe((column + 1) % 7);
      }
    }
  }
  expect(daysOf('2024-02')).toHaveLength(29);
});

test.each([
  ['2026-11-01', 'ArrowLeft', false, '2026-10-31'],
  ['2026-12-31', 'ArrowRight', false, '2027-01-01'],
  ['2026-11-03', 'ArrowUp', false, '2026-10-27'],
  ['2026-11-26', 'ArrowDown', false, '2026-12-03'],
  ['2026-11-26', 'Home', false, '2026-11-23'],
  ['2026-11-26', 'End', false, '2026-11-29'],
  ['2026-11-29', 'End', false, '2026-11-29'],
  ['2026-11-26', 'Home', true, '2026-11-01'],
  ['2026-11-26', 'End', true, '2026-11-30'],
  ['2026-03-31', 'PageUp', false, '2026-02-28'],
  ['2026-12-15', 'PageDown', false, '2027-01-15'],
  ['2026-11-26', 'a', false, null],
])('from %s, %s (Control: %s) leads to %s', (day, key, control, to) => {
  expect(dayAfterKey(day, key, control)).toBe(to);
});

test('no key leads out of the months that can be shown', () => {
  expect(within('2026-09-30', '2026-10', '2026-11')).toBe('2026-10-01');
  expect(within('2026-12-03', '2026-10', '2026-11')).toBe('2026-11-30');
  expect(within('2026-10-07', '2026-10', '2026-11')).toBe('2026-10-07');
  expect(addMonths('2026-01-31', 1)).toBe('2026-02-28');
});
