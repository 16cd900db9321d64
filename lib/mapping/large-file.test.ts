import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';

async function readInThread(rowsOfEachNumber: number): Promise<unknown> {
  const thread = new Worker(new URL('./large-file.fixture.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 },
    workerData: rowsOfEachNumber,
    // Of this process they are vitest's.
    execArgv: [],
  });
  const [said] = await once(thread, 'message');
  await thread.terminate();
  return said;
}

describe('1,000,000 rows are read with a heap of 64 MB: a thread that needs more ends', () => {
  test('rows that are right', async () => {
    expect(await readInThread(1)).toMatchObject({ rows: 1_000_000, rowCount: 1_000_000, erroneousRowCount: 0 });
  });

  test('rows of which every second contradicts the one before', async () => {
    expect(await readInThread(2)).toMatchObject({ rows: 500_000, rowCount: 0, withdrawnRows: 500_000 });
  });
});
