import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { SourceError } from '../archive/source.ts';
import { seededActor } from '../connectors/rows.fixture.ts';
import { NotAllowed } from '../security/actor.ts';
import { collectDue } from './collect.ts';
import { importNow, pauseConnector, resumeConnector } from './commands.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { planConnector } from './plan.ts';
import { people, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';
import { startOfUtcDay } from './windows.ts';

const HOUR_MS = 3_600_000;
// Windows of today: the day before is planned, so that the schedule asks for nothing by itself.
const START = startOfUtcDay(new Date());
const at = (hours: number) => new Date(START.getTime() + hours * HOUR_MS);

let sandbox: TestSandbox;
let engine: Engine;
let source: ScriptedSource;
let connectorId: string;

beforeAll(async () => {
  sandbox = await startTestSandbox({ SANDBOX_ITEMS_PER_DAY: '1' });
});
afterAll(() => sandbox.stop());
beforeEach(async () => {
  source = scriptedSource(at(1));
  const fresh = await startEngine(sandbox, { source: () => source });
  engine = fresh;
  connectorId = await engine.connect({ firstImportFrom: START });
  await engine.settle();
  return () => fresh.close();
});

const admin = () => seededActor(engine.organizationId, ['DataConnectors.Admin']);
/** The portal's side while Redis is away: what it asks of the queue is lost. */
const withoutRedis = () => ({ ...engine.deps, enqueue: async () => {} });

async function runs() {
  const { rows } = await engine.database.pool.query<{ trigger: string; created_by: string | null }>(
    'SELECT trigger, created_by FROM import ORDER BY number',
  );
  return rows.map(({ trigger, created_by }) => ({ trigger, by: created_by }));
}

test('who pauses or asks for an import does not wait for a mapping file that is being read', async () => {
  const reading = await engine.database.pool.connect();
  await reading.query('BEGIN');
  // as `beginVersion` does, and the foreign key of a version
  await reading.query('SELECT 1 FROM connector WHERE id = $1 FOR KEY SHARE', [connectorId]);
  source.settledThrough = at(2);
  expect(await importNow(engine.deps, admin(), connectorId)).toBe('done');
  await engine.settle();
  expect(await runs()).toHaveLength(2);
  expect(await pauseConnector(engine.deps, admin(), connectorId)).toBe('done');
  await reading.query('ROLLBACK');
  reading.release();
});

test('what somebody asked for while Redis was away is imported all the same, once', async () => {
  source.settledThrough = at(2);
  expect(await importNow(withoutRedis(), admin(), connectorId)).toBe('done');
  await engine.settle();
  const expected = [
    { trigger: 'first', by: null },
    { trigger: 'manual', by: 'Ada' },
  ];
  expect(await runs()).toEqual(expected);
  source.settledThrough = at(3);
  await engine.settle();
  expect(await runs()).toEqual(expected);
});

test('a plan of the schedule that waits already does what was asked', async () => {
  source.settledThrough = at(2);
  const scheduled = { organizationId: engine.organizationId, connectorId, trigger: 'scheduled' } as const;
  await engine.deps.enqueue('plan', scheduled, { key: connectorId });
  expect(await importNow(engine.deps, admin(), connectorId)).toBe('done');
  await engine.settle();
  expect(await runs()).toContainEqual({ trigger: 'manual', by: 'Ada' });
});

test('a source that cannot be asked now does not end the request', async () => {
  source.settledThrough = at(2);
  source.failure = new SourceError('unreachable', 'the line broke');
  await importNow(withoutRedis(), admin(), connectorId);
  const { organizationId } = engine;
  await planConnector(engine.deps, { organizationId, connectorId, trigger: 'manual' }, new AbortController().signal);
  expect(await runs()).toHaveLength(1);
  source.failure = null;
  await engine.settle();
  expect(await runs()).toContainEqual({ trigger: 'manual', by: 'Ada' });
});

test('pausing keeps a request for later; each command is audited', async () => {
  source.settledThrough = at(2);
  await importNow(withoutRedis(), admin(), connectorId);
  expect(await pauseConnector(engine.deps, admin(), connectorId)).toBe('done');
  expect(await importNow(engine.deps, admin(), connectorId)).toBe('paused');
  await engine.settle();
  expect(await runs()).toHaveLength(1);
  expect(await resumeConnector(withoutRedis(), admin(), connectorId)).toBe('done');
  await engine.settle();
  expect(await runs()).toHaveLength(2);
  const { rows } = await engine.database.pool.query(
    "SELECT action, actor_name FROM audit_entry WHERE actor <> 'system' ORDER BY id",
  );
  expect(rows).toEqual(
    ['import-requested', 'paused', 'resumed'].map((word) => ({ action: `connector.${word}`, actor_name: 'Ada' })),
  );
});

test.each([
  ['paused', () => pauseConnector(engine.deps, admin(), connectorId)],
  ['stopped', () => engine.deps.ledger.stopConnector(engine.organizationId, connectorId, 'consent_missing')],
] as const)('a collector whose connector is %s writes no further page, and hands the import back', async (_, rest) => {
  const { organizationId, database } = engine;
  const [anna] = people;
  if (!anna) throw new Error('nobody');
  source.settledThrough = at(2);
  source.listed.push(...['one', 'two', 'three'].map((id) => sms(anna, at(1.5), { id })));
  const { items } = source;
  let pages = 0;
  source.items = async (range, cursor, _limit, signal) => {
    if (++pages === 2) await rest();
    return items.call(source, range, cursor, 1, signal);
  };
  await planConnector(engine.deps, { organizationId, connectorId, trigger: 'manual' }, new AbortController().signal);
  await collectDue(engine.deps, organizationId, connectorId, new AbortController().signal);
  const run = async () => (await database.pool.query('SELECT phase, problem FROM import ORDER BY number DESC')).rows[0];
  expect(await run()).toEqual({ phase: 'queued', problem: null });
  const listed = async () => (await engine.counts(connectorId)).items.listed;
  expect(await listed()).toBeLessThan(3);
  // And from where it stood once it may go on.
  await database.pool.query(
    'UPDATE connector SET paused_at = NULL, stopped_at = NULL, stopped_reason = NULL; UPDATE import SET next_attempt_at = now()',
  );
  await collectDue(engine.deps, organizationId, connectorId, new AbortController().signal);
  expect(await listed()).toBe(3);
});

test('is for Admins of the organization', async () => {
  await expect(importNow(engine.deps, seededActor(engine.organizationId), connectorId)).rejects.toThrow(NotAllowed);
  const stranger = seededActor('00000000-0000-4000-8000-000000000000', ['DataConnectors.Admin']);
  expect(await importNow(engine.deps, stranger, connectorId)).toBe('not_found');
});

test('as long as nothing more has settled, a plan asks for the time and reads no users', async () => {
  const usersRead = source.calls.get('users');
  const { organizationId } = engine;
  const plan = () =>
    planConnector(engine.deps, { organizationId, connectorId, trigger: 'manual' }, new AbortController().signal);
  await plan();
  await plan();
  expect(source.calls.get('users')).toBe(usersRead);
  source.settledThrough = at(2);
  await plan();
  expect(source.calls.get('users')).toBe((usersRead ?? 0) + 1);
});
