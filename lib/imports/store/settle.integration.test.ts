/** The statements that hold *exactly once* together: who may claim, who may settle, and when somebody may look. */
import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { collectDue } from '../collect.ts';
import { type Engine, startEngine } from '../engine.fixture.ts';
import { EVERY_MONTH } from '../ledger.fixture.ts';
import { planConnector } from '../plan.ts';
import { people, type ScriptedSource, scriptedSource, sms } from '../scripted-source.fixture.ts';
import { shardOf } from '../shards.ts';
import { type DeliveryState, itemOutcome } from '../transitions.ts';
import { claimToLookUp, claimToSend, extendDeadline } from './claims.ts';
import { countTransitions } from './item-outcomes.ts';
import { acquireShard, renewShard, type ShardLease } from './leases.ts';
import { settle } from './settle.ts';

const [anna] = people as readonly [Person];
const never = new AbortController().signal;
const shard = shardOf(anna.id);

let sandbox: TestSandbox;
let source: ScriptedSource;
let engine: Engine;
let pool: pg.Pool;
beforeAll(async () => {
  sandbox = await startTestSandbox();
  source = scriptedSource();
  engine = await startEngine(sandbox, { source: () => source });
  pool = engine.database.pool;
  source.listed.push(sms(anna, new Date(source.settledThrough.getTime() - 3_600_000)));
  const connectorId = await engine.connect();
  const { organizationId } = engine;
  await planConnector(engine.deps, { organizationId, connectorId, trigger: 'first' }, never);
  await collectDue(engine.deps, organizationId, connectorId, never);
});
afterAll(async () => {
  await engine?.close();
  await sandbox?.stop();
});

beforeEach(async () => {
  await pool.query('DELETE FROM shard_lease');
  await pool.query(
    `UPDATE delivery SET state = 'pending', sending_until = NULL, message_id = NULL, lookups = 0, doubt = 0,
       attempts = 0, epoch = 0, not_before = now()`,
  );
});

const CLAIM = { limit: 10, bytes: 1e9, seconds: 60, exceptUserIds: [], months: EVERY_MONTH };

async function acquire(owner: string): Promise<ShardLease> {
  const lease = await acquireShard(pool, engine.organizationId, shard, owner, 60);
  if (!lease) throw new Error('the shard is held');
  return lease;
}

/** The lease runs out, and so does the deadline of everything that was claimed under it. */
async function timePasses(seconds: number): Promise<void> {
  await pool.query('UPDATE shard_lease SET expires_at = now()');
  await pool.query(
    `UPDATE delivery SET sending_until = now() - make_interval(secs => $1) WHERE sending_until IS NOT NULL`,
    [seconds],
  );
}

async function stateNow(): Promise<unknown> {
  return (await pool.query('SELECT state, lookups, doubt FROM delivery')).rows[0];
}

describe('a worker whose lease is over', () => {
  it('claims nothing, prolongs nothing, and leaves alone what its successor took', async () => {
    const old = await acquire('sleeper');
    const [delivery] = await claimToSend(pool, old, CLAIM);
    if (!delivery) throw new Error('nothing was claimed');
    expect(await acquireShard(pool, engine.organizationId, shard, 'successor', 60)).toBeNull();
    await timePasses(601);
    const lease = await acquire('successor');
    expect(await renewShard(pool, old, 60)).toBe(false);
    expect(await claimToSend(pool, old, CLAIM)).toEqual([]);
    expect(await extendDeadline(pool, old, delivery, 60)).toBe(false);

    expect(await claimToLookUp(pool, lease, { ...CLAIM, lateCommitSeconds: 600 })).toHaveLength(1);
    const late = { delivery, settlement: { state: 'pending', inSeconds: 0, reason: null } } as const;
    expect(await settle(pool, old, [late])).toMatchObject({ states: [] });
    expect(await stateNow()).toMatchObject({ state: 'sending', doubt: 1 });
  });
});

describe('a copy in doubt', () => {
  it('is never claimed to be sent', async () => {
    await claimToSend(pool, await acquire('dead'), CLAIM);
    await timePasses(100_000);
    expect(await claimToSend(pool, await acquire('successor'), CLAIM)).toEqual([]);
  });

  it.each(['sending', 'created'] as const)(
    'and %s is looked at not before the late-commit allowance',
    async (state) => {
      await claimToSend(pool, await acquire('dead'), CLAIM);
      await pool.query(`UPDATE delivery SET state = $1, message_id = CASE WHEN $1 = 'created' THEN 'one' END`, [state]);
      await timePasses(599);
      const lease = await acquire('successor');
      expect(await claimToLookUp(pool, lease, { ...CLAIM, lateCommitSeconds: 600 })).toEqual([]);
      await timePasses(601);
      const next = await acquire('another');
      expect(await claimToLookUp(pool, next, { ...CLAIM, lateCommitSeconds: 600 })).toMatchObject([{ doubt: state }]);
    },
  );

  it('is pending only after a second look', async () => {
    await claimToSend(pool, await acquire('dead'), CLAIM);
    await timePasses(601);
    const lease = await acquire('successor');
    const [delivery] = await claimToLookUp(pool, lease, { ...CLAIM, lateCommitSeconds: 600 });
    if (!delivery) throw new Error('nothing to look up');
    await settle(pool, lease, [{ delivery, settlement: { state: 'sending', inSeconds: 0, absent: true } }]);
    expect(await stateNow()).toEqual({ state: 'sending', lookups: 1, doubt: 1 });
  });
});

describe("an item's outcome", () => {
  const states: readonly DeliveryState[] = [
    'waiting',
    'pending',
    'sending',
    'created',
    'imported',
    'partially_imported',
    'skipped',
    'failed',
  ];

  it('is the same in SQL as in transitions.ts, whatever its copies are', async () => {
    const { rows } = await pool.query<{ id: string; organization_id: string; connector_id: string; source_id: string }>(
      'SELECT id, organization_id, connector_id, source_id FROM import LIMIT 1',
    );
    const [run] = rows;
    if (!run) throw new Error('no import');
    let itemId = 1_000_000;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...states), { minLength: 1, maxLength: 5 }), async (copies) => {
        itemId += 1;
        const archivedAt = new Date();
        const client = await pool.connect();
        try {
          await client.query('BEGIN');
          await client.query(
            `INSERT INTO item (archived_at, id, organization_id, source_id, connector_id, import_id, source_item_id, type,
               outcome, page, frame_offset, frame_length) VALUES ($1, $2, $3, $4, $5, $6, $7, 'sms', 'unreadable', 1, 0, 1)`,
            [archivedAt, itemId, run.organization_id, run.source_id, run.connector_id, run.id, `outcome-${itemId}`],
          );
          // Like the one that is there, but for what the outcome depends on.
          await client.query(
            `INSERT INTO delivery SELECT (jsonb_populate_record(NULL::delivery, to_jsonb(d) || jsonb_build_object('archived_at', $1::timestamptz,
                 'id', nextval('delivery_id_seq'), 'item_id', $2::bigint, 'participant', 'participant ' || n,
                 'user_id', CASE WHEN t.state <> 'waiting' THEN gen_random_uuid() END, 'state', t.state,
                 'sending_until', now(), 'message_id', 'message'))).*
             FROM (SELECT * FROM delivery LIMIT 1) AS d, unnest($3::text[]) WITH ORDINALITY AS t (state, n)`,
            [archivedAt, itemId, copies],
          );
          const change = { import_id: run.id, archived_at: archivedAt, item_id: String(itemId) };
          await countTransitions(client, 0, [{ ...change, before: 'pending', after: 'failed' }]);
          const found = await client.query('SELECT outcome FROM item WHERE archived_at = $1 AND id = $2', [
            archivedAt,
            itemId,
          ]);
          expect(found.rows).toEqual([{ outcome: itemOutcome(copies) }]);
        } finally {
          await client.query('ROLLBACK');
          client.release();
        }
      }),
      { numRuns: 60 },
    );
  });
});
