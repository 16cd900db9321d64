import { expect, test } from 'vitest';
import { testSeed } from '#testing/seed.ts';
import { keptSeeds } from './kept-seeds.ts';
import { simulateAll } from './run.ts';

/** Of this commit, besides those that found something once. */
const SEEDS = 150;
const TIMEOUT = { timeout: 600_000 };

test('imports under faults lose nothing, double nothing and come to an end', TIMEOUT, async () => {
  const first = testSeed();
  const seeds = [...keptSeeds.map(({ seed }) => seed), ...Array.from({ length: SEEDS }, (_, place) => first + place)];
  const verdicts = await simulateAll({ seeds, threads: 2 });
  const found = verdicts.flatMap(({ seed, found }) =>
    found.map((line) => `npm run simulate -- --seed ${seed}: ${line}`),
  );
  expect(found).toEqual([]);
  expect(verdicts).toHaveLength(seeds.length);
  // Something was simulated at all.
  expect(verdicts.reduce((sum, { imported }) => sum + imported, 0)).toBeGreaterThan(seeds.length);
  expect(verdicts.reduce((sum, { handedOver }) => sum + handedOver, 0)).toBeGreaterThan(0);
});

test('a seed replays to the last event', TIMEOUT, async () => {
  const seeds = [testSeed(), testSeed() + 1];
  const once = await simulateAll({ seeds });
  const again = await simulateAll({ seeds });
  expect(again).toEqual(once);
});

test('look-ups that are left out are found', TIMEOUT, async () => {
  const seeds = Array.from({ length: 50 }, (_, place) => place + 1);
  const verdicts = await simulateAll({
    seeds,
    broken: 'send-again-without-looking',
    onVerdict: ({ found }) => found.length === 0,
  });
  expect(verdicts.at(-1)?.found).not.toEqual([]);
});
