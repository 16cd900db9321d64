/** Which copies of a page are written as claimed by the run that is at work on their shard: those that it could claim a moment later. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import type { Item } from '../../archive/item.ts';
import { collectDue } from '../collect.ts';
import { control } from '../connector.fixture.ts';
import type { Intake, Room } from '../delivery/intake.ts';
import { type Engine, startEngine } from '../engine.fixture.ts';
import { EVERY_MONTH, mapNumbers, recount } from '../ledger.fixture.ts';
import { planConnector } from '../plan.ts';
import type { HandedCopy } from '../prepare.ts';
import { attach, people, type ScriptedSource, scriptedSource, sms } from '../scripted-source.fixture.ts';
import { shardOf } from '../shards.ts';
import { claimToSend } from './claims.ts';
import { acquireShard, type ShardLease } from './leases.ts';

const [anna] = people as readonly [Person];
const HOUR = 3_600_000;
const never = new AbortController().signal;
const WIDE: Room = { copies: 100, bytes: 1e9 };

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

let source: ScriptedSource;
let engine: Engine;
let connectorId: string;
beforeEach(async () => {
  await control(sandbox, 'POST', 'reset');
  source = scriptedSource();
  engine = await startEngine(sandbox, { source: () => source });
  connectorId = await engine.connect();
});
afterEach(() => engine.close());

function list(id: string, traits: Partial<Item> = {}): Item {
  const item = sms(anna, new Date(source.settledThrough.getTime() - HOUR), { id, ...traits });
  source.listed.push(item);
  return item;
}

async function acquire(owner = engine.deps.owner): Promise<ShardLease> {
  const lease = await acquireShard(engine.database.pool, engine.organizationId, shardOf(anna.id), owner, 60);
  if (!lease) throw new Error('the shard is held');
  return lease;
}

/**
 * Collects what is listed, with a run at work on Anna's shard.
 *
 * @param meanwhile SQL that comes into effect before the page is written
 * @returns what was handed to the run
 */
async function collect(lease: ShardLease, room: Room = WIDE, meanwhile?: string): Promise<readonly HandedCopy[]> {
  const { ledger, clock, shardsAtWork } = engine.deps;
  const { organizationId, database } = engine;
  const commitPage: typeof ledger.commitPage = async (...page) => {
    const [, { items }] = page;
    if (meanwhile !== undefined && items.length > 0) await database.pool.query(meanwhile);
    return ledger.commitPage(...page);
  };
  const intake: Intake = shardsAtWork.begin(clock, lease, { room: () => room, takes: () => true });
  await planConnector(engine.deps, { organizationId, connectorId, trigger: 'first' }, never);
  await collectDue({ ...engine.deps, ledger: { ...ledger, commitPage } }, organizationId, connectorId, never);
  shardsAtWork.end(intake);
  expect(await engine.counts(connectorId)).toEqual(await recount(database.pool));
  return intake.takePages().flatMap(({ copies }) => copies);
}

async function states(): Promise<string[]> {
  const { rows } = await engine.database.pool.query<{ line: string }>(
    `SELECT i.source_item_id || ' ' || d.state AS line FROM delivery d JOIN item i ON i.id = d.item_id
     WHERE d.user_id = $1 ORDER BY d.id`,
    [anna.id],
  );
  return rows.map(({ line }) => line);
}

const idsOf = (copies: readonly HandedCopy[]): string[] => copies.map(({ delivery }) => delivery.sourceItemId);

it('is as a claim would have given it, with what its frame holds', async () => {
  const items = [list('a'), list('b')];
  const lease = await acquire();
  const handed = await collect(lease);
  expect(idsOf(handed)).toEqual(['a', 'b']);
  expect(handed.map(({ staged }) => staged.item.text)).toEqual(items.map(({ text }) => text));
  const { pool } = engine.database;
  const { rows } = await pool.query(
    `SELECT state, epoch::text, attempts, lookups, doubt, sending_until - now() BETWEEN '10 s' AND '21 s' AS in_time FROM delivery`,
  );
  const row = { state: 'sending', epoch: lease.epoch, attempts: 1, lookups: 0, doubt: 0, in_time: true };
  expect(rows).toEqual([row, row]);
  await pool.query(`UPDATE delivery SET state = 'pending', attempts = 0, sending_until = NULL`);
  const claim = { limit: 10, bytes: 1e9, seconds: 60, exceptUserIds: [], months: EVERY_MONTH };
  expect(handed.map(({ delivery }) => delivery)).toEqual(await claimToSend(pool, lease, claim));
});

describe('waits for a claim', () => {
  it.each<readonly [what: string, meanwhile: string]>([
    ['where the lease ran out', `UPDATE shard_lease SET expires_at = now() - interval '1 second'`],
    ['where a successor has the shard', 'UPDATE shard_lease SET epoch = epoch + 1'],
    ['where the connector is paused', `UPDATE connector SET paused_at = now(), paused_by = 'test'`],
    ['where Microsoft 365 refuses', `UPDATE connector SET stopped_at = now(), stopped_reason = 'consent_revoked'`],
    [
      'where one user is imported first',
      `UPDATE connector SET first_user_id = gen_random_uuid(), first_mailbox = 'a@b'`,
    ],
    [
      'where it was sent perhaps before a restore',
      `INSERT INTO recovery (cause, doubtful_until, ended_at) VALUES ('older', now() + interval '1 day', now())`,
    ],
    [
      'where another worker had a shard of the organization a moment ago',
      `INSERT INTO shard_lease (organization_id, shard, owner, expires_at)
       SELECT organization_id, (shard + 1) % 32, 'another', now() - interval '9 seconds' FROM shard_lease`,
    ],
  ])('%s', async (_what, meanwhile) => {
    list('a');
    expect(await collect(await acquire(), WIDE, meanwhile)).toEqual([]);
    expect(await states()).toEqual(['a pending']);
  });

  it('while a mapping is in force by which earlier copies are not decided yet', async () => {
    list('a');
    await mapNumbers(engine, connectorId, {});
    expect(await collect(await acquire(), WIDE, 'UPDATE connector SET decided_version_id = NULL')).toEqual([]);
    expect(await states()).toEqual(['a pending']);
  });

  it('where the shard is held by somebody else under that owner’s name', async () => {
    list('a');
    const lease = await acquire();
    expect(await collect({ ...lease, epoch: `${BigInt(lease.epoch) - 1n}` })).toEqual([]);
  });

  it('where it has an attachment', async () => {
    list('a', { attachments: [attach(source, 'a.png', 'image/png', Buffer.from('a picture'))] });
    list('b');
    expect(idsOf(await collect(await acquire()))).toEqual(['b']);
    expect(await states()).toEqual(['a pending', 'b sending']);
  });

  it('where its run has no room', async () => {
    for (const id of ['a', 'b', 'c']) list(id);
    expect(idsOf(await collect(await acquire(), { copies: 2, bytes: 1e9 }))).toEqual(['a', 'b']);
    expect(await states()).toEqual(['a sending', 'b sending', 'c pending']);
  });

  it('where no run is at work', async () => {
    list('a');
    expect(await collect({ ...(await acquire()), shard: (shardOf(anna.id) + 1) % 32 })).toEqual([]);
    expect(await states()).toEqual(['a pending']);
  });
});

it('another worker of long ago keeps nothing from being handed over', async () => {
  list('a');
  const meanwhile = `INSERT INTO shard_lease (organization_id, shard, owner, expires_at)
    SELECT organization_id, (shard + 1) % 32, 'another', now() - interval '11 seconds' FROM shard_lease`;
  expect(idsOf(await collect(await acquire(), WIDE, meanwhile))).toEqual(['a']);
});

it('of twins only the first is, and the other is skipped', async () => {
  list('a', { messageKey: 'one message' });
  list('b', { messageKey: 'one message' });
  expect((await collect(await acquire())).map(({ delivery }) => delivery.mayHaveTwins)).toEqual([true]);
  expect(await states()).toEqual(['a sending', 'b skipped']);
});
