import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestSandbox, type TestSandbox } from './sandbox.ts';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

test.each(['http', 'entra', 'graph', 'telemessage'] as const)('%s answers, its certificate verified', async (side) => {
  const response = await fetch(new URL('/', sandbox[side]), { redirect: 'manual' });
  expect(response.status).toBeLessThan(500);
});

test('stopping a second time does nothing', async () => {
  const other = await startTestSandbox();
  await other.stop();
  await other.stop();
  await expect(fetch(other.http)).rejects.toThrow();
});
