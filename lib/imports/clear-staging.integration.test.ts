/** What is kept of a completed import: each thing once, in pages that do not move when nothing of them goes. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { inTransaction } from '../db.ts';
import { importPrefix } from '../staging/names.ts';
import { clearStaging } from './clear-staging.ts';
import { control } from './connector.fixture.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { partyOf, people, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';
import { COLLECTOR, CounterChanges, foldCounters } from './store/counters.ts';

const [anna, bruno, carla] = people as readonly [Person, Person, Person];
/** larger than what lies apart for each shard, so that the copies of an item share it */
const text = 'word '.repeat(30_000);

let sandbox: TestSandbox;
let source: ScriptedSource;
let engine: Engine;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());
beforeEach(async () => {
  await control(sandbox, 'POST', 'reset');
  source = scriptedSource();
  engine = await startEngine(sandbox, { source: () => source });
});
afterEach(() => engine.close());

async function pages(importId: string): Promise<{ name: string; size: number }[]> {
  const found: { name: string; size: number }[] = [];
  for await (const { name, size } of engine.deps.staging.list(importPrefix(engine.organizationId, importId))) {
    found.push({ name, size });
  }
  return found;
}

const OF_CONNECTOR = 'SELECT outcome, count::int FROM connector_counter WHERE count <> 0 ORDER BY 1';
const OF_IMPORTS = `SELECT outcome, sum(count)::int AS count FROM import_counter GROUP BY 1 HAVING sum(count) <> 0 ORDER BY 1`;

const rowsOf = async <T extends object>(sql: string): Promise<T[]> => (await engine.database.pool.query<T>(sql)).rows;

it('a frame that two copies wait for is kept once, and stays where it is while all of its page is wanted', async () => {
  const at = new Date(source.settledThrough.getTime() - 1000);
  source.listed.push(sms(bruno, at, { text, recipients: [partyOf(carla)] }), sms(anna, at));
  const connectorId = await engine.connect({ automaticMapping: false });
  // Only Anna is mapped: her message goes, and both copies of the other one wait.
  const version = randomUUID();
  const { organizationId, database } = engine;
  await database.pool.query(
    `INSERT INTO mapping_version (id, organization_id, connector_id, number, status, origin, created_by)
     VALUES ($1, $2, $3, 1, 'in_force', 'file', 'test')`,
    [version, organizationId, connectorId],
  );
  await database.pool.query(
    'INSERT INTO mapping_row (version_id, organization_id, number, row_number, mailbox) VALUES ($1, $2, $3, 2, $4)',
    [version, organizationId, anna.mobile, anna.mail?.toLowerCase()],
  );
  await engine.finish();
  const [run] = await rowsOf<{ id: string }>('SELECT DISTINCT import_id AS id FROM delivery');
  const importId = run?.id ?? '';
  expect(await rowsOf(`SELECT 1 FROM delivery WHERE state = 'waiting'`)).toHaveLength(2);
  const kept = await pages(importId);
  expect(kept).toHaveLength(1);
  expect(kept[0]?.size).toBeGreaterThan(text.length);
  expect(kept[0]?.size).toBeLessThan(text.length * 1.5);
  expect(await rowsOf(`SELECT DISTINCT page, frame_offset FROM delivery WHERE state = 'waiting'`)).toHaveLength(1);

  await rowsOf('UPDATE import SET staging_cleared_at = NULL');
  await clearStaging(engine.deps, engine.organizationId, importId);
  expect(await pages(importId)).toEqual(kept);
});

it('what was counted by shard is closed once the import is cleared, one row an outcome, and in its connector’s counters', async () => {
  const at = new Date(source.settledThrough.getTime() - 1000);
  source.listed.push(sms(bruno, at, { recipients: [partyOf(carla)] }), sms(anna, at));
  await engine.connect();
  const sums = `SELECT import_id, outcome, sum(count)::int AS count FROM import_counter
    GROUP BY 1, 2 HAVING sum(count) <> 0 ORDER BY 1, 2`;
  const byShard = `SELECT 1 FROM import_counter WHERE shard >= 0`;
  const before: object[][] = [];
  const { ledger } = engine.deps;
  const finish = ledger.finishClearing.bind(ledger);
  vi.spyOn(ledger, 'finishClearing').mockImplementation(async (importId, reserved) => {
    if ((await rowsOf(byShard)).length > 0) before.push(await rowsOf(sums));
    await finish(importId, reserved);
  });
  await engine.finish();
  expect(before.at(-1)).toContainEqual(expect.objectContaining({ outcome: 'copies.imported', count: 3 }));
  expect(await rowsOf(sums)).toEqual(before.at(-1));
  expect(await rowsOf('SELECT 1 FROM import_counter WHERE shard <> -1')).toEqual([]);
  expect(await rowsOf(OF_CONNECTOR)).toEqual(await rowsOf(OF_IMPORTS));

  // Nothing is added twice, and what is counted later is added when it is cleared again.
  const { pool } = engine.database;
  const [run] = await rowsOf<{ id: string }>('SELECT DISTINCT import_id AS id FROM delivery');
  const importId = run?.id ?? '';
  await inTransaction(pool, (client) => foldCounters(client, importId));
  expect(await rowsOf(OF_CONNECTOR)).toEqual(await rowsOf(OF_IMPORTS));
  const changes = new CounterChanges();
  changes.add(importId, 'copies.imported', 2);
  changes.add(importId, 'copies.fallback', 1);
  for (const shard of [COLLECTOR, 3]) await inTransaction(pool, (client) => changes.write(client, shard));
  await inTransaction(pool, (client) => foldCounters(client, importId));
  expect(await rowsOf(OF_CONNECTOR)).toEqual(await rowsOf(OF_IMPORTS));
  expect(await rowsOf(OF_CONNECTOR)).toContainEqual(expect.objectContaining({ outcome: 'copies.imported', count: 7 }));
});
