import { expect, it } from 'vitest';
import { waitingTime } from './counted.ts';

it.each([
  [1, '1 second'],
  [40, '40 seconds'],
  [90, '90 seconds'],
  [91, '2 minutes'],
  [600, '10 minutes'],
  [601, '11 minutes'],
])('%i seconds are %s', (seconds, words) => {
  expect(waitingTime(seconds)).toBe(words);
});
