import { expect, test } from 'vitest';
import { testSeed } from '#testing/seed.ts';
import { breakages } from './breakages.ts';
import { simulateAll } from './run.ts';

const TIMEOUT = { timeout: 3_600_000 };

test('thousands of imports under faults lose nothing, double nothing and come to an end', TIMEOUT, async () => {
  const first = testSeed() + 1_000;
  const seeds = Array.from({ length: 5_000 }, (_, place) => first + place);
  const verdicts = await simulateAll({ seeds, threads: 2 });
  expect(verdicts.filter(({ found }) => found.length > 0)).toEqual([]);
  expect(verdicts).toHaveLength(seeds.length);
});

test.for(breakages.map(({ name }) => name))('%s is found', TIMEOUT, async (broken) => {
  const seeds = Array.from({ length: 10_000 }, (_, place) => place + 1);
  const onVerdict = ({ found }: { readonly found: readonly string[] }): boolean => found.length === 0;
  const verdicts = await simulateAll({ seeds, threads: 2, broken, onVerdict });
  expect(verdicts.at(-1)?.found).not.toEqual([]);
});
