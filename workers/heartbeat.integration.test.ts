/** A worker that comes round tells an outside monitor so. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Line, openLine } from '#scripts/chaos/proxy.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { testRedisUrl } from '#testing/services.ts';
import { type Installation, installation, until } from './installation.fixture.ts';

let sandbox: TestSandbox;
let place: Installation;
let line: Line;
beforeAll(async () => {
  sandbox = await startTestSandbox();
  const monitor = `https://${sandbox.hooksHost}/worker-is-well`;
  const redis = new URL(await testRedisUrl());
  line = await openLine(Number(redis.port));
  redis.port = String(line.port);
  place = await installation(sandbox, { HEARTBEAT_URL: monitor, RECONCILE_SECONDS: '1', REDIS_URL: redis.href });
});
afterAll(async () => {
  await place.close();
  await line.close();
  await sandbox.stop();
});

const beats = async (): Promise<number> =>
  (await (await fetch(`${sandbox.http}/sent`)).text()).split('GET /worker-is-well').length - 1;

it('after each round', async () => {
  expect(await beats()).toBe(0);
  place.start();
  await until(async () => (await beats()) >= 2);
});

it('not while Redis is away, when nothing is imported', async () => {
  // Until then a round is over, in which work was asked for in vain.
  line.silence(60_000);
  await sleep(2_000);
  const before = await beats();
  await sleep(15_000);
  expect(await beats()).toBe(before);
}, 60_000);
