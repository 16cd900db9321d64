/** What Graph asks for with Retry-After holds for every request into that mailbox, in this run and in those after it. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import type { Item } from '../archive/item.ts';
import type { Graph } from '../microsoft/graph.ts';
import { GraphError } from '../microsoft/graph-errors.ts';
import { control } from './connector.fixture.ts';
import { deliverShard } from './deliver.ts';
import { lookUpAddresses } from './directory.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { collect } from './ledger.fixture.ts';
import { attach, people, type ScriptedSource, scriptedSource, sms, twoOfOneShard } from './scripted-source.fixture.ts';
import { shardOf } from './shards.ts';

const never = new AbortController().signal;
const HOUR = 3_600_000;
/** Longer than any test takes. */
const RETRY_AFTER = 600;
const THROTTLE = { kind: 'throttle', retryAfter: RETRY_AFTER } as const;
const [anna, neighbour] = twoOfOneShard();
const elsewhere = people.find(({ id }) => shardOf(id) !== shardOf(anna.id)) ?? anna;

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
  const times = { graphTimeoutSeconds: 15, shardLeaseSeconds: 30, lateCommitSeconds: 1 };
  const settings = { ...times, unmappedDomain: 'mobile.invalid', messageClass: null };
  engine = await startEngine(sandbox, { source: () => source, settings });
  connectorId = await engine.connect();
  const { deps, graph, organizationId } = engine;
  const addresses = people.flatMap(({ mail }) => mail ?? []);
  await lookUpAddresses(deps.ledger, graph, organizationId, addresses);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await engine.close();
});

/** Lists an item that arrives now, and collects it. */
async function arrives(owner: Person, traits: Partial<Item> = {}): Promise<void> {
  source.settledThrough = new Date(source.settledThrough.getTime() + HOUR);
  source.listed.push(sms(owner, new Date(source.settledThrough.getTime() - HOUR / 2), traits));
  await collect(engine, connectorId);
}

/** A run of another process, which remembers nothing of the runs before it. */
function deliver(owner: { readonly id: string }): Promise<void> {
  const { graph, deps, organizationId } = engine;
  const anew: Graph = {
    tenantId: graph.tenantId,
    request: (...of) => graph.request(...of),
    batch: (...of) => graph.batch(...of),
    upload: (...of) => graph.upload(...of),
  };
  return deliverShard({ ...deps, graph: () => anew }, organizationId, shardOf(owner.id), never);
}

const fault = (rule: object) => control(sandbox, 'POST', 'faults', { service: 'graph', ...rule });

const seenSchema = z.object({ rules: z.array(z.object({ seen: z.number() })) });
const seen = async (): Promise<number> =>
  seenSchema.parse(await control(sandbox, 'GET', 'faults')).rules.reduce((sum, rule) => sum + rule.seen, 0);

async function states(): Promise<unknown[]> {
  const { rows } = await engine.database.pool.query(
    `SELECT state, not_before > now() + interval '${RETRY_AFTER - 60} seconds' AS waits FROM delivery ORDER BY id`,
  );
  return rows;
}

it('the next run leaves the mailbox alone, and copies that came meanwhile with it', async () => {
  await arrives(anna);
  await fault({ route: 'POST /v1.0/users/*/mailFolders/*/messages', mailbox: anna.id, count: 1, fault: THROTTLE });
  const batch = vi.spyOn(engine.graph, 'batch');
  await deliver(anna);
  expect(batch).toHaveBeenCalledTimes(1);
  await arrives(anna);
  await deliver(anna);
  expect(batch).toHaveBeenCalledTimes(1);
  expect(await states()).toEqual([
    { state: 'pending', waits: true },
    { state: 'pending', waits: false },
  ]);
  await engine.database.pool.query('UPDATE mailbox_pause SET until = now()');
  await deliver(anna);
  expect(batch).toHaveBeenCalledTimes(2);
});

it('where the application is to wait, no other shard begins, and what it has in hand goes back', async () => {
  await arrives(anna);
  await arrives(elsewhere);
  const details = { failure: 'throttled', status: 429, code: 'ApplicationThrottled', requestId: null } as const;
  const batch = vi
    .spyOn(engine.graph, 'batch')
    .mockRejectedValue(new GraphError({ ...details, retryAfterSeconds: RETRY_AFTER, inDoubt: false }, 'too many'));
  await deliver(anna);
  await deliver(elsewhere);
  expect(batch).toHaveBeenCalledTimes(1);
  expect((await states()).map((row) => (row as { state: string }).state)).toEqual(['pending', 'pending']);
});

it('a mailbox that refuses to complete one message is not asked to complete the others', async () => {
  for (let n = 0; n < 4; n++) {
    const video = attach(source, `video-${n}.mp4`, 'video/mp4', randomBytes(3_300_000));
    await arrives(anna, { type: 'mms', attachments: [video] });
  }
  await fault({ route: 'POST */createUploadSession', fault: THROTTLE });
  await deliver(anna);
  expect(await seen()).toBe(1);
  expect(await states()).toEqual(Array(4).fill({ state: 'created', waits: true }));
});

it('a mailbox that refuses to be looked into is looked into when it said, and not before', async () => {
  await arrives(anna);
  await fault({ route: 'POST /v1.0/$batch', count: 1, fault: { kind: 'reset-after' } });
  await deliver(anna);
  expect(await states()).toEqual([{ state: 'sending', waits: false }]);
  await sleep(1_200);
  await fault({ route: 'GET /v1.0/users/*/mailFolders/*/messages', fault: THROTTLE });
  await deliver(anna);
  expect(await states()).toEqual([{ state: 'sending', waits: true }]);
});

it('a request that takes long keeps nothing waiting: what is over is written, and what was put off comes back', async () => {
  for (const owner of [anna, neighbour]) for (let n = 0; n < 6; n++) await arrives(owner);
  const route = 'POST /v1.0/users/*/mailFolders/*/messages';
  await fault({ route, mailbox: anna.id, count: 1, fault: { kind: 'delay', ms: 12_000 } });
  await fault({ route, mailbox: neighbour.id, count: 1, fault: { kind: 'throttle', retryAfter: 1 } });
  await deliver(anna);
  const { rows } = await engine.database.pool.query(
    `SELECT count(*) FILTER (WHERE state = 'imported')::int AS imported,
       max(imported_at) FILTER (WHERE user_id = $1) < min(imported_at) FILTER (WHERE user_id = $2) AS before
     FROM delivery`,
    [neighbour.id, anna.id],
  );
  expect(rows).toEqual([{ imported: 12, before: true }]);
});

it('what a long flight has settled already is written while it goes on', async () => {
  for (let n = 0; n < 4; n++) await arrives(anna);
  await fault({ route: 'POST /v1.0/$batch', count: 1, fault: { kind: 'refuse', status: 400, code: 'BadRequest' } });
  // Sent one by one, the third takes long.
  const route = 'POST /v1.0/users/*/mailFolders/*/messages';
  await fault({ route, after: 2, count: 1, fault: { kind: 'delay', ms: 8_000 } });
  await deliver(anna);
  const { rows } = await engine.database.pool.query(
    `SELECT count(*)::int AS imported,
       max(imported_at) - min(imported_at) > interval '3 seconds' AS early
     FROM delivery WHERE state = 'imported'`,
  );
  expect(rows).toEqual([{ imported: 4, early: true }]);
});
