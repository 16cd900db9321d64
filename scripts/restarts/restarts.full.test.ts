import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { testSeed } from '#testing/seed.ts';
import '#testing/services.ts';
import { runRestarts } from './run.ts';

it('each part is restarted under an import: it is seen from outside, and every copy is in its mailbox once', async () => {
  const { folder } = inject('services');
  const report = await runRestarts(
    {
      folder: join(folder, 'restarts'),
      tools: join(folder, 'tools'),
      distDir: '.test/next',
      itemsPerDay: 12_000,
      seed: testSeed(),
    },
    console.log,
  );
  expect(report.wrong).toEqual([]);
  expect(report.seen.map(({ part }) => part)).toEqual(['portal', 'worker 1', 'Redis', 'PostgreSQL']);
});
