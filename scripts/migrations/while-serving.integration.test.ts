/** A newer version's migration is applied to a database on which this version reads and writes. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Engine, startEngine } from '#lib/imports/engine.fixture.ts';
import { schemaStanding } from '#lib/schema/admit.ts';
import { EXPAND } from '#testing/expanded-schema.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { testDatabase } from '#testing/services.ts';
import { readMigrations } from './files.ts';
import { migrate } from './migrate.ts';

const expand = { name: '29990101000000_expand', sql: EXPAND };
const index = {
  name: '29990102000000_index',
  sql: 'CREATE INDEX CONCURRENTLY item_identity_later ON item_identity (later)',
};
const next = [...readMigrations(), expand, index];

let sandbox: TestSandbox;
let engine: Engine;
let database: string;
beforeAll(async () => {
  sandbox = await startTestSandbox({ SANDBOX_ITEMS_PER_DAY: '80' });
  database = await testDatabase();
  engine = await startEngine(sandbox, { connectionString: database });
});
afterAll(async () => {
  await engine.close();
  await sandbox.stop();
});

it('an import goes on while the schema is expanded under it, and the next one runs on what it has become', async () => {
  const { pool } = engine.database;
  const connectorId = await engine.connect();
  const finished = engine.finish();
  const imported = async (): Promise<number> => (await engine.counts(connectorId)).copies.imported;
  while ((await imported()) === 0) await sleep(5);
  expect(await migrate(database, next)).toEqual([expand.name, index.name]);
  const then = await imported();
  await finished;
  const first = await engine.counts(connectorId);
  expect(first.copies.imported).toBeGreaterThan(then);
  expect(await schemaStanding(pool)).toBe('fits');

  const { organizationId } = engine;
  await engine.deps.enqueue('plan', { organizationId, connectorId, trigger: 'manual' }, { key: connectorId });
  await engine.finish();
  const { rows } = await pool.query<{ balanced: boolean }>('SELECT balanced FROM import');
  expect(rows.every(({ balanced }) => balanced)).toBe(true);
  const { rowCount } = await pool.query(
    `SELECT FROM pg_index WHERE indexrelid = 'item_identity_later'::regclass AND indisvalid`,
  );
  expect(rowCount).toBe(1);
});

it('a lock that somebody keeps is not waited for: who comes after the migration is served, and it says so', async () => {
  const held = await testDatabase();
  const [keeper, reader] = [new pg.Client({ connectionString: held }), new pg.Client({ connectionString: held })];
  await Promise.all([keeper.connect(), reader.connect()]);
  try {
    await keeper.query('BEGIN');
    await keeper.query('SELECT FROM delivery');
    const outcome = migrate(held, next, { lockTimeoutMs: 200, attempts: 3, pauseMs: 200 }).catch(
      (error: unknown) => error,
    );
    const waits = async (): Promise<boolean> =>
      ((
        await keeper.query(
          `SELECT FROM pg_locks WHERE NOT granted AND relation = 'delivery'::regclass AND mode = 'AccessExclusiveLock'`,
        )
      ).rowCount ?? 0) > 0;
    while (!(await waits())) await sleep(5);
    // Behind the migration in the queue for the table, while the lock is kept.
    await reader.query('SELECT FROM delivery');
    expect(String(await outcome)).toMatch(/29990101000000_expand failed and was undone: another session keeps a lock/);
    await keeper.query('ROLLBACK');
    expect(await migrate(held, next)).toEqual([expand.name, index.name]);
  } finally {
    await Promise.all([keeper.end(), reader.end()]);
  }
});

const twice = { name: '29990101000000_twice', sql: 'CREATE INDEX CONCURRENTLY twice ON organization (id)' };

it.each([
  ['broken off', `CREATE UNIQUE INDEX twice ON organization ((1))`, false],
  ['made, and not recorded', twice.sql, true],
])('an index that was %s is made anew', async (_, before, isValid) => {
  const broken = await testDatabase();
  const client = new pg.Client({ connectionString: broken });
  await client.connect();
  try {
    await client.query(before);
    await client.query(`UPDATE pg_index SET indisvalid = $1 WHERE indexrelid = 'twice'::regclass`, [isValid]);
    expect(await migrate(broken, [...readMigrations(), twice])).toEqual([twice.name]);
    const { rows } = await client.query(
      `SELECT indisvalid, indisunique FROM pg_index WHERE indexrelid = 'twice'::regclass`,
    );
    expect(rows).toEqual([{ indisvalid: true, indisunique: false }]);
  } finally {
    await client.end();
  }
});

it('of two that start at once one makes the index, and the other does not keep it waiting', async () => {
  const database = await testDatabase();
  const all = [...readMigrations(), twice];
  const applied = await Promise.all([migrate(database, all), migrate(database, all)]);
  expect(applied.flat()).toEqual([twice.name]);
});
