/**
 * Exactly once, whatever happens to the workers: real processes, killed and paused in the middle of their work. When it
 * happens follows from the run's seed and from the progress of the import, never from a clock.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { sealPassword } from '#lib/connectors/password.ts';
import { sandboxClients } from '#lib/imports/clients.fixture.ts';
import { account, control, grantConsent, insertConnector } from '#lib/imports/connector.fixture.ts';
import { balances, countsOf } from '#lib/imports/counts.ts';
import { countOwed, differences, readFeed, readMailboxes } from '#lib/imports/mailboxes.fixture.ts';
import { readCounters } from '#lib/imports/store/counters.ts';
import { parseKeyRing } from '#lib/security/keyring.ts';
import { productEnvironment } from '#scripts/services/environment.ts';
import { newSecrets } from '#scripts/services/secrets.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { testSeed } from '#testing/seed.ts';
import { testBlobConnection, testDatabase, testRedisUrl } from '#testing/services.ts';
import { logged, startWorker, type WorkerProcess } from './worker-process.fixture.ts';

/** Short, so that what was in doubt is looked up while the test waits. */
const TIMES = {
  SHARD_LEASE_SECONDS: '6',
  GRAPH_TIMEOUT_SECONDS: '3',
  LATE_COMMIT_SECONDS: '2',
  RECONCILE_SECONDS: '1',
};

/** Numbers in [from, to) that follow from the run's seed. */
let state = testSeed();
function between(from: number, to: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return from + Math.floor((state / 2 ** 32) * (to - from));
}

let sandbox: TestSandbox;
let pool: pg.Pool;
let redis: Redis;
let workerEnv: Record<string, string>;
let logFile: string;
let running: WorkerProcess[];

// One for the file: a process trusts one authority of that name.
beforeAll(async () => {
  // Every request takes a while, so that some are under way at any moment.
  sandbox = await startTestSandbox({
    SANDBOX_ITEMS_PER_DAY: '500',
    SANDBOX_GRAPH_LATENCY_MS: '60',
    SANDBOX_SEED: String(testSeed()),
  });
});
afterAll(() => sandbox.stop());

beforeEach(async () => {
  running = [];
  await control(sandbox, 'POST', 'reset');
  await grantConsent(sandbox);
  const [database, redisUrl, blob, secrets] = [
    await testDatabase(),
    await testRedisUrl(),
    testBlobConnection(),
    newSecrets(),
  ];
  pool = new pg.Pool({ connectionString: database, max: 3 });
  redis = new Redis(redisUrl);
  logFile = join(inject('services').folder, `worker-${blob.container}.log`);
  const addresses = {
    database,
    redis: redisUrl,
    blob: blob.connectionString,
    stagingContainer: blob.container,
    portal: 'http://localhost:3999',
    workerHealthPort: 0,
    sandbox,
  };
  workerEnv = { ...productEnvironment(addresses, secrets), ...TIMES, LOG_LEVEL: 'info' };
  const keyRing = parseKeyRing(secrets.encryptionKeys);
  await insertConnector(pool, { sealed: (connectorId) => sealPassword(keyRing, connectorId, account.password) });
});

afterEach(async () => {
  await Promise.all(running.map((worker) => worker.kill()));
  redis.disconnect();
  await pool.end();
});

function start(): WorkerProcess {
  const worker = startWorker(workerEnv, logFile);
  running.push(worker);
  return worker;
}

async function number(sql: string, values: readonly unknown[] = []): Promise<number> {
  const { rows } = await pool.query<{ number: string | null }>(`SELECT (${sql})::bigint AS number`, [...values]);
  return Number(rows[0]?.number ?? 0);
}

const imported = (): Promise<number> =>
  number(`SELECT sum(count) FROM import_counter WHERE outcome = 'copies.imported'`);
const isUnderWay = async (): Promise<boolean> =>
  (await number(`SELECT count(*) FROM import WHERE phase <> 'completed'`)) > 0 ||
  (await number('SELECT count(*) FROM import')) === 0 ||
  (await number(`SELECT count(*) FROM delivery WHERE state IN ('pending', 'sending', 'created')`)) > 0;

async function until(reached: () => Promise<boolean>): Promise<void> {
  while (!(await reached())) await sleep(5);
}

/** Lets the import come `copies` further. @returns whether it still goes on then */
async function advance(copies: number): Promise<boolean> {
  const target = (await imported()) + copies;
  await until(async () => (await imported()) >= target || !(await isUnderWay()));
  return isUnderWay();
}

const sending = (): Promise<number> => number(`SELECT count(*) FROM delivery WHERE state = 'sending'`);

/** Pauses a worker while it has copies under way: that they are was written before they were sent. */
async function pauseWhileSending(worker: WorkerProcess): Promise<void> {
  for (;;) {
    await until(async () => (await sending()) > 0);
    worker.pause();
    if ((await sending()) > 0) return;
    worker.resume();
  }
}

/** Everything is in its mailbox once, and the ledger says so. */
async function expectExactlyOnce(): Promise<void> {
  const { graph, source } = sandboxClients(sandbox);
  const { rows } = await pool.query<{ id: string; balanced: boolean; starts_at: Date; ends_at: Date }>(
    'SELECT i.id, i.balanced, w.starts_at, w.ends_at FROM import i JOIN import_window w ON w.id = i.window_id',
  );
  const items = await readFeed(
    source,
    rows.map((row) => ({ from: row.starts_at, to: row.ends_at })),
  );
  expect(countOwed(items)).toBeGreaterThan(300);
  expect(differences(items, await readMailboxes(graph))).toEqual([]);
  const counts = countsOf(
    await readCounters(
      pool,
      rows.map(({ id }) => id),
    ),
  );
  expect(balances(counts)).toBe(true);
  expect(counts.copies.imported + counts.copies.partiallyImported).toBe(countOwed(items));
  expect(rows.map(({ balanced }) => balanced)).toEqual(rows.map(() => true));
  expect(await number('SELECT count(*) FROM alert')).toBe(0);
  expect(logged(logFile, 'error')).toEqual([]);
}

describe('workers that die', () => {
  it('leave every message in its mailbox exactly once, also when Redis forgets everything meanwhile', async () => {
    let worker = start();
    await until(async () => (await number(`SELECT max(pages) FROM import WHERE phase = 'collecting'`)) > 0);
    await worker.kill();
    let kills = 1;
    worker = start();
    while (kills < 5 && (await advance(between(40, 90)))) {
      await until(async () => (await sending()) > 0 || !(await isUnderWay()));
      await worker.kill();
      kills += 1;
      if (kills === 3) await redis.flushdb();
      worker = start();
    }
    expect(kills).toBeGreaterThan(3);
    await until(async () => !(await isUnderWay()));
    // Otherwise nothing of what this test is about has happened.
    expect(await number('SELECT count(*) FROM delivery WHERE doubt > 0')).toBeGreaterThan(0);
    const { code, ms } = await worker.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(20_000);
    await expectExactlyOnce();
  }, 180_000);

  it('and one that wakes up beside its successor', async () => {
    const sleeper = start();
    await advance(between(60, 140));
    await pauseWhileSending(sleeper);
    const held = await pool.query<{ shard: number; epoch: string }>(
      'SELECT shard, epoch FROM shard_lease WHERE expires_at > now()',
    );
    expect(held.rows.length).toBeGreaterThan(0);
    const successor = start();
    await until(async () => {
      const still = await number(
        `SELECT count(*) FROM shard_lease l JOIN unnest($1::int[], $2::bigint[]) AS h (shard, epoch)
           ON l.shard = h.shard AND l.epoch = h.epoch`,
        [held.rows.map(({ shard }) => shard), held.rows.map(({ epoch }) => epoch)],
      );
      return still === 0;
    });
    await advance(between(40, 100));
    // What the sleeper had under way is in doubt, and is looked up by its successor, before it wakes up.
    await until(async () => (await number('SELECT count(*) FROM delivery WHERE doubt > 0')) > 0);
    sleeper.resume();
    await until(async () => !(await isUnderWay()));
    const stopped = await Promise.all([sleeper.stop(), successor.stop()]);
    expect(stopped.map(({ code }) => code)).toEqual([0, 0]);
    await expectExactlyOnce();
  }, 180_000);
});
