/** A share of `npm run fuzz`, in every run of the tests. */
import { expect, it } from 'vitest';
import { testSeed } from '#testing/seed.ts';
import { FUZZES } from './targets.ts';

it.each(FUZZES)('$name: 1,500 inputs are answered', async (fuzz) => {
  let fed = 0;
  await fuzz.run(testSeed() | 0, 1500, () => fed++);
  expect(fed).toBe(1500);
});
