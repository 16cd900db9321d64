import { expect, test } from 'vitest';
import { monthsOf } from '../../imports/store/months.ts';
import { spansOf } from './spans.ts';

const month = (text: string): Date => new Date(`${text}-01T00:00:00Z`);
const shown = (spans: ReturnType<typeof spansOf>): string[] =>
  spans.map(([from, [before]]) => `${from.toISOString().slice(0, 7)}..${before.toISOString().slice(0, 7)}`);

test('all months are looked through, each once, the newest first', () => {
  const seven = monthsOf([month('2019-12'), new Date('2026-11-21T10:00:00Z')]);
  expect(shown(spansOf(seven, null))).toEqual([
    '2026-09..2026-12',
    '2025-09..2026-09',
    '2024-09..2025-09',
    '2023-09..2024-09',
    '2022-09..2023-09',
    '2021-09..2022-09',
    '2020-09..2021-09',
    '2019-12..2020-09',
  ]);
});

test('a page that follows another begins in the month of the last one', () => {
  const two = monthsOf([month('2025-01'), month('2026-11')]);
  expect(shown(spansOf(two, new Date('2025-03-31T23:59:59Z')))).toEqual(['2025-01..2025-04']);
  expect(shown(spansOf(two, new Date('2027-01-01T00:00:00Z')))[0]).toBe('2026-09..2026-12');
  expect(spansOf(two, new Date('2024-12-31T00:00:00Z'))).toEqual([]);
});
