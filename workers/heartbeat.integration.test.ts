/** A worker that comes round tells an outside monitor so. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { type Installation, installation, until } from './installation.fixture.ts';

let sandbox: TestSandbox;
let place: Installation;
beforeAll(async () => {
  sandbox = await startTestSandbox();
  const monitor = `https://${sandbox.hooksHost}/worker-is-well`;
  place = await installation(sandbox, { HEARTBEAT_URL: monitor, RECONCILE_SECONDS: '1' });
});
afterAll(async () => {
  await place.close();
  await sandbox.stop();
});

const beats = async (): Promise<number> =>
  (await (await fetch(`${sandbox.http}/sent`)).text()).split('GET /worker-is-well').length - 1;

it('after each round', async () => {
  expect(await beats()).toBe(0);
  place.start();
  await until(async () => (await beats()) >= 2);
});
