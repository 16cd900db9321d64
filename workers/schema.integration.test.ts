/** Portal, worker and migration as processes: which schema they start on, and what a worker says when it moves on under it. */
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { environmentOfProbe } from '#lib/connect-proxy.fixture.ts';
import { MIGRATIONS } from '#lib/generated/migrations.ts';
import { freePort } from '#scripts/services/ports.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { testDatabase } from '#testing/services.ts';
import { type Installation, installation, until } from './installation.fixture.ts';

let sandbox: TestSandbox;
let place: Installation;
let health: string;
let newer: string;
let behind: string;
beforeAll(async () => {
  sandbox = await startTestSandbox();
  const port = await freePort();
  health = `http://127.0.0.1:${port}/health/ready`;
  place = await installation(sandbox, { WORKER_HEALTH_PORT: String(port) });
  [newer, behind] = [await testDatabase(), await testDatabase()];
  await ask(newer, ADD, ['29990101000000_more']);
  await ask(behind, TAKE, [MIGRATIONS.at(-1)?.name]);
});
afterAll(async () => {
  await place.close();
  await sandbox.stop();
});

/** One answer is given for a second. */
const KEPT_MS = 1_500;

const ADD = `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at)
  VALUES (gen_random_uuid(), 'x', $1, now())`;
const TAKE = 'DELETE FROM _prisma_migrations WHERE migration_name = $1';

async function ask(connectionString: string, sql: string, values: readonly unknown[]): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(sql, [...values]);
  await client.end();
}

/** What `next start` runs before its first request. */
const PORTAL = ['--input-type=module', '--eval', `await (await import('#lib/start-portal.ts')).startPortal()`];

it.each([
  ['worker', ['workers/index.ts']],
  ['portal', PORTAL],
  ['migration', ['scripts/migrate.ts']],
])('the %s does not start on a schema of a newer version', (_, command) => {
  const { status, stderr } = run(command, newer);
  expect([status, stderr]).toEqual([
    1,
    'The database belongs to a newer version of the portal: it has 29990101000000_more. Start that version, or restore a backup from before the update.\n',
  ]);
});

it.each([
  ['worker', ['workers/index.ts']],
  ['portal', PORTAL],
])('the %s does not start before the database is migrated', (_, command) => {
  const { status, stderr } = run(command, behind);
  expect([status, stderr]).toEqual([
    1,
    `The database lacks the migration ${MIGRATIONS.at(-1)?.name} of this version. Run "npm run migrate" of this version, then start this again.\n`,
  ]);
});

function run(command: readonly string[], database: string): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync(process.execPath, command, {
    encoding: 'utf8',
    env: { ...environmentOfProbe(), ...place.env, DATABASE_URL: database },
    timeout: 50_000,
  });
  return { status, stderr };
}

it('a worker that runs stays ready while a newer version adds, and not when it takes away or something is missing', async () => {
  const said = async (): Promise<string> => (await fetch(health).catch(() => null))?.text() ?? '';
  place.start();
  await until(async () => (await said()) === 'ready\n');
  await place.pool.query(ADD, ['29990101000000_more']);
  await sleep(KEPT_MS);
  expect(await said()).toBe('ready\n');
  await place.pool.query(ADD, ['29990102000000_contract_99_0_0_old_column']);
  await until(async () => (await fetch(health)).status === 503);
  expect(await said()).toBe('a newer version has taken away what this one uses: start the newer version\n');
  await place.pool.query(TAKE, [MIGRATIONS.at(-1)?.name]);
  await until(async () => (await said()) === 'the database lacks migrations of this version: run npm run migrate\n');
});
