/**
 * A backup is restored after more was collected, mapped and sent: nothing is sent before somebody confirms the mapping, and
 * then every mailbox has each copy once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { testBlobConnection, testDatabase } from '#testing/services.ts';
import { importNow, resumeConnector } from '../imports/commands.ts';
import { control } from '../imports/connector.fixture.ts';
import { type Engine, startEngine } from '../imports/engine.fixture.ts';
import { collect, imported, mapNumbers, recount, rememberMailboxes, settleAll } from '../imports/ledger.fixture.ts';
import { readMailboxes } from '../imports/mailboxes.fixture.ts';
import { partyOf, people, type ScriptedSource, scriptedSource, sms } from '../imports/scripted-source.fixture.ts';
import type { Actor } from '../security/actor.ts';
import { BlobContainer } from '../staging/azure.ts';
import { connectStaging, containerClient } from '../staging/connect.ts';
import { confirmMapping } from './confirm.ts';
import { finishRecovery } from './finish.ts';
import { recoveringConnectors } from './standing.ts';
import { LedgerMarkLostError, LedgerRestoredError, LedgerWatch } from './watch.ts';

const HOUR = 3_600_000;
const [anna, bruno, carla, dana] = people as readonly [Person, Person, Person, Person, ...Person[]];
const NUMBER = '+13125550142';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

let source: ScriptedSource;
let blob: ReturnType<typeof testBlobConnection>;
let first: string;
let engine: Engine;
let connectorId: string;
const engines: Engine[] = [];

beforeEach(async () => {
  await control(sandbox, 'POST', 'reset');
  source = scriptedSource();
  source.settledThrough = new Date(Date.now() - 2 * HOUR);
  blob = testBlobConnection();
  first = await testDatabase();
  engine = await engineOn(first);
  connectorId = await engine.connect();
  await rememberMailboxes(engine.database.pool, engine.organizationId, people);
});
afterEach(async () => {
  await Promise.all(engines.splice(0).map((one) => one.close()));
});

async function engineOn(connectionString: string): Promise<Engine> {
  const staging = connectStaging(blob);
  const started = await startEngine(sandbox, { source: () => source, connectionString, staging });
  engines.push(started);
  return started;
}

const watchOf = (connectionString: string, failoverLosesNothing = false): LedgerWatch =>
  new LedgerWatch(
    {
      connectionString,
      container: new BlobContainer(containerClient(blob)),
      failoverLosesNothing,
      log: pino({ level: 'silent' }),
    },
    () => {},
  );

const actor = (): Actor => ({
  userId: '00000000-0000-4000-8000-000000000001',
  name: 'Grace Adeyemi',
  organizationId: engine.organizationId,
  address: 'grace@alderbyrne.example',
  roles: ['DataConnectors.Admin'],
});

const list = (owner: Person, id: string, traits = {}): void => {
  source.listed.push(sms(owner, new Date(source.settledThrough.getTime() - 60_000), { id, ...traits }));
};

async function collectOne(id: string): Promise<void> {
  list(anna, id);
  await collect(engine, connectorId);
}

/** Item ids by mailbox, as the mailboxes have them. */
async function held(): Promise<Record<string, string[]>> {
  const mailboxes = await readMailboxes(engine.graph);
  return Object.fromEntries(
    [anna, bruno, carla, dana].flatMap(({ surname, id }) => {
      const items = mailboxes.get(id)?.map(({ itemId }) => itemId) ?? [];
      return items.length === 0 ? [] : [[surname, items.sort()]];
    }),
  );
}

async function rowsOf<T extends object>(on: Engine, sql: string): Promise<T[]> {
  return (await on.database.pool.query<T>(sql)).rows;
}

/** Lives until the backup, and on after it. @returns the backup */
async function liveOn(): Promise<string> {
  await watchOf(first).look(0);
  list(anna, 'before');
  list(anna, 'waits', { recipients: [{ mobile: NUMBER, email: null, name: null }] });
  await mapNumbers(engine, connectorId, { [NUMBER]: 'nobody@alderbyrne.example' });
  await engine.finish();
  source.settledThrough = new Date(source.settledThrough.getTime() + HOUR / 4);
  list(bruno, 'on-its-way');
  await collect(engine, connectorId);

  const backup = await testDatabase({ copyOf: first });
  // What the storage knows of later minutes.
  await watchOf(first).look(0);
  await mapNumbers(engine, connectorId, { [NUMBER]: carla.mail ?? '' });
  await watchOf(first).look(0);
  source.settledThrough = new Date(source.settledThrough.getTime() + HOUR / 4);
  list(anna, 'after', { recipients: [partyOf(bruno)] });
  await collect(engine, connectorId);
  await engine.finish();
  return backup;
}

const SENT = { before: 1, waits: 2, 'on-its-way': 1, after: 2 };
const count = (mailboxes: Record<string, string[]>): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const items of Object.values(mailboxes)) for (const id of items) counts[id] = (counts[id] ?? 0) + 1;
  return counts;
};

it('nothing is lost, sent twice or sent to the wrong person', async () => {
  const backup = await liveOn();
  const sent = await held();
  expect(count(sent)).toEqual(SENT);

  const restored = await engineOn(backup);
  const { pool } = restored.database;
  source.settledThrough = new Date(Date.now() + 60_000);
  list(dana, 'new');
  await watchOf(backup).look(0);
  expect(await recoveringConnectors(pool)).toMatchObject([
    { connectorId, confirmedAt: null, wasPaused: false, lostMapping: 2, mapping: { number: 1 } },
  ]);

  // Whatever is asked for: nothing is collected, and nothing is sent.
  await restored.settle();
  expect(await importNow(restored.deps, actor(), connectorId)).toBe('restored');
  expect(await resumeConnector(restored.deps, actor(), connectorId)).toBe('restored');
  await expect(pool.query('UPDATE connector SET paused_at = NULL')).rejects.toThrow('connector_held_is_paused');
  await sleep(1_100);
  await restored.settle();
  expect(await held()).toEqual(sent);
  expect(await rowsOf(restored, 'SELECT code FROM alert WHERE resolved_at IS NULL')).toEqual([{ code: 'restored' }]);

  // The person sees that the mapping is the old one, and puts the newer one in force.
  const [seen] = await recoveringConnectors(pool);
  const confirm = (versionId: string | null, without: number | null = null) =>
    confirmMapping(restored.deps, actor(), { connectorId, versionId, without });
  expect(await confirm(seen?.mapping?.id ?? null)).toBe('older_mapping');
  await mapNumbers(restored, connectorId, { [NUMBER]: carla.mail ?? '' });
  expect(await confirm(seen?.mapping?.id ?? null)).toBe('other_mapping');
  const [now] = await recoveringConnectors(pool);
  expect(await confirm(now?.mapping?.id ?? null)).toBe('done');
  await restored.finish();
  expect(count(await held())).toEqual({ ...SENT, new: 1 });
  expect(await held()).toEqual({ ...sent, [dana.surname]: ['new'] });
  expect(await rowsOf(restored, "SELECT DISTINCT state FROM delivery WHERE state <> 'imported'")).toEqual([]);
  expect(await restored.counts(connectorId)).toEqual(await recount(pool));

  await finishRecovery(pool);
  expect(await recoveringConnectors(pool)).toEqual([]);
  expect(await rowsOf(restored, 'SELECT code FROM alert WHERE resolved_at IS NULL')).toEqual([]);
  expect(
    await rowsOf(restored, `SELECT action, actor_name FROM audit_entry WHERE action LIKE 'recovery.%' ORDER BY id`),
  ).toEqual([
    { action: 'recovery.begun', actor_name: 'system' },
    { action: 'recovery.confirmed', actor_name: 'Grace Adeyemi' },
    { action: 'recovery.compared', actor_name: 'system' },
    { action: 'recovery.ended', actor_name: 'system' },
  ]);
});

it('what is mapped or collected long after recovery is looked for all the same', async () => {
  const backup = await liveOn();
  const sent = await held();
  const restored = await engineOn(backup);
  const { pool } = restored.database;
  await watchOf(backup).look(0);
  await sleep(1_100);
  const [seen] = await recoveringConnectors(pool);
  source.settledThrough = new Date(Date.now() + 60_000);
  // As the operator's command does it, which has no queue: the row is enough.
  const deps = { ...restored.deps, enqueue: async () => {} };
  await confirmMapping(deps, actor(), { connectorId, versionId: seen?.mapping?.id ?? null, without: 2 });
  await restored.finish();
  await finishRecovery(pool);
  expect(await recoveringConnectors(pool)).toEqual([]);
  expect(await held()).toEqual(sent);
  await mapNumbers(restored, connectorId, { [NUMBER]: carla.mail ?? '' });
  await restored.finish();
  expect(await held()).toEqual(sent);
  expect(await rowsOf(restored, "SELECT count(*)::int FROM delivery WHERE state = 'imported'")).toEqual([{ count: 6 }]);
});

it('a copy that may have been sent before is claimed by no one who would send it', async () => {
  await watchOf(first).look(0);
  await collectOne('on-its-way');
  await watchOf(first).beginByHand('the snapshot of 06:00 was restored');
  await engine.database.pool.query('UPDATE connector SET recovery_id = NULL, paused_at = NULL');
  expect(await settleAll(engine, () => imported)).toBe(0);
  await engine.database.pool.query('UPDATE delivery SET sought = 1');
  expect(await settleAll(engine, () => imported)).toBe(1);
});

it('what was looked for in one mailbox and is given to another is looked for there', async () => {
  await collectOne('moves');
  await engine.database.pool.query('UPDATE delivery SET sought = 1');
  const sought = () => rowsOf(engine, 'SELECT sought FROM delivery');
  await engine.database.pool.query("UPDATE delivery SET state = 'pending', user_id = user_id");
  expect(await sought()).toEqual([{ sought: 1 }]);
  await engine.database.pool.query('UPDATE delivery SET user_id = $1', [bruno.id]);
  expect(await sought()).toEqual([{ sought: 0 }]);
});

it('a process that runs on is cut off from a database that was restored under it', async () => {
  const watch = watchOf(first);
  await watch.look(0);
  const backup = await testDatabase({ copyOf: first });
  await watch.look(0);
  const { pool } = (await engineOn(backup)).database;
  await expect(watch.guard(pool)).rejects.toThrow(LedgerRestoredError);
  await expect(watch.guard(engine.database.pool)).resolves.toBeUndefined();
  await watchOf(backup).look(0);
  await expect(watch.guard(pool)).resolves.toBeUndefined();
});

it('the count alone tells, where the home is the same', async () => {
  await watchOf(first).look(0);
  const { pool } = engine.database;
  await watchOf(first).look(0);
  await pool.query('UPDATE ledger_epoch SET epoch = epoch - 1');
  await watchOf(first, true).look(0);
  expect(await rowsOf(engine, 'SELECT cause, epoch FROM recovery, ledger_epoch')).toEqual([
    { cause: 'older', epoch: '3' },
  ]);
  await watchOf(first).look(0);
  expect(await rowsOf(engine, 'SELECT count(*)::int FROM recovery')).toEqual([{ count: 1 }]);
});

it('a failover that loses nothing is no restore, where the operator says so', async () => {
  await watchOf(first).look(0);
  const other = await testDatabase({ copyOf: first });
  await watchOf(other, true).look(0);
  const moved = await engineOn(other);
  expect(await recoveringConnectors(moved.database.pool)).toEqual([]);
  await watchOf(other).look(0);
  expect(await recoveringConnectors(moved.database.pool)).toEqual([]);
  // The one that was left behind is not to go on.
  await watchOf(first).look(0);
  expect(await recoveringConnectors(engine.database.pool)).toHaveLength(1);
});

it('a storage that forgot how far was counted ends the start with what to do', async () => {
  await watchOf(first).look(0);
  await containerClient(blob).deleteBlob('ledger-epoch.json');
  await expect(watchOf(first).look(0)).rejects.toThrow(LedgerMarkLostError);
  expect(await watchOf(first).beginByHand('the storage was lost')).toBe(1);
  await watchOf(first).look(0);
});
