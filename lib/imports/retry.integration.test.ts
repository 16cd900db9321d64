/** What Microsoft 365 refused is sent again when somebody asks for it: once, and only what was asked for. */
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import type { Item } from '../archive/item.ts';
import { seededActor } from '../connectors/rows.fixture.ts';
import { NotAllowed } from '../security/actor.ts';
import { control } from './connector.fixture.ts';
import { deliverShard } from './deliver.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import {
  collect,
  copies,
  failed,
  imported,
  mapNumbers,
  recount,
  rememberMailboxes,
  settleAll,
} from './ledger.fixture.ts';
import { importPage } from './list.ts';
import { attachmentHashes, readMailboxes } from './mailboxes.fixture.ts';
import { type RetrySelection, retryCopies } from './retry.ts';
import {
  attach,
  outsider,
  partyOf,
  people,
  type ScriptedSource,
  scriptedSource,
  sms,
} from './scripted-source.fixture.ts';
import { shardOf } from './shards.ts';
import type { Settlement } from './store/settle.ts';

const HOUR = 3_600_000;
const MIB = 1024 * 1024;
const [anna, bruno, cleo] = [people[0], people[1], people[2]] as readonly [Person, Person, Person];
const full: Settlement = { state: 'failed', reason: 'mailbox_full' };

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
  await rememberMailboxes(engine.database.pool, engine.organizationId, people);
});
afterEach(() => engine.close());

const admin = () => seededActor(engine.organizationId, ['DataConnectors.Admin']);

function list(owner: Person, traits: Partial<Item>): void {
  source.listed.push(sms(owner, new Date(source.settledThrough.getTime() - HOUR), traits));
}

function retry(selection: Partial<RetrySelection> = {}) {
  const all = { connectorId, kind: 'failed', reason: null, importId: null, one: null } as const;
  return retryCopies(engine.deps, admin(), { ...all, ...selection });
}

const lines = async (): Promise<string[]> =>
  (await copies(engine.database.pool)).map(({ item, reason, state }) => `${item} ${state} ${reason ?? ''}`.trim());

async function expectCountersToBeTrue(): Promise<void> {
  expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
}

const inMailbox = async (person: Person) => (await readMailboxes(engine.graph)).get(person.id) ?? [];

describe('a failed copy', () => {
  it('is sent again and is there once; the numbers of completion stay, those of now move', async () => {
    list(anna, { id: 'one' });
    await collect(engine, connectorId);
    await settleAll(engine, () => failed);
    await engine.finish();
    expect(await lines()).toEqual(['one failed refused_message']);
    expect(await retry()).toEqual({ kind: 'done', sent: 1, skipped: 0, readAgain: 0 });
    expect(await lines()).toEqual(['one pending']);
    await expectCountersToBeTrue();
    await engine.finish();
    expect(await lines()).toEqual(['one imported']);
    expect((await inMailbox(anna)).map(({ itemId }) => itemId)).toEqual(['one']);
    await expectCountersToBeTrue();
    const actor = admin();
    const [line] = (await importPage(engine.database.pool, actor, connectorId, null, 1)).imports;
    expect(line?.countsAtCompletion?.copies).toMatchObject({ failed: 1, imported: 0 });
    expect(line?.counts.copies).toMatchObject({ failed: 0, imported: 1 });
    const { rows } = await engine.database.pool.query(
      "SELECT action, actor_name, detail FROM audit_entry WHERE actor <> 'system'",
    );
    const detail = { kind: 'failed', reason: null, importId: null, sent: 1, skipped: 0 };
    expect(rows).toEqual([{ action: 'copies.retried', actor_name: 'Ada', detail }]);
    expect(await retry()).toEqual({ kind: 'done', sent: 0, skipped: 0, readAgain: 0 });
  });

  it('is retried alone, by its reason, or by its import', async () => {
    const { pool } = engine.database;
    for (const [id, owner] of Object.entries({ one: anna, two: bruno, three: cleo })) list(owner, { id });
    await collect(engine, connectorId);
    await settleAll(engine, ({ sourceItemId }) => (sourceItemId === 'one' ? full : failed));
    source.settledThrough = new Date(source.settledThrough.getTime() + 2 * HOUR);
    list(anna, { id: 'later' });
    await collect(engine, connectorId);
    await settleAll(engine, () => full);

    const { rows } = await pool.query<{ archived_at: Date; id: string; import_id: string; item: string }>(
      `SELECT d.archived_at, d.id, d.import_id, i.source_item_id AS item FROM delivery d
       JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id`,
    );
    const rowOf = (item: string) => rows.find((row) => row.item === item) ?? expect.fail(item);
    const sent = async () =>
      (await lines()).filter((line) => line.includes('pending')).map((line) => line.split(' ')[0]);
    const { archived_at: archivedAt, id } = rowOf('two');
    await retry({ one: { archivedAt, id } });
    expect(await sent()).toEqual(['two']);
    await retry({ reason: 'mailbox_full', importId: rowOf('one').import_id });
    expect(await sent()).toEqual(['one', 'two']);
    await retry({ reason: 'mailbox_full' });
    expect(await sent()).toEqual(['later', 'one', 'two']);
    await retry({ reason: 'too_large' });
    expect(await lines()).toContain('three failed refused_message');
    await expectCountersToBeTrue();
  });

  it('goes where the mapping in force says, when that changed since it failed', async () => {
    await mapNumbers(engine, connectorId, { [anna.mobile ?? '']: bruno.mail ?? '' });
    for (const id of ['one', 'two']) list(anna, { id });
    await collect(engine, connectorId);
    await settleAll(engine, () => failed);
    await engine.finish();
    await mapNumbers(engine, connectorId, { [anna.mobile ?? '']: cleo.mail ?? '' });
    expect(await retry()).toEqual({ kind: 'done', sent: 2, skipped: 0, readAgain: 0 });
    expect(await lines()).toEqual(['one waiting not_mapped', 'two waiting not_mapped']);
    await expectCountersToBeTrue();
    await engine.finish();
    expect(await lines()).toEqual(['one imported', 'two imported']);
    expect((await inMailbox(cleo)).map(({ itemId }) => itemId).toSorted()).toEqual(['one', 'two']);
    expect(await inMailbox(bruno)).toEqual([]);
    await expectCountersToBeTrue();
  });

  it('that was ever in doubt is looked for before it is sent', async () => {
    list(anna, { id: 'one' });
    await collect(engine, connectorId);
    await deliverShard(engine.deps, engine.organizationId, shardOf(anna.id), new AbortController().signal);
    // Its content stays, as that of a copy that was never imported does.
    await engine.database.pool.query('UPDATE import SET staging_cleared_at = now()');
    await engine.finish();
    // A request of long ago took effect after all, and the one after it was refused.
    await engine.database.pool.query(
      `UPDATE delivery SET state = 'failed', reason = 'mailbox_full', message_id = NULL, imported_at = NULL, doubt = 1`,
    );
    await engine.database.pool.query(
      `UPDATE import_counter SET outcome = 'copies.failed' WHERE outcome = 'copies.imported'`,
    );
    expect(await retry()).toMatchObject({ sent: 1 });
    await engine.finish();
    expect(await lines()).toEqual(['one imported']);
    expect(await inMailbox(anna)).toHaveLength(1);
  });
});

describe('a failed copy of a message that two phones archived', () => {
  beforeEach(async () => {
    // Anna's and Bruno's own number lead to one mailbox, Cleo's; the third party makes a second copy of the first item.
    list(anna, { id: 'first', messageKey: 'key', recipients: [partyOf(people[3] as Person)] });
    list(bruno, { id: 'second', messageKey: 'key', recipients: [outsider] });
    const numbers = [anna, bruno, people[3] as Person].map(({ mobile }) => mobile ?? '');
    await mapNumbers(engine, connectorId, Object.fromEntries(numbers.map((number) => [number, cleo.mail ?? ''])));
    await collect(engine, connectorId);
    await settleAll(engine, () => failed);
    expect(await lines()).toEqual(['first failed refused_message', 'first skipped same_mailbox', 'second pending']);
  });

  it('is skipped where the other has its place by now, and so is who shares the mailbox with it', async () => {
    expect(await retry()).toEqual({ kind: 'done', sent: 0, skipped: 1, readAgain: 0 });
    expect(await lines()).toEqual(['first skipped twin', 'first skipped twin', 'second pending']);
    await expectCountersToBeTrue();
    // Its turn comes again, should the other fail.
    await settleAll(engine, () => failed);
    expect((await lines()).sort()).toEqual([
      'first pending',
      'first skipped same_mailbox',
      'second failed refused_message',
    ]);
    await expectCountersToBeTrue();
  });

  it('claims its place again where nobody has it, and one copy is sent', async () => {
    await settleAll(engine, () => failed);
    expect(await retry()).toEqual({ kind: 'done', sent: 1, skipped: 1, readAgain: 0 });
    expect(await lines()).toEqual(['first pending', 'first skipped same_mailbox', 'second skipped twin']);
    await settleAll(engine, () => imported);
    await expectCountersToBeTrue();
  });
});

describe('an attachment that the mailbox refused', () => {
  it('is added to the message that is there, once the mailbox takes it', async () => {
    const bytes = randomBytes(4 * MIB);
    list(anna, { id: 'one', attachments: [attach(source, 'film.mp4', 'video/mp4', bytes)] });
    await control(sandbox, 'PATCH', `mailboxes/${anna.mail}`, { messageBytes: 2 * MIB });
    await collect(engine, connectorId);
    await engine.finish();
    expect(await lines()).toEqual(['one partially_imported attachment_refused']);
    expect(await retry({ kind: 'partial' })).toEqual({ kind: 'done', sent: 1, skipped: 0, readAgain: 0 });
    await engine.finish();
    expect(await lines()).toEqual(['one partially_imported attachment_refused']);

    await control(sandbox, 'PATCH', `mailboxes/${anna.mail}`, { messageBytes: null });
    expect(await retry({ kind: 'partial' })).toMatchObject({ sent: 1 });
    await expectCountersToBeTrue();
    await engine.finish();
    expect(await lines()).toEqual(['one imported']);
    await expectCountersToBeTrue();
    const messages = await inMailbox(anna);
    expect(messages).toHaveLength(1);
    expect(await attachmentHashes(engine.graph, anna.id, messages[0]?.id ?? '')).toHaveLength(1);
  });

  it.each(['attachment_missing', 'removed_meanwhile'] as const)(
    'is not tried again where the reason is %s',
    async (reason) => {
      list(anna, { id: 'one' });
      await collect(engine, connectorId);
      await settleAll(engine, () => ({ state: 'partially_imported', messageId: 'message', contentHash: null, reason }));
      expect(await retry({ kind: 'partial' })).toEqual({ kind: 'done', sent: 0, skipped: 0, readAgain: 0 });
      expect(await lines()).toEqual([`one partially_imported ${reason}`]);
    },
  );
});

it('is for Admins of the organization', async () => {
  const selection = { connectorId, kind: 'failed', reason: null, importId: null, one: null } as const;
  const auditor = seededActor(engine.organizationId, ['DataConnectors.Auditor']);
  await expect(retryCopies(engine.deps, auditor, selection)).rejects.toThrow(NotAllowed);
  const stranger = seededActor('00000000-0000-4000-8000-000000000000', ['DataConnectors.Admin']);
  expect(await retryCopies(engine.deps, stranger, selection)).toEqual({ kind: 'not_found' });
});
