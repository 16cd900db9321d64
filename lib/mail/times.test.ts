import { expect, test } from 'vitest';
import { readableDuration, readableTime, systemTime } from './times.ts';

test('times are written for Graph and for people', () => {
  expect(systemTime(new Date('2019-05-01T10:00:00Z'))).toBe('2019-05-01T10:00:00Z');
  expect(systemTime(new Date('2019-05-01T10:00:00.120Z'))).toBe('2019-05-01T10:00:00.120Z');
  expect(readableTime(new Date('2019-05-01T10:00:00.999Z'))).toBe('2019-05-01 10:00:00 UTC');
});

test.each([
  [0, '0 seconds'],
  [999, '1 second'],
  [61_000, '1 minute 1 second'],
  [3_600_000, '1 hour'],
  [90_065_000, '25 hours 1 minute 5 seconds'],
])('%d ms last %s', (ms, words) => {
  expect(readableDuration(ms)).toBe(words);
});
