/** What cannot go on ends in a state with a reason, and what does not add up is told, also long after. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { importPrefix } from '../staging/names.ts';
import { clearStaging } from './clear-staging.ts';
import { sandboxClients } from './clients.fixture.ts';
import { control } from './connector.fixture.ts';
import { lookUpAddresses } from './directory.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { collect, copies, failed, imported, mapNumbers, recount, settleAll } from './ledger.fixture.ts';
import { readMailboxes } from './mailboxes.fixture.ts';
import { releaseWaiting } from './release.ts';
import { people, personNamed, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';

const HOUR = 3_600_000;
const never = new AbortController().signal;
const [anna, bruno] = people as readonly [Person, Person, ...Person[]];
const carter = personNamed('Carter');

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
  const settings = {
    ...{ shardLeaseSeconds: 20, lateCommitSeconds: 3, graphTimeoutSeconds: 10 },
    ...{ unmappedDomain: 'mobile.invalid', messageClass: null },
  };
  engine = await startEngine(sandbox, { source: () => source, settings });
  connectorId = await engine.connect({ firstImportFrom: ago(2 * HOUR) });
});
afterEach(() => engine.close());

const ago = (ms: number): Date => new Date(source.settledThrough.getTime() - ms);
async function rowsOf<T extends object>(sql: string, values: readonly unknown[] = []): Promise<T[]> {
  return (await engine.database.pool.query<T>(sql, [...values])).rows;
}
const importIds = async () => (await rowsOf<{ id: string }>('SELECT id FROM import')).map(({ id }) => id);
const openAlerts = async () =>
  (await rowsOf<{ code: string }>('SELECT code FROM alert WHERE resolved_at IS NULL')).map(({ code }) => code);
const itemsOf = async (person: Person) =>
  ((await readMailboxes(engine.graph)).get(person.id) ?? []).map(({ itemId }) => itemId);

/** As if somebody had emptied the storage. */
async function loseContent(): Promise<void> {
  for (const id of await importIds()) {
    for await (const { name } of engine.deps.staging.list(importPrefix(engine.organizationId, id)))
      await engine.deps.staging.delete(name);
  }
}

describe('content that is gone from the storage', () => {
  it('fails its copies with the reason, and the import comes to its end', async () => {
    source.listed.push(sms(anna, ago(HOUR)));
    await collect(engine, connectorId);
    await loseContent();
    await engine.finish();
    expect(await copies(engine.database.pool)).toMatchObject([{ state: 'failed', reason: 'content_missing' }]);
    expect(await rowsOf('SELECT phase, balanced FROM import')).toEqual([{ phase: 'completed', balanced: true }]);
    expect(await openAlerts()).toEqual(['content_missing']);
    expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
  });

  it.each([
    ['was sent is imported, because its mailbox says so', 'reset-after', 'imported', null],
    ['was not sent fails, when its mailbox was asked twice', 'reset-before', 'failed', 'content_missing'],
  ] as const)('of a copy in doubt that %s', async (_name, kind, state, reason) => {
    source.listed.push(sms(anna, ago(HOUR), { id: 'one' }));
    const addresses = people.flatMap(({ mail }) => mail ?? []);
    await lookUpAddresses(engine.deps.ledger, engine.graph, engine.organizationId, addresses);
    await control(sandbox, 'POST', 'faults', {
      ...{ service: 'graph', route: 'POST /v1.0/$batch', count: 1 },
      fault: { kind },
    });
    await engine.settle();
    expect(await copies(engine.database.pool)).toMatchObject([{ state: 'sending' }]);
    await loseContent();
    await engine.finish();
    expect(await copies(engine.database.pool)).toMatchObject([{ state, reason }]);
    expect(await itemsOf(anna)).toEqual(state === 'imported' ? ['one'] : []);
    expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
  });

  it('and is still needed is an alert, and the rest of its import is cleared', async () => {
    source.listed.push(sms(anna, ago(HOUR)), sms(carter, ago(HOUR)));
    await collect(engine, connectorId);
    await settleAll(engine, () => imported);
    await loseContent();
    await engine.finish();
    expect(await openAlerts()).toEqual(['content_missing']);
    expect(await rowsOf('SELECT phase, staging_cleared_at IS NULL AS due FROM import')).toEqual([
      { phase: 'completed', due: false },
    ]);
  });
});

describe('numbers that do not add up', () => {
  const spoil = (by: number) =>
    rowsOf(`UPDATE import_counter SET count = count + $1 WHERE outcome = 'items.listed'`, [by]);

  it('long after the import was completed are an alert, which ends when they do', async () => {
    source.listed.push(sms(carter, ago(HOUR), { id: 'one' }));
    await engine.finish();
    expect(await openAlerts()).toEqual([]);
    await spoil(1);
    await mapNumbers(engine, connectorId, { [carter.mobile ?? '']: bruno.mail ?? '' });
    await engine.finish();
    expect(await itemsOf(bruno)).toEqual(['one']);
    expect(await openAlerts()).toEqual(['does_not_balance']);
    await spoil(-1);
    await rowsOf('UPDATE import SET staging_cleared_at = NULL');
    for (const id of await importIds()) await clearStaging(engine.deps, engine.organizationId, id);
    expect(await openAlerts()).toEqual([]);
  });

  it('keep their window open, whatever the manifest says when it is read again', async () => {
    source.listed.push(sms(anna, ago(HOUR)));
    await collect(engine, connectorId);
    await settleAll(engine, () => failed);
    await spoil(1);
    await engine.finish();
    expect(await openAlerts()).toContain('does_not_balance');
    await rowsOf('UPDATE import_window SET recheck_due_at = now()');
    await engine.finish();
    expect(await rowsOf('SELECT state, rechecks FROM import_window')).toEqual([{ state: 'open', rechecks: 1 }]);
    expect(await openAlerts()).toContain('does_not_balance');
  });
});

it('a consent that is gone when who waits is looked at stops the connector, once, with one alert', async () => {
  source.listed.push(sms(carter, ago(HOUR)));
  await engine.finish();
  await mapNumbers(engine, connectorId, { [carter.mobile ?? '']: bruno.mail ?? '' });
  const refused = { kind: 'refuse', status: 403, code: 'Authorization_RequestDenied' } as const;
  await control(sandbox, 'POST', 'faults', { service: 'graph', route: 'GET /v1.0/users', fault: refused });
  await releaseWaiting(engine.deps, engine.organizationId, connectorId, never);
  await releaseWaiting(engine.deps, engine.organizationId, connectorId, never);
  expect(await openAlerts()).toEqual(['consent_missing']);
  expect(await rowsOf('SELECT stopped_reason FROM connector')).toEqual([{ stopped_reason: 'consent_missing' }]);
});

it('what was sent again of an import that is over, and does not arrive for two days, is an alert until it does', async () => {
  source.listed.push(sms(carter, ago(HOUR), { id: 'one' }));
  await engine.finish();
  await mapNumbers(engine, connectorId, { [carter.mobile ?? '']: bruno.mail ?? '' });
  const create = { service: 'graph', route: 'POST /v1.0/users/*/mailFolders/*/messages', mailbox: bruno.id, count: 1 };
  await control(sandbox, 'POST', 'faults', { ...create, fault: { kind: 'throttle', retryAfter: 600 } });
  await engine.settle();
  expect(await openAlerts()).toEqual([]);
  await rowsOf(`UPDATE import SET started_at = started_at - interval '49 hours'`);
  await engine.settle();
  expect(await openAlerts()).toEqual([]);
  await rowsOf(`UPDATE import SET unsettled_since = unsettled_since - interval '49 hours'`);
  await engine.settle();
  expect(await openAlerts()).toEqual(['overdue']);
  await rowsOf('UPDATE mailbox_pause SET until = now()');
  // The process that was told to wait remembers it by itself; another one has the ledger only.
  const { graph } = sandboxClients(sandbox);
  Object.assign(engine.deps, { graph: () => graph });
  await rowsOf('UPDATE delivery SET not_before = now()');
  await engine.finish();
  await engine.settle();
  expect(await itemsOf(bruno)).toEqual(['one']);
  expect(await openAlerts()).toEqual([]);
});

it('an import that takes more than two days is an alert until it is through', async () => {
  source.listed.push(sms(anna, ago(HOUR)));
  const create = { service: 'graph', route: 'POST /v1.0/users/*/messages', mailbox: anna.id, count: 1 };
  await control(sandbox, 'POST', 'faults', { ...create, fault: { kind: 'throttle', retryAfter: 2 } });
  await engine.settle();
  await rowsOf(`UPDATE import SET started_at = started_at - interval '49 hours'`);
  await engine.settle();
  expect(await openAlerts()).toEqual(['overdue']);
  await engine.finish();
  await engine.settle();
  expect(await openAlerts()).toEqual([]);
});
