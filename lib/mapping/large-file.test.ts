import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';

test('1,000,000 rows are read with a heap of 64 MB: a thread that needs more ends', async () => {
  const thread = new Worker(new URL('./large-file.fixture.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 },
    // Of this process they are vitest's.
    execArgv: [],
  });
  const [said] = await once(thread, 'message');
  expect(said).toMatchObject({ rows: 1_000_000, result: { kind: 'read', rowCount: 1_000_000, erroneousRowCount: 0 } });
  await thread.terminate();
});
