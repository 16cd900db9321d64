import { expect, it } from 'vitest';
import { elapsed } from './elapsed.ts';

it.each([
  [-5, '0.0 s'],
  [840, '0.8 s'],
  [59_999, '59 s'],
  [185_000, '3 min 5 s'],
  [7_800_000, '2 h 10 min'],
])('%i ms is %s', (milliseconds, words) => {
  expect(elapsed(milliseconds)).toBe(words);
});
