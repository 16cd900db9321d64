/** What taking a shard reads, and how much a worker takes in hand at once. */
import type pg from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { Person } from '#sandbox/world/people.ts';
import { planOf, rowsRead } from '#testing/query-plan.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { collectDue } from '../collect.ts';
import { type Engine, startEngine } from '../engine.fixture.ts';
import { EVERY_MONTH } from '../ledger.fixture.ts';
import { planConnector } from '../plan.ts';
import { people, scriptedSource, sms } from '../scripted-source.fixture.ts';
import { shardOf } from '../shards.ts';
import { claimToLookUp, claimToSend, mayHaveLeft } from './claims.ts';
import { acquireShard, type ShardLease } from './leases.ts';

const [anna] = people as readonly [Person];
const COPIES = 6;
const WIDE = { limit: 10, bytes: 1e9, seconds: 60, exceptUserIds: [], months: EVERY_MONTH };

let sandbox: TestSandbox;
let engine: Engine;
let pool: pg.Pool;
beforeAll(async () => {
  sandbox = await startTestSandbox();
  const source = scriptedSource();
  engine = await startEngine(sandbox, { source: () => source });
  pool = engine.database.pool;
  for (let i = 0; i < COPIES; i++) source.listed.push(sms(anna, new Date(source.settledThrough.getTime() - 3_600_000)));
  const connectorId = await engine.connect();
  const { organizationId } = engine;
  const never = new AbortController().signal;
  await planConnector(engine.deps, { organizationId, connectorId, trigger: 'first' }, never);
  await collectDue(engine.deps, organizationId, connectorId, never);
});
afterAll(async () => {
  await engine?.close();
  await sandbox?.stop();
});

async function acquire(owner: string): Promise<ShardLease> {
  await pool.query('DELETE FROM shard_lease');
  const lease = await acquireShard(pool, engine.organizationId, shardOf(anna.id), owner, 60);
  if (!lease) throw new Error('the shard is held');
  return lease;
}

/** How many copies a statement looks at, in whichever partition. */
async function copiesRead(sql: string, values: unknown[]): Promise<number> {
  const plan = await planOf(pool, sql, values);
  return plan.reduce((sum, node) => sum + (node['Relation Name']?.startsWith('delivery') ? rowsRead(node) : 0), 0);
}

it('taking a shard reads none of the copies that wait, but where a restore concerns their months', async () => {
  const asked = vi.spyOn(pool, 'query');
  expect(await acquire('worker')).toMatchObject({ inDoubt: false });
  const [sql, values] = z.tuple([z.string(), z.array(z.unknown())]).parse(asked.mock.lastCall);
  asked.mockRestore();
  expect(await copiesRead(sql, values)).toBe(0);
  const lost = await pool.query(
    `INSERT INTO recovery (cause, doubtful_until, ended_at) VALUES ('older', now() + interval '1 day', now()) RETURNING id`,
  );
  expect(await copiesRead(sql, values)).toBeGreaterThan(0);
  await pool.query('DELETE FROM recovery WHERE id = $1', [lost.rows[0].id]);
});

it('a claim ends with the copy that fills its bytes, and says that there may be more', async () => {
  await pool.query('UPDATE delivery SET frame_length = 10000000');
  const lease = await acquire('worker');
  const narrow = { ...WIDE, bytes: 15_000_000 };
  const first = await claimToSend(pool, lease, narrow);
  expect(first).toHaveLength(2);
  expect(mayHaveLeft(narrow, first)).toBe(true);
  // One that is larger than the measure is not left for ever.
  expect(await claimToSend(pool, lease, { ...WIDE, bytes: 1 })).toHaveLength(1);
  const rest = await claimToSend(pool, lease, WIDE);
  expect(rest).toHaveLength(COPIES - 3);
  expect(mayHaveLeft(WIDE, rest)).toBe(false);

  await pool.query(`UPDATE delivery SET sending_until = now() - interval '1 hour'`);
  expect(await claimToLookUp(pool, await acquire('successor'), { ...narrow, lateCommitSeconds: 600 })).toHaveLength(2);
});
