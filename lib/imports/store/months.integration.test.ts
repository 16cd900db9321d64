/** In which months of the ledger copies that are to be delivered are looked for. */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { collectDue } from '../collect.ts';
import { type Engine, startEngine } from '../engine.fixture.ts';
import { planConnector } from '../plan.ts';
import { people, scriptedSource, sms } from '../scripted-source.fixture.ts';
import { shardOf } from '../shards.ts';
import { startOfUtcDay } from '../windows.ts';
import { claimToLookUp, claimToSend } from './claims.ts';
import { type AcquiredShard, acquireShard } from './leases.ts';
import { monthsOf } from './months.ts';

const [anna] = people as readonly [Person];
const shard = shardOf(anna.id);
const { signal: never } = new AbortController();
const source = scriptedSource();

let sandbox: TestSandbox;
let engine: Engine;
let pool: pg.Pool;
let archivedAt: Date;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  engine = await startEngine(sandbox, { source: () => source });
  pool = engine.database.pool;
  archivedAt = new Date(source.settledThrough.getTime() - 3_600_000);
  for (let month = 1; month <= 12; month += 1) {
    await pool.query('SELECT ensure_ledger_partitions($1::timestamptz - make_interval(months => $2))', [
      archivedAt,
      month,
    ]);
  }
  source.listed.push(sms(anna, archivedAt));
  const connectorId = await engine.connect({ firstImportFrom: startOfUtcDay(archivedAt) });
  const { organizationId } = engine;
  await planConnector(engine.deps, { organizationId, connectorId, trigger: 'first' }, never);
  await collectDue(engine.deps, organizationId, connectorId, never);
});
afterAll(async () => {
  await engine?.close();
  await sandbox?.stop();
});

/** Which partitions of the ledger PostgreSQL opened for a question, be it to plan it. */
async function partitionsOpenedBy(question: (client: pg.PoolClient) => Promise<unknown>): Promise<string[]> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await question(client);
    const { rows } = await client.query<{ name: string }>(
      `SELECT DISTINCT c.relname AS name FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
       WHERE l.pid = pg_backend_pid() AND c.relispartition AND c.relkind = 'r' ORDER BY 1`,
    );
    return rows.map(({ name }) => name);
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

const partition = (table: string): string => `${table}_${archivedAt.toISOString().slice(0, 7).replace('-', '_')}`;

it('a run opens the month of its copies and no other', async () => {
  let lease: AcquiredShard | null = null;
  const acquired = await partitionsOpenedBy(async (client) => {
    lease = await acquireShard(client, engine.organizationId, shard, 'somebody', 60);
  });
  expect(lease).toMatchObject({ months: monthsOf([archivedAt]), inDoubt: false });
  expect(acquired).toEqual([partition('delivery')]);

  const held = await acquireShard(pool, engine.organizationId, shard, 'worker', 60);
  if (!held?.months) throw new Error('nothing is to do');
  const claim = { limit: 10, bytes: 1e9, seconds: 60, exceptUserIds: [], months: held.months };
  const expected = [partition('delivery'), partition('item')];
  expect(await partitionsOpenedBy((client) => claimToSend(client, held, claim))).toEqual(expected);
  const doubtful = { ...claim, lateCommitSeconds: 600 };
  expect(await partitionsOpenedBy((client) => claimToLookUp(client, held, doubtful))).toEqual(expected);
});

it('whose months would be overlooked is refused', async () => {
  const cleared = 'UPDATE import SET staging_cleared_at = now()';
  await expect(pool.query(cleared)).rejects.toThrow('has copies on their way');
  await pool.query(`UPDATE import_counter SET count = 0 WHERE outcome = 'copies.pending'`);
  await pool.query(cleared);
  const { rows } = await pool.query<{ id: string }>('SELECT import_id AS id FROM delivery');
  const more = [
    `UPDATE import_counter SET count = 1 WHERE outcome = 'copies.pending' AND import_id = $1`,
    `INSERT INTO import_counter (import_id, shard, outcome, count) VALUES ($1, 31, 'copies.pending', 1)`,
  ];
  for (const statement of more) {
    await expect(pool.query(statement, [rows[0]?.id])).rejects.toThrow('has copies on their way');
  }

  // Both at once: neither sees what the other has not committed.
  const [noting, sending] = [await pool.connect(), await pool.connect()];
  try {
    await pool.query('UPDATE import SET staging_cleared_at = NULL');
    for (const client of [noting, sending]) await client.query('BEGIN');
    await noting.query(cleared);
    await noting.query('SET CONSTRAINTS ALL IMMEDIATE');
    await sending.query(more[0] ?? '', [rows[0]?.id]);
    const checked = sending.query('SET CONSTRAINTS ALL IMMEDIATE');
    const refused = expect(checked).rejects.toThrow('has copies on their way');
    // Were it not to wait, it would have passed by then.
    await Promise.race([refused, sleep(300)]);
    await noting.query('COMMIT');
    await refused;
  } finally {
    for (const client of [noting, sending]) {
      await client.query('ROLLBACK');
      client.release();
    }
  }
});
