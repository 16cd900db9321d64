import { expect, it } from 'vitest';
import { testSeed } from '#testing/seed.ts';
import { runRounds } from './rounds.ts';

it('ten rounds of chaos leave every copy in its mailbox once', async () => {
  const reports = await runRounds({ seed: testSeed(), from: 1, rounds: 10 }, console.log);
  expect(reports).toHaveLength(10);
  for (const { round, outcome } of reports) expect({ round, wrong: outcome.wrong }).toEqual({ round, wrong: [] });
});
