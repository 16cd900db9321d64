/** Content that the storage lost is read from the source again when its time is imported again, or a copy retried. */
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { seededActor } from '../connectors/rows.fixture.ts';
import { attachmentName, importPrefix, parseStagedName } from '../staging/names.ts';
import { collectDue } from './collect.ts';
import { control } from './connector.fixture.ts';
import { deliverShard } from './deliver.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { collect, copies, mapNumbers, recount, rememberMailboxes } from './ledger.fixture.ts';
import { attachmentHashes, readMailboxes } from './mailboxes.fixture.ts';
import { repeatRange } from './repeat.ts';
import { type RetrySelection, retryCopies } from './retry.ts';
import {
  attach,
  partyOf,
  people,
  personNamed,
  type ScriptedSource,
  scriptedSource,
  sms,
} from './scripted-source.fixture.ts';
import { SHARDS } from './shards.ts';
import { signOff } from './sign-off.ts';

const HOUR = 3_600_000;
const MIB = 1024 * 1024;
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
  engine = await startEngine(sandbox, { source: () => source });
  connectorId = await engine.connect({ firstImportFrom: ago(2 * HOUR) });
  await rememberMailboxes(engine.database.pool, engine.organizationId, people);
});
afterEach(() => engine.close());

const admin = () => seededActor(engine.organizationId, ['DataConnectors.Admin']);
const ago = (ms: number): Date => new Date(source.settledThrough.getTime() - ms);
async function rowsOf<T extends object>(sql: string, values: readonly unknown[] = []): Promise<T[]> {
  return (await engine.database.pool.query<T>(sql, [...values])).rows;
}
/** What became of each copy, by item and participant. */
const lines = async () =>
  (await copies(engine.database.pool)).map(({ item, state, reason }) => `${item} ${state} ${reason ?? ''}`.trim());
const openAlerts = async () =>
  (await rowsOf<{ code: string }>('SELECT code FROM alert WHERE resolved_at IS NULL')).map(({ code }) => code);
const messagesOf = async (person: Person) =>
  ((await readMailboxes(engine.graph)).get(person.id) ?? []).map(({ itemId, id }) => ({ itemId, id }));
const itemsOf = async (person: Person) => (await messagesOf(person)).map(({ itemId }) => itemId).sort();

async function importAgain(): Promise<void> {
  const range = { from: ago(2 * HOUR), to: ago(0) };
  expect(await repeatRange(engine.deps, admin(), { connectorId, range })).toMatchObject({ kind: 'done', windows: 1 });
}
function retry(selection: Partial<RetrySelection> = {}) {
  const all = { connectorId, kind: 'failed', reason: null, importId: null, one: null } as const;
  return retryCopies(engine.deps, admin(), { ...all, ...selection });
}

/** As if somebody had emptied the storage, or written something else into it. */
async function loseContent(how: 'deleted' | 'altered' = 'deleted', except = ''): Promise<void> {
  const { staging } = engine.deps;
  for (const { id } of await rowsOf<{ id: string }>('SELECT id FROM import')) {
    for await (const { name, size } of staging.list(importPrefix(engine.organizationId, id))) {
      if (name === except) continue;
      await staging.delete(name);
      if (how === 'altered' && parseStagedName(name)?.kind === 'pages') await staging.putPage(name, randomBytes(size));
    }
  }
}

/** The pages that are staged, with their bytes. */
async function pages(): Promise<{ readonly name: string; readonly bytes: Buffer }[]> {
  const { staging } = engine.deps;
  const found = [];
  for (const { id } of await rowsOf<{ id: string }>('SELECT id FROM import')) {
    for await (const { name, size } of staging.list(importPrefix(engine.organizationId, id)))
      found.push({ name, bytes: await staging.readRange(name, 0, size) });
  }
  return found;
}

/** The source has nothing any more. */
function purge(): void {
  const now = source.settledThrough;
  source.clock = async () => ({ now, settledThrough: now, earliestRetained: now });
}

const never = new AbortController().signal;
const collectNow = () => collectDue(engine.deps, engine.organizationId, connectorId, never);
/** Delivers what is due, whatever is queued. */
async function deliverAll(): Promise<void> {
  for (let shard = 0; shard < SHARDS; shard++) await deliverShard(engine.deps, engine.organizationId, shard, never);
}

async function expectBooks(): Promise<void> {
  expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
  expect(await rowsOf('SELECT DISTINCT phase, balanced FROM import')).toEqual([{ phase: 'completed', balanced: true }]);
}

/** Two items of which one copy is in its mailbox, and one, whose mailbox was full, is not; then the content is lost. */
async function losePart(how: 'deleted' | 'altered'): Promise<void> {
  const create = { service: 'graph', route: 'POST /v1.0/users/*/mailFolders/*/messages', mailbox: bruno.id, count: 1 };
  const fault = { kind: 'refuse', status: 507, code: 'ErrorQuotaExceeded' };
  await control(sandbox, 'POST', 'faults', { ...create, fault });
  source.listed.push(
    sms(anna, ago(HOUR), { id: 'both', recipients: [partyOf(bruno)] }),
    sms(anna, ago(HOUR), { id: 'there' }),
  );
  await engine.finish();
  expect(await lines()).toEqual(['both imported', 'both failed mailbox_full', 'there imported']);
  await loseContent(how);
  expect(await retry()).toEqual({ kind: 'done', sent: 1, skipped: 0, readAgain: 0 });
  await engine.settle();
}

describe.each([
  ['deleted', 'content_missing'],
  ['altered', 'content_damaged'],
] as const)('content that was %s', (how, reason) => {
  it('is read anew with its time: what failed arrives once, and what is there stays as it is', async () => {
    await losePart(how);
    expect(await lines()).toEqual(['both imported', `both failed ${reason}`, 'there imported']);
    const there = await messagesOf(anna);
    await importAgain();
    expect(await lines()).toContain('both failed content_sought');
    await engine.finish();
    expect(await lines()).toEqual(['both imported', 'both imported', 'there imported']);
    expect(await messagesOf(anna)).toEqual(there);
    expect(await itemsOf(bruno)).toEqual(['both']);
    await expectBooks();
    // Once more changes nothing.
    await importAgain();
    await engine.finish();
    expect(await messagesOf(anna)).toEqual(there);
    expect(await itemsOf(bruno)).toEqual(['both']);
    expect(await openAlerts()).toEqual([]);
  });

  it('is read anew when its copies are retried', async () => {
    await losePart(how);
    expect(await retry()).toEqual({ kind: 'done', sent: 1, skipped: 0, readAgain: 1 });
    await engine.finish();
    expect(await lines()).toEqual(['both imported', 'both imported', 'there imported']);
    expect(await itemsOf(bruno)).toEqual(['both']);
    await expectBooks();
  });
});

describe('content that is lost and that the source does not give again', () => {
  it.each([
    ['is not listed any more', () => source.listed.splice(0, 1)],
    ['has other content now', () => source.listed.splice(0, 1, { ...(source.listed[0] as object), text: 'Another.' })],
    ['is in time that the source purged', () => purge()],
  ])('because it %s: its copies say so, and are sent when the storage is restored', async (_name, change) => {
    source.listed.push(sms(anna, ago(HOUR), { id: 'one' }));
    await collect(engine, connectorId);
    const [kept] = await pages();
    await loseContent();
    await engine.finish();
    change();
    await importAgain();
    await engine.finish();
    expect(await lines()).toEqual(['one failed content_not_given_again']);
    expect(await itemsOf(anna)).toEqual([]);
    // Clearing moved nothing: there was nothing to move.
    if (!kept) throw new Error('a page');
    await engine.deps.staging.putPage(kept.name, kept.bytes);
    await retry();
    await engine.finish();
    expect(await lines()).toEqual(['one imported']);
    expect(await itemsOf(anna)).toEqual(['one']);
    expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
  });

  it('is still sought where the retried copy fails before its time was read', async () => {
    source.listed.push(sms(anna, ago(HOUR), { id: 'one' }));
    await collect(engine, connectorId);
    await loseContent();
    await engine.finish();
    const { items } = source;
    const meanwhile: string[][] = [];
    source.items = async (...page) => {
      await deliverAll();
      meanwhile.push(await lines());
      return items.call(source, ...page);
    };
    await retry();
    await collectNow();
    source.items = items;
    expect(meanwhile).toEqual([['one failed content_sought']]);
    await engine.finish();
    expect(await lines()).toEqual(['one imported']);
    expect(await itemsOf(anna)).toEqual(['one']);
  });
});

describe('a copy whose content was lost, and whose number the mapping gives to another mailbox since', () => {
  const loseAndMapAgain = async () => {
    await mapNumbers(engine, connectorId, { [anna.mobile ?? '']: bruno.mail ?? '' });
    source.listed.push(sms(anna, ago(HOUR), { id: 'one' }));
    await collect(engine, connectorId);
    const [kept] = await pages();
    await loseContent();
    await engine.finish();
    expect(await lines()).toEqual(['one failed content_missing']);
    await mapNumbers(engine, connectorId, { [anna.mobile ?? '']: carter.mail ?? '' });
    if (!kept) throw new Error('a page');
    return kept;
  };
  const expectItThere = async () => {
    await engine.finish();
    expect(await lines()).toEqual(['one imported']);
    expect([await itemsOf(bruno), await itemsOf(carter)]).toEqual([[], ['one']]);
    expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
  };

  it('goes there when the source gives it again', async () => {
    await loseAndMapAgain();
    await importAgain();
    await expectItThere();
  });

  it('goes there when it is retried and its storage was restored', async () => {
    const kept = await loseAndMapAgain();
    await engine.deps.staging.putPage(kept.name, kept.bytes);
    expect(await retry()).toMatchObject({ sent: 1 });
    await expectItThere();
  });
});

describe('an attachment that was lost', () => {
  const partial = async (size: number, how: 'deleted' | 'altered') => {
    const lost = attach(source, 'lost.pdf', 'application/pdf', randomBytes(size * MIB));
    const kept = attach(source, 'kept.pdf', 'application/pdf', randomBytes(1_000));
    source.listed.push(sms(anna, ago(HOUR), { id: 'both', type: 'mms', attachments: [lost, kept] }));
    await collect(engine, connectorId);
    const [row] = await rowsOf<{ id: string; import_id: string }>(
      'SELECT id, import_id FROM attachment WHERE source_attachment_id = $1',
      [lost.id],
    );
    const name = attachmentName(engine.organizationId, row?.import_id ?? '', BigInt(row?.id ?? 0));
    await engine.deps.staging.delete(name);
    if (how === 'altered') await engine.deps.staging.putPage(name, randomBytes(size * MIB));
    await engine.finish();
    const [message] = await messagesOf(anna);
    if (!message) throw new Error('a message');
    return { lost, kept, message };
  };
  const hashesIn = async (messageId: string) => (await attachmentHashes(engine.graph, anna.id, messageId)).toSorted();

  it.each([
    ['small, deleted', 0.1, 'deleted', 'content_missing'],
    ['large, deleted', 3.3, 'deleted', 'content_missing'],
    ['small, altered', 0.1, 'altered', 'content_damaged'],
  ] as const)('(%s) is added to the message that is there', async (_name, size, how, reason) => {
    const { lost, kept, message } = await partial(size, how);
    expect(await lines()).toEqual([`both partially_imported ${reason}`]);
    await importAgain();
    await engine.finish();
    expect(await lines()).toEqual(['both imported']);
    expect(await messagesOf(anna)).toEqual([message]);
    expect(await hashesIn(message.id)).toEqual([lost.sha256, kept.sha256].toSorted());
    await expectBooks();
  });

  it('and is not to be had again leaves the message as it is, with the note that names it', async () => {
    const { lost, message } = await partial(0.1, 'deleted');
    const before = await hashesIn(message.id);
    source.attachments.delete(lost.id);
    await importAgain();
    await engine.finish();
    expect(await lines()).toEqual(['both partially_imported content_not_given_again']);
    expect(await hashesIn(message.id)).toEqual(before);
    source.attachments.set(lost.id, Buffer.alloc(0));
    expect(await retry({ kind: 'partial' })).toMatchObject({ sent: 1, readAgain: 1 });
    await engine.finish();
    // What the source gives now is not what it announced.
    expect(await lines()).toEqual(['both partially_imported content_not_given_again']);
    expect(await hashesIn(message.id)).toEqual(before);
    await expectBooks();
  });

  it('together with the message is read anew, and what is kept is not asked for', async () => {
    const lost = attach(source, 'lost.pdf', 'application/pdf', randomBytes(1_000));
    const kept = attach(source, 'kept.pdf', 'application/pdf', randomBytes(1_000));
    source.listed.push(
      sms(anna, ago(HOUR), { id: 'one', type: 'mms', attachments: [lost] }),
      sms(anna, ago(HOUR), { id: 'two', type: 'mms', attachments: [kept] }),
    );
    await collect(engine, connectorId);
    const [row] = await rowsOf<{ id: string; import_id: string }>(
      'SELECT id, import_id FROM attachment WHERE source_attachment_id = $1',
      [kept.id],
    );
    await loseContent('deleted', attachmentName(engine.organizationId, row?.import_id ?? '', BigInt(row?.id ?? 0)));
    await engine.finish();
    expect(await lines()).toEqual(['one failed content_missing', 'two failed content_missing']);
    source.attachments.delete(kept.id);
    await importAgain();
    await engine.finish();
    expect(await lines()).toEqual(['one imported', 'two imported']);
    const hashes = await Promise.all((await messagesOf(anna)).map(({ id }) => hashesIn(id)));
    expect(hashes.flat().toSorted()).toEqual([lost.sha256, kept.sha256].toSorted());
  });
});

describe('a worker that reads what was altered while the source gives it again', () => {
  it('does not take a message for lost', async () => {
    source.listed.push(sms(anna, ago(HOUR), { id: 'one' }));
    await collect(engine, connectorId);
    await loseContent('altered');
    await engine.finish();
    await retry();
    const { staging } = engine.deps;
    const readFrames = staging.readFrames.bind(staging);
    staging.readFrames = async function* (...frames) {
      staging.readFrames = readFrames;
      await collectNow();
      yield* readFrames(...frames);
    };
    await deliverAll();
    expect(await lines()).toEqual(['one pending internal']);
    await rowsOf('UPDATE delivery SET not_before = now()');
    await engine.finish();
    expect(await lines()).toEqual(['one imported']);
  });

  it('does not take an attachment for lost', async () => {
    const file = attach(source, 'file.pdf', 'application/pdf', randomBytes(3.3 * MIB));
    source.listed.push(sms(anna, ago(HOUR), { id: 'one', type: 'mms', attachments: [file] }));
    await collect(engine, connectorId);
    const { staging } = engine.deps;
    const [row] = await rowsOf<{ id: string; import_id: string }>('SELECT id, import_id FROM attachment');
    const name = attachmentName(engine.organizationId, row?.import_id ?? '', BigInt(row?.id ?? 0));
    await staging.delete(name);
    await staging.putPage(name, randomBytes(MIB));
    await engine.finish();
    await retry({ kind: 'partial' });
    const readAttachment = staging.readAttachment.bind(staging);
    staging.readAttachment = async function* (...bytes) {
      staging.readAttachment = readAttachment;
      await collectNow();
      yield* readAttachment(...bytes);
    };
    await deliverAll();
    expect(await lines()).toEqual(['one created']);
    await rowsOf('UPDATE delivery SET not_before = now(), sending_until = NULL');
    await engine.finish();
    expect(await lines()).toEqual(['one imported']);
    const [message] = await messagesOf(anna);
    expect(await attachmentHashes(engine.graph, anna.id, message?.id ?? '')).toEqual([file.sha256]);
  });
});

it('what waits, or cannot be read, has its content again, and arrives when it is mapped', async () => {
  const odd = { id: 'odd', type: 'sms', archivedTime: ago(HOUR).toISOString() };
  source.listed.push(sms(carter, ago(HOUR), { id: 'one' }), odd);
  await engine.finish();
  await loseContent();
  await rowsOf('UPDATE import SET staging_cleared_at = NULL');
  await engine.settle();
  expect(await openAlerts()).toEqual(['content_missing']);
  await importAgain();
  await engine.finish();
  expect(await openAlerts()).toEqual([]);
  await mapNumbers(engine, connectorId, { [carter.mobile ?? '']: bruno.mail ?? '' });
  await engine.finish();
  expect(await lines()).toEqual(['one imported']);
  expect(await itemsOf(bruno)).toEqual(['one']);
  expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
});

it('what somebody signed off is not read anew', async () => {
  source.listed.push(sms(anna, ago(HOUR), { id: 'one' }));
  await collect(engine, connectorId);
  await loseContent();
  await engine.finish();
  const auditor = seededActor(engine.organizationId, ['DataConnectors.Auditor']);
  const selection = { connectorId, kind: 'failed', reason: null, importId: null, one: null } as const;
  await signOff(engine.deps, auditor, { selection, reason: 'other', comment: 'We accept it.', expected: 1 });
  await importAgain();
  await engine.finish();
  expect(await lines()).toEqual(['one failed content_missing']);
  expect(await itemsOf(anna)).toEqual([]);
});
