/** Copies on their way of a connector that Microsoft 365 stopped: they go on when it lets us in, or end with a sign-off. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import type { Item } from '../archive/item.ts';
import { deleteConnector } from '../connectors/delete.ts';
import { mendPartsOf } from '../connectors/mend-parts.fixture.ts';
import { sealPassword } from '../connectors/password.ts';
import { seededActor } from '../connectors/rows.fixture.ts';
import { NotAllowed } from '../security/actor.ts';
import { organizationPrefix } from '../staging/names.ts';
import { control } from './connector.fixture.ts';
import { balances } from './counts.ts';
import { deliverShard } from './deliver.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { collect, copies, recount, rememberMailboxes } from './ledger.fixture.ts';
import { readMailboxes } from './mailboxes.fixture.ts';
import type { ReasonCode } from './reasons.ts';
import { outsider, partyOf, people, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';
import { SHARDS } from './shards.ts';
import { signOff } from './sign-off.ts';
import { undoneReasons } from './undone.ts';
import { undonePage } from './undone-rows.ts';

const HOUR = 3_600_000;
const NAME = 'Android Archiver';
const never = new AbortController().signal;
const [anna, bruno] = people as readonly [Person, Person, ...Person[]];

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
  connectorId = await engine.connect({ sealed: (id) => sealPassword(engine.deps.keyRing, id, 'the password') });
  await rememberMailboxes(engine.database.pool, engine.organizationId, people);
});
afterEach(() => engine.close());

const auditor = () => seededActor(engine.organizationId, ['DataConnectors.Auditor']);
const admin = () => seededActor(engine.organizationId, ['DataConnectors.Admin']);
async function rowsOf<T extends object>(sql: string, values: readonly unknown[] = []): Promise<T[]> {
  return (await engine.database.pool.query<T>(sql, [...values])).rows;
}
const lines = async () =>
  (await copies(engine.database.pool)).map(({ item, state, reason }) => `${item} ${state} ${reason ?? ''}`.trim());
const itemsOf = async (person: Person) =>
  ((await readMailboxes(engine.graph)).get(person.id) ?? []).map(({ itemId }) => itemId).sort();
const reasons = () => undoneReasons(engine.database.pool, admin(), connectorId);
const selection = { kind: 'stopped', reason: null, importId: null, one: null } as const;

function list(id: string, traits: Partial<Item> = {}, owner = anna): void {
  source.listed.push(sms(owner, new Date(source.settledThrough.getTime() - HOUR), { id, ...traits }));
}
function stop(reason: ReasonCode = 'consent_missing') {
  return engine.deps.ledger.stopConnector(engine.organizationId, connectorId, reason);
}
const letIn = () => rowsOf('UPDATE connector SET stopped_at = NULL, stopped_reason = NULL');
function sign(expected: number, more: object = {}, actor = auditor(), pool = engine.database.pool) {
  const why = { reason: 'cannot_be_delivered', comment: 'The tenant is closed.' } as const;
  return signOff({ ...engine.deps, pool }, actor, {
    selection: { connectorId, ...selection, ...more },
    ...why,
    expected,
  });
}
const remove = () => deleteConnector(mendPartsOf(engine, source), admin(), { connectorId, name: NAME });
async function deliverAll(): Promise<void> {
  for (let shard = 0; shard < SHARDS; shard++) await deliverShard(engine.deps, engine.organizationId, shard, never);
}
async function expectBooks(): Promise<void> {
  const counts = await engine.counts(connectorId);
  expect(counts).toEqual(await recount(engine.database.pool));
  expect(balances(counts)).toBe(true);
}

it.each(['consent_missing', 'app_credential_refused'] as const)(
  'stopped for %s: they are listed with that reason, are signed off together, and the connector can be deleted',
  async (reason) => {
    list('one');
    list('two', { recipients: [partyOf(bruno)] });
    await collect(engine, connectorId);
    expect(await reasons()).toEqual([]);
    await stop(reason);
    expect(await reasons()).toEqual([{ kind: 'stopped', reason, count: 3 }]);
    const page = await undonePage(engine.database.pool, admin(), { connectorId, ...selection, reason }, null, 2);
    expect(page).toMatchObject({ rows: [{ isKept: true }, { isKept: true }], next: expect.any(String) });
    expect(await remove()).toMatchObject({ kind: 'owed', underWay: 3, failed: 0 });

    expect(await sign(2)).toEqual({ kind: 'changed', count: 3 });
    expect(await sign(3, { reason })).toEqual({ kind: 'done', signedOff: 3 });
    expect(await lines()).toEqual([`one failed ${reason}`, `two failed ${reason}`, `two failed ${reason}`]);
    expect(await reasons()).toEqual([]);
    await expectBooks();
    const audited = await rowsOf(`SELECT actor_name, detail FROM audit_entry WHERE action = 'copies.signed-off'`);
    const detail = { kind: 'stopped', reason: 'cannot_be_delivered', comment: 'The tenant is closed.', count: 3 };
    expect(audited).toMatchObject([{ actor_name: 'Ada', detail }]);
    expect(await rowsOf('SELECT kind, reason, signed_count FROM sign_off')).toEqual([
      { kind: 'failed', reason: 'cannot_be_delivered', signed_count: 3 },
    ]);
    expect(await remove()).toMatchObject({ kind: 'done' });
    await engine.settle();
    const left: string[] = [];
    for await (const { name } of engine.deps.staging.list(organizationPrefix(engine.organizationId))) left.push(name);
    expect(left).toEqual([]);
    // The evidence stays.
    expect(await lines()).toHaveLength(3);
  },
);

it('what was signed off is not delivered when Microsoft 365 lets us in again, and the rest is', async () => {
  list('one');
  list('two');
  await collect(engine, connectorId);
  await stop();
  const [first] = (await undonePage(engine.database.pool, admin(), { connectorId, ...selection }, null, 1)).rows;
  const [row] = await rowsOf<{ archived_at: Date; id: string }>(
    `SELECT d.archived_at, d.id FROM delivery d JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id
     WHERE i.source_item_id = $1`,
    [first?.sourceItemId],
  );
  const one = { archivedAt: row?.archived_at ?? new Date(), id: row?.id ?? '' };
  expect(await sign(1, { one })).toEqual({ kind: 'done', signedOff: 1 });
  await letIn();
  await engine.finish();
  expect(await itemsOf(anna)).toEqual(['one', 'two'].filter((id) => id !== first?.sourceItemId));
  await expectBooks();
});

describe('where somebody may deliver them', () => {
  it.each([
    ['it runs', 'UPDATE connector SET stopped_at = NULL'],
    ['it is paused', 'UPDATE connector SET paused_at = now()'],
    ['only its source stopped it', `UPDATE connector SET stopped_at = now(), stopped_reason = 'suspended'`],
  ])('because %s, nothing is listed or signed off', async (_name, sql) => {
    list('one');
    await collect(engine, connectorId);
    await rowsOf(sql);
    expect(await reasons()).toEqual([]);
    expect(await sign(1)).toEqual({ kind: 'changed', count: 0 });
    expect(await lines()).toEqual(['one pending']);
  });

  it('since they were counted, nothing is signed off', async () => {
    list('one');
    await collect(engine, connectorId);
    await stop();
    const { pool } = engine.database;
    // The transaction begins when the connector goes on.
    const connect = async () => {
      await letIn();
      return pool.connect();
    };
    const meanwhile = { query: pool.query.bind(pool), connect } as unknown as typeof pool;
    expect(await sign(1, {}, auditor(), meanwhile)).toEqual({ kind: 'done', signedOff: 0 });
    await engine.finish();
    expect(await lines()).toEqual(['one imported']);
  });
});

describe('a copy that may have been sent', () => {
  /** Its request broke off, and nobody could look since. */
  async function inDoubt(): Promise<void> {
    list('one');
    await collect(engine, connectorId);
    await control(sandbox, 'POST', 'faults', {
      ...{ service: 'graph', route: 'POST /v1.0/$batch', count: 1 },
      fault: { kind: 'reset-after' },
    });
    await deliverAll();
    expect(await lines()).toEqual(['one sending']);
    await stop();
  }
  const aDayLater = () =>
    rowsOf(`UPDATE delivery SET sending_until = sending_until - interval '25 hours', not_before = now()`);

  it('is listed when nothing can arrive any more, and is signed off as not known', async () => {
    await inDoubt();
    expect(await reasons()).toEqual([]);
    expect(await sign(1)).toEqual({ kind: 'changed', count: 0 });
    await aDayLater();
    expect(await sign(1)).toEqual({ kind: 'done', signedOff: 1 });
    expect(await lines()).toEqual(['one failed delivery_not_known']);
    await expectBooks();
    expect(await remove()).toMatchObject({ kind: 'done' });
  });

  it('is looked for, and not sent again, where Microsoft 365 lets us in before', async () => {
    await inDoubt();
    await aDayLater();
    await letIn();
    await engine.finish();
    expect(await lines()).toEqual(['one imported']);
    expect(await itemsOf(anna)).toEqual(['one']);
  });

  it('and is there without its attachments is signed off as partially imported', async () => {
    list('one');
    await collect(engine, connectorId);
    await rowsOf(`UPDATE delivery SET state = 'created', message_id = 'message', not_before = now()`);
    await stop();
    expect(await sign(1)).toEqual({ kind: 'done', signedOff: 1 });
    expect(await lines()).toEqual(['one partially_imported consent_missing']);
    expect(await rowsOf('SELECT kind, signed_count FROM sign_off')).toEqual([{ kind: 'partial', signed_count: 1 }]);
    await expectBooks();
    expect(await remove()).toMatchObject({ kind: 'done' });
  });
});

it('a message of two phones: the copy that was skipped for one signed off stays so, and one that comes later arrives', async () => {
  const twin = { messageKey: 'same', recipients: [outsider], sender: partyOf(anna), owner: partyOf(anna) };
  list('first', twin);
  list('second', twin);
  await collect(engine, connectorId);
  await stop();
  expect(await reasons()).toEqual([{ kind: 'stopped', reason: 'consent_missing', count: 1 }]);
  expect(await sign(1)).toEqual({ kind: 'done', signedOff: 1 });
  expect(await reasons()).toEqual([]);
  await letIn();
  source.settledThrough = new Date(source.settledThrough.getTime() + 2 * HOUR);
  list('third', twin);
  await collect(engine, connectorId);
  await engine.finish();
  expect(await lines()).toEqual(['first failed consent_missing', 'second skipped twin', 'third imported']);
  expect(await itemsOf(anna)).toEqual(['third']);
  await expectBooks();
});

it('is for Auditors of the organization', async () => {
  list('one');
  await collect(engine, connectorId);
  await stop();
  await expect(sign(1, {}, admin())).rejects.toThrow(NotAllowed);
  const stranger = seededActor('00000000-0000-4000-8000-000000000000', ['DataConnectors.Auditor']);
  expect(await sign(1, {}, stranger)).toEqual({ kind: 'not_found' });
  expect(await lines()).toEqual(['one pending']);
});
