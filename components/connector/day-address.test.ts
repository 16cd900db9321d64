import { expect, test } from 'vitest';
import { dayAddress } from './day-address.ts';

test.each([
  ['2026-11-21T00:00:00.000Z', '2026-11-22'],
  ['2026-12-31T23:59:59.999Z', '2027-01-01'],
])('the page before the day after %s begins with its day', (time, before) => {
  expect(dayAddress('c', time)).toBe(`/connectors/c/imports/days?before=${before}`);
});
