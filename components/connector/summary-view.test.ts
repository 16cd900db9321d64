import { expect, test } from 'vitest';
import { summaryQuery, summaryViewOf } from './summary-view.ts';

const of = (query: string) => summaryViewOf(new URLSearchParams(query));

test.each([
  ['', ''],
  ['month=2026-10', '?month=2026-10'],
  ['day=2026-10-21', '?day=2026-10-21'],
  ['month=2026-09&day=2026-10-21', '?day=2026-10-21'],
  ['calendar=table&volume=table&speed=table&days=90', '?calendar=table&volume=table&speed=table&days=90'],
  ['month=2026-13&day=2026-02-30&calendar=x&days=31', ''],
  ['month=0001-01&day=9999-12-31', ''],
])('%s is read, and written as "%s"', (query, written) => {
  expect(summaryQuery(of(query))).toBe(written);
  expect(of(written)).toEqual(of(query));
});

test('the open day decides the month', () => {
  expect(of('month=2026-09&day=2026-10-21')).toMatchObject({ month: '2026-10', day: '2026-10-21' });
});
