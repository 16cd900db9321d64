/** Nothing of what reached no mailbox is deleted without a sign-off, and nothing that is signed off comes back. */
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import type { Item } from '../archive/item.ts';
import { connectorRows } from '../connectors/overview.ts';
import { seededActor } from '../connectors/rows.fixture.ts';
import { resumeDeletion, suspendDeletion } from '../retention/suspend.ts';
import { NotAllowed } from '../security/actor.ts';
import { organizationPrefix, parseStagedName } from '../staging/names.ts';
import { control } from './connector.fixture.ts';
import { balances, type UndoneKind } from './counts.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { collect, copies, failed, mapNumbers, recount, rememberMailboxes, settleAll } from './ledger.fixture.ts';
import { importLogStream } from './log.ts';
import { readMailboxes } from './mailboxes.fixture.ts';
import { releaseWaiting } from './release.ts';
import { retryCopies } from './retry.ts';
import {
  attach,
  outsider,
  partyOf,
  people,
  type ScriptedSource,
  scriptedSource,
  sms,
} from './scripted-source.fixture.ts';
import { type SignOffRequest, signOff } from './sign-off.ts';
import type { UndoneSelection } from './store/undone.ts';
import { undoneReasons } from './undone.ts';

const HOUR = 3_600_000;
const MIB = 1024 * 1024;
const never = new AbortController().signal;
const [anna, bruno] = [people[0], people[1]] as readonly [Person, Person];
const UNKNOWN = '+12125559999';

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

const auditor = () => seededActor(engine.organizationId, ['DataConnectors.Auditor']);
const admin = () => seededActor(engine.organizationId, ['DataConnectors.Admin']);

function list(owner: Person, traits: Partial<Item>): void {
  source.listed.push(sms(owner, new Date(source.settledThrough.getTime() - HOUR), traits));
}
/** A message whose owner has no mailbox. */
function listUnknown(id: string, traits: Partial<Item> = {}): void {
  list(anna, { id, owner: { mobile: UNKNOWN, email: null, name: null }, recipients: [outsider], ...traits });
}

function sign(
  kind: UndoneKind,
  expected: number,
  more: Partial<UndoneSelection> = {},
  request: Partial<SignOffRequest> = {},
) {
  const selection = { connectorId, kind, reason: null, importId: null, one: null, ...more };
  const why = { reason: 'nobody_owed', comment: 'He left before the service began.' } as const;
  return signOff(engine.deps, auditor(), { selection, ...why, expected, ...request });
}

/** Kinds of the blobs that lie in staging. */
async function staged(): Promise<string[]> {
  const kinds: string[] = [];
  for await (const { name } of engine.deps.staging.list(organizationPrefix(engine.organizationId))) {
    kinds.push(parseStagedName(name)?.kind ?? name);
  }
  return kinds.sort();
}

async function toDo() {
  const [row] = await connectorRows(engine.database.pool, admin(), [connectorId], new Date());
  return { ...row?.toDo, health: row?.health };
}
const NOTHING = { waiting: 0, failed: 0, unreadable: 0, health: 'balanced' };

async function expectBooksToBeTrue(): Promise<void> {
  const counts = await engine.counts(connectorId);
  expect(counts).toEqual(await recount(engine.database.pool));
  expect(balances(counts)).toBe(true);
}

/** Runs until everything is settled and what is not needed is deleted. */
async function finish(): Promise<void> {
  await engine.finish();
  await engine.settle();
}

it('what waits for a mapping stays in the books, its content goes, and no mapping brings it back', async () => {
  listUnknown('one', { sender: partyOf(anna) });
  await collect(engine, connectorId);
  await finish();
  expect(await staged()).toEqual(['pages']);
  expect(await toDo()).toMatchObject({ waiting: 1, health: 'needs_you' });

  expect(await sign('waiting', 1)).toEqual({ kind: 'done', signedOff: 1 });
  await finish();
  expect(await staged()).toEqual([]);
  expect(await toDo()).toEqual(NOTHING);
  expect(await undoneReasons(engine.database.pool, admin(), connectorId)).toEqual([]);
  expect((await engine.counts(connectorId)).copies.waiting).toBe(1);
  await expectBooksToBeTrue();

  await mapNumbers(engine, connectorId, { [UNKNOWN]: bruno.mail ?? '' });
  expect(await releaseWaiting(engine.deps, engine.organizationId, connectorId, never)).toBe(0);
  const change = `UPDATE delivery SET state = 'pending', user_id = '${bruno.id}' WHERE state = 'waiting'`;
  await expect(engine.database.pool.query(change)).rejects.toThrow(/signed_off_stays/);
  expect((await readMailboxes(engine.graph)).get(bruno.id) ?? []).toEqual([]);
  await expectBooksToBeTrue();
});

it('says who, when and why, in a row that nobody can change, and in the log', async () => {
  list(anna, { id: 'one' });
  await collect(engine, connectorId);
  await settleAll(engine, () => failed);
  const who = auditor();
  const selection = { connectorId, kind: 'failed', reason: 'refused_message', importId: null, one: null } as const;
  const request = { selection, reason: 'cannot_be_delivered', comment: ' Twice refused. ', expected: 1 } as const;
  expect(await signOff(engine.deps, who, request)).toEqual({ kind: 'done', signedOff: 1 });
  const { pool } = engine.database;
  const { rows } = await pool.query(
    'SELECT kind, reason, comment, signed_count, signed_by, signed_by_name FROM sign_off',
  );
  const why = { kind: 'failed', reason: 'cannot_be_delivered', comment: 'Twice refused.' };
  expect(rows).toEqual([{ ...why, signed_count: 1, signed_by: who.userId, signed_by_name: 'Ada' }]);
  await expect(pool.query(`UPDATE sign_off SET comment = 'x'`)).rejects.toThrow(/append-only/);
  const audited = await pool.query("SELECT actor, action, detail FROM audit_entry WHERE actor <> 'system'");
  expect(audited.rows).toEqual([
    { actor: who.userId, action: 'copies.signed-off', detail: { ...why, signOff: expect.any(String), count: 1 } },
  ]);
  const log = await new Response(importLogStream(pool, who, connectorId)).text();
  expect(log).toMatch(/Failed item.*Signed off by Ada at \d{4}-/);
});

it('a failed copy goes with who shares the mailbox with it, and no retry sends it', async () => {
  list(anna, { id: 'one', recipients: [partyOf(bruno)] });
  const mailbox = people[2]?.mail ?? '';
  await mapNumbers(engine, connectorId, { [anna.mobile ?? '']: mailbox, [bruno.mobile ?? '']: mailbox });
  await collect(engine, connectorId);
  await settleAll(engine, () => failed);
  await finish();
  expect((await copies(engine.database.pool)).map(({ state }) => state).sort()).toEqual(['failed', 'skipped']);
  expect(await staged()).toEqual(['pages']);
  await sign('failed', 1);
  await finish();
  expect(await staged()).toEqual([]);
  expect(await toDo()).toEqual(NOTHING);
  const all = { connectorId, kind: 'failed', reason: null, importId: null, one: null } as const;
  expect(await retryCopies(engine.deps, admin(), all)).toEqual({ kind: 'done', sent: 0, skipped: 0, readAgain: 0 });
  await expectBooksToBeTrue();
});

it('an item that cannot be read', async () => {
  source.listed.push({ id: 'odd', archivedTime: new Date(source.settledThrough.getTime() - HOUR).toISOString() });
  await collect(engine, connectorId);
  await finish();
  expect(await staged()).toEqual(['pages']);
  expect(await toDo()).toMatchObject({ unreadable: 1 });
  expect(await sign('unreadable', 1)).toEqual({ kind: 'done', signedOff: 1 });
  await finish();
  expect(await staged()).toEqual([]);
  expect(await toDo()).toEqual(NOTHING);
  await expectBooksToBeTrue();
});

it('an attachment that the mailbox refused is kept until then', async () => {
  const film = attach(source, 'film.mp4', 'video/mp4', randomBytes(4 * MIB));
  list(anna, { id: 'one', attachments: [film] });
  await control(sandbox, 'PATCH', `mailboxes/${anna.mail}`, { messageBytes: 2 * MIB });
  await collect(engine, connectorId);
  await finish();
  expect(await staged()).toEqual(['attachments', 'pages']);
  expect(await undoneReasons(engine.database.pool, admin(), connectorId)).toEqual([
    { kind: 'partial', reason: 'attachment_refused', count: 1 },
  ]);
  expect(await sign('partial', 1)).toEqual({ kind: 'done', signedOff: 1 });
  await finish();
  expect(await staged()).toEqual([]);
  const all = { connectorId, kind: 'partial', reason: null, importId: null, one: null } as const;
  expect(await retryCopies(engine.deps, admin(), all)).toEqual({ kind: 'done', sent: 0, skipped: 0, readAgain: 0 });
  await expectBooksToBeTrue();
});

describe('one of several', () => {
  it('leaves the others their content, and they are imported when they are mapped', async () => {
    listUnknown('one', { sender: partyOf(anna) });
    listUnknown('two', { sender: partyOf(anna) });
    await collect(engine, connectorId);
    await finish();
    const { rows } = await engine.database.pool.query<{ archived_at: Date; id: string }>(
      `SELECT d.archived_at, d.id FROM delivery d JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id
       WHERE i.source_item_id = 'one' AND d.state = 'waiting'`,
    );
    const [row] = rows;
    await sign('waiting', 1, { one: { archivedAt: row?.archived_at ?? new Date(), id: row?.id ?? '' } });
    await finish();
    expect(await staged()).toEqual(['pages']);
    await mapNumbers(engine, connectorId, { [UNKNOWN]: bruno.mail ?? '' });
    expect(await releaseWaiting(engine.deps, engine.organizationId, connectorId, never)).toBe(1);
    await finish();
    expect((await readMailboxes(engine.graph)).get(bruno.id)?.map(({ itemId }) => itemId)).toEqual(['two']);
    await expectBooksToBeTrue();
  });
});

it('signs off what the person was shown and nothing else, with a comment, by an Auditor of the organization', async () => {
  listUnknown('one');
  listUnknown('two');
  await collect(engine, connectorId);
  expect(await sign('waiting', 1)).toEqual({ kind: 'changed', count: 2 });
  expect(await sign('waiting', 2, { reason: 'guest' })).toEqual({ kind: 'changed', count: 0 });
  expect(await sign('waiting', 2, {}, { comment: '  ' })).toEqual({ kind: 'bad_comment' });
  expect(await sign('waiting', 2, {}, { comment: 'x'.repeat(1001) })).toEqual({ kind: 'bad_comment' });
  const selection = { connectorId, kind: 'waiting', reason: null, importId: null, one: null } as const;
  const request = { selection, reason: 'other', comment: 'Why not.', expected: 2 } as const;
  await expect(signOff(engine.deps, admin(), request)).rejects.toThrow(NotAllowed);
  const stranger = seededActor('00000000-0000-4000-8000-000000000000', ['DataConnectors.Auditor']);
  expect(await signOff(engine.deps, stranger, request)).toEqual({ kind: 'not_found' });
  expect(await toDo()).toMatchObject({ waiting: 2 });
});

it('nothing while deletion is suspended, and its content stays; afterwards as always', async () => {
  listUnknown('one');
  await collect(engine, connectorId);
  await finish();
  const { pool } = engine.database;
  expect(await suspendDeletion(pool, engine.organizationId, 'Case 2026-114')).toBe(true);
  expect(await sign('waiting', 1)).toEqual({ kind: 'suspended' });
  await finish();
  expect(await staged()).toEqual(['pages']);
  expect(await toDo()).toMatchObject({ waiting: 1 });
  expect(await resumeDeletion(pool, engine.organizationId, 'Case closed')).toBe(true);
  expect(await sign('waiting', 1)).toEqual({ kind: 'done', signedOff: 1 });
});
