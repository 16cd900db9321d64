import { afterAll, beforeAll, expect, test } from 'vitest';
import { contractsMissing } from '../scripts/test/contracts.ts';
import { startTestSandbox, type TestSandbox } from './sandbox.ts';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

test.each([
  ['http', '/'],
  ['entra', '/organizations'],
  ['graph', '/v1.0/organization'],
  ['telemessage', '/v1/archives/android-archiver/status'],
] as const)('%s answers, its certificate verified', async (side, path) => {
  const response = await fetch(new URL(path, sandbox[side]), { redirect: 'manual' });
  expect(response.status).toBeLessThan(500);
});

test.skipIf(contractsMissing() !== null)('a request that breaks a contract is named when it stops', async () => {
  const other = await startTestSandbox();
  await fetch(`${other.graph}/v1.0/people`);
  await expect(other.stop()).rejects.toThrow('GET /people is not in the contract');
});

test('stopping a second time does nothing', async () => {
  const other = await startTestSandbox();
  await other.stop();
  await other.stop();
  await expect(fetch(other.http)).rejects.toThrow();
});
