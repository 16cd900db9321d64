/** What was imported and is not in its mailbox any more: listed one by one until somebody signs it off, and never buried. */
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import type { Item } from '../archive/item.ts';
import { connectorRows } from '../connectors/overview.ts';
import { seededActor } from '../connectors/rows.fixture.ts';
import { organizationPrefix } from '../staging/names.ts';
import { closeAlert, openAlerts } from './alerts.ts';
import { control } from './connector.fixture.ts';
import { balances } from './counts.ts';
import type { ImportDeps } from './deps.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { recount } from './ledger.fixture.ts';
import { importLogStream } from './log.ts';
import { readMailboxes } from './mailboxes.fixture.ts';
import { openOriginal } from './original.ts';
import { attach, people, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';
import { signOff } from './sign-off.ts';
import { raiseAlert } from './store/connectors.ts';
import { sweepDoubt } from './sweep-doubt.ts';
import { undoneReasons } from './undone.ts';
import { parseRowKey, type UndonePage, undonePage } from './undone-rows.ts';

const HOUR = 3_600_000;
const MIB = 1024 * 1024;
const never = new AbortController().signal;
const [anna, bruno] = people as readonly [Person, Person];

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

const auditor = () => seededActor(engine.organizationId, ['DataConnectors.Auditor']);
const MISSING = { kind: 'missing', reason: 'missing_in_mailbox' } as const;
const all = { ...MISSING, importId: null, one: null } as const;

function list(owner: Person, traits: Partial<Item>): void {
  source.listed.push(sms(owner, new Date(source.settledThrough.getTime() - HOUR), traits));
}

/** Imports what is listed; then people delete it, and a day after it was in doubt it is looked for. */
async function loseEverything(deps: ImportDeps = engine.deps): Promise<void> {
  await engine.finish();
  await doubtAgain();
  for (const [userId, messages] of await readMailboxes(engine.graph)) {
    for (const { id } of messages) {
      await engine.graph.request({ method: 'DELETE', url: `/users/${userId}/messages/${id}` });
    }
  }
  await sweepDoubt(deps, engine.organizationId, never);
}

async function doubtAgain(): Promise<void> {
  await engine.database.pool.query(
    `UPDATE delivery SET doubt = 1, imported_at = now() - interval '25 hours' WHERE state LIKE '%imported'`,
  );
}

const missing = (): Promise<UndonePage> =>
  undonePage(engine.database.pool, auditor(), { ...all, connectorId }, null, 50);
const items = async () => (await missing()).rows.map(({ sourceItemId }) => sourceItemId).sort();
const reasons = () => undoneReasons(engine.database.pool, auditor(), connectorId);
const alerts = async () => openAlerts(engine.database.pool, auditor(), connectorId);

async function close() {
  const [alert] = await alerts();
  return closeAlert(engine.deps, auditor(), { connectorId, alertId: alert?.id ?? '0', comment: 'seen to' });
}

function sign(expected: number, key: string | null = null, actor = auditor(), of = connectorId) {
  const one = key === null ? null : parseRowKey(key);
  const why = { reason: 'other', comment: 'The owner deleted it.', expected } as const;
  return signOff(engine.deps, actor, { selection: { ...all, one, connectorId: of }, ...why });
}

async function log(of = connectorId): Promise<string[]> {
  const text = await new Response(importLogStream(engine.database.pool, auditor(), of)).text();
  return text.split('\r\n').filter((line) => line.startsWith('Missing in mailbox'));
}

it('is listed singly, and its alert is closed only when each was signed off', async () => {
  list(anna, { id: 'one' });
  list(bruno, { id: 'two' });
  await loseEverything();
  expect(await reasons()).toEqual([{ ...MISSING, count: 2 }]);
  expect(await items()).toEqual(['one', 'two']);
  expect((await alerts()).map(({ code }) => code)).toEqual(['missing_in_mailbox']);
  expect(await close()).toBe('not_signed_off');

  const [first, second] = (await missing()).rows;
  expect(await sign(1, first?.key)).toEqual({ kind: 'done', signedOff: 1 });
  expect((await missing()).rows).toEqual([second]);
  expect(await close()).toBe('not_signed_off');
  expect(await sign(1)).toEqual({ kind: 'done', signedOff: 1 });
  expect(await reasons()).toEqual([]);
  expect(await sign(1)).toEqual({ kind: 'changed', count: 0 });
  expect(await close()).toBe('done');
  expect(await alerts()).toEqual([]);
});

it('stays imported and in every number when it is signed off, and is not looked for any more', async () => {
  list(anna, { id: 'one' });
  await loseEverything();
  const before = await engine.counts(connectorId);
  expect(before.copies).toMatchObject({ available: 1, imported: 1 });
  await sign(1);
  const counts = await engine.counts(connectorId);
  expect(counts).toEqual(before);
  expect(counts).toEqual(await recount(engine.database.pool));
  expect(balances(counts)).toBe(true);
  await close();
  await sweepDoubt(engine.deps, engine.organizationId, never);
  await engine.settle();
  expect(await alerts()).toEqual([]);
  const [row] = await connectorRows(engine.database.pool, auditor(), [connectorId], new Date());
  expect(row?.health).toBe('balanced');
  const { rows } = await engine.database.pool.query('SELECT state, reason, doubt FROM delivery');
  expect(rows).toEqual([{ state: 'imported', reason: 'missing_in_mailbox', doubt: 2 }]);
  expect((await readMailboxes(engine.graph)).get(anna.id) ?? []).toEqual([]);
});

it('is looked for once: the sweep leaves it alone while nobody has signed it off', async () => {
  list(anna, { id: 'one' });
  await loseEverything();
  const { ledger } = engine.deps;
  expect(await ledger.doubtedDeliveries(engine.organizationId, '0', 10)).toEqual([]);
  expect(await ledger.doubtfulOrganizations()).toEqual([]);
});

it('is named in the log, with who signed it off, and in the audit log', async () => {
  list(anna, { id: 'one' });
  list(bruno, { id: 'two' });
  await loseEverything();
  const key = (await missing()).rows.find(({ sourceItemId }) => sourceItemId === 'two')?.key ?? '';
  await sign(1, key);
  expect(await log()).toEqual([
    expect.stringMatching(/^Missing in mailbox,\d+,.*,one,'\+1•+\d{4},.*not in the mailbox any more\.,$/),
    expect.stringMatching(/^Missing in mailbox,\d+,.*,two,.*,Signed off by Ada at \d{4}-.* UTC\.$/),
  ]);
  const { rows } = await engine.database.pool.query(
    `SELECT actor_name, detail FROM audit_entry WHERE action = 'copies.signed-off'`,
  );
  const why = { kind: 'missing', reason: 'other', comment: 'The owner deleted it.' };
  expect(rows).toEqual([{ actor_name: 'Ada', detail: { ...why, signOff: null, count: 1, copies: [key] } }]);
});

it('of an account that was connected before is seen to with the connector that it has now', async () => {
  list(anna, { id: 'one' });
  await loseEverything();
  const { pool } = engine.database;
  await pool.query(`UPDATE connector SET status = 'deleted', deleted_at = now(), password_sealed = NULL`);
  await pool.query('UPDATE alert SET resolved_at = now()');
  const before = connectorId;
  connectorId = await engine.connect();
  await engine.finish();
  expect(await items()).toEqual(['one']);
  const { organizationId } = engine;
  await raiseAlert(pool, { organizationId, connectorId, importId: null, code: 'missing_in_mailbox' });
  expect(await close()).toBe('not_signed_off');
  expect(await log()).toEqual([expect.stringMatching(/^Missing in mailbox,,.*,one,/)]);
  expect(await sign(1)).toEqual({ kind: 'done', signedOff: 1 });
  expect(await close()).toBe('done');
  expect(await log(before)).toEqual([expect.stringMatching(/^Missing in mailbox,\d+,.*Signed off by Ada/)]);
});

it('is the matter of its own organization', async () => {
  list(anna, { id: 'one' });
  await loseEverything();
  const stranger = seededActor('00000000-0000-4000-8000-000000000000', ['DataConnectors.Auditor']);
  const { pool } = engine.database;
  expect(await undoneReasons(pool, stranger, connectorId)).toEqual([]);
  expect((await undonePage(pool, stranger, { ...all, connectorId }, null, 50)).rows).toEqual([]);
  expect(await sign(1, null, stranger)).toEqual({ kind: 'not_found' });
  expect(await items()).toEqual(['one']);
});

it('a copy that goes missing while the alert is being closed raises it again', async () => {
  list(anna, { id: 'one' });
  await engine.finish();
  const { ledger } = engine.deps;
  const endDoubt: typeof ledger.endDoubt = async (...doubt) => {
    // The alert is there before the copy says why, so it can be closed in between.
    expect(await close()).toBe('done');
    await ledger.endDoubt(...doubt);
  };
  await loseEverything({ ...engine.deps, ledger: { ...ledger, endDoubt } });
  expect((await alerts()).map(({ code }) => code)).toEqual(['missing_in_mailbox']);
  expect(await close()).toBe('not_signed_off');
});

describe('one that was not whole', () => {
  const arrange = async () => {
    const film = attach(source, 'film.mp4', 'video/mp4', randomBytes(4 * MIB));
    list(anna, { id: 'one', attachments: [film] });
    await control(sandbox, 'PATCH', `mailboxes/${anna.mail}`, { messageBytes: 2 * MIB });
    await loseEverything();
  };
  const staged = async () => {
    let blobs = 0;
    for await (const _ of engine.deps.staging.list(organizationPrefix(engine.organizationId))) blobs++;
    return blobs;
  };

  it('is listed as missing and nowhere else, and its original is here', async () => {
    await arrange();
    expect(await reasons()).toEqual([{ ...MISSING, count: 1 }]);
    const [row] = (await missing()).rows;
    expect(row?.isKept).toBe(true);
    const viewer = seededActor(engine.organizationId, ['DataConnectors.ContentViewer']);
    const deps = { ...engine.deps, unmappedDomain: 'mobile.invalid' };
    const request = { connectorId, kind: 'missing', row: parseRowKey(row?.key ?? ''), reason: 'A case' } as const;
    if (request.row === null) expect.fail('no row');
    const opened = await openOriginal(deps, viewer, { ...request, row: request.row });
    expect(opened.kind).toBe('found');
    if (opened.kind === 'found') opened.eml.destroy();
  });

  it('takes what was kept of it along when it is signed off, and no number changes', async () => {
    await arrange();
    await engine.settle();
    expect(await staged()).toBeGreaterThan(0);
    expect(await sign(1)).toEqual({ kind: 'done', signedOff: 1 });
    await engine.settle();
    expect(await staged()).toBe(0);
    expect(await reasons()).toEqual([]);
    const counts = await engine.counts(connectorId);
    expect(counts.copies).toMatchObject({ available: 1, partiallyImported: 1 });
    expect(counts).toEqual(await recount(engine.database.pool));
    const { rows } = await engine.database.pool.query('SELECT kind, signed_count FROM sign_off');
    expect(rows).toEqual([{ kind: 'partial', signed_count: 1 }]);
  });

  it('is not signed off by somebody who was shown that it lacks an attachment', async () => {
    await arrange();
    const { pool } = engine.database;
    // As it was when the page was read: between that and the sign-off the sweep found it missing.
    await pool.query(`UPDATE delivery SET reason = 'attachment_refused'`);
    const partial = { connectorId, kind: 'partial', reason: null, importId: null, one: null } as const;
    const why = { reason: 'other', comment: 'Too large.', expected: 1 } as const;
    const query = pool.query.bind(pool);
    let reads = 0;
    pool.query = (async (...asked: Parameters<typeof query>) => {
      const result = await query(...asked);
      if (String(asked[0]).includes('FROM undone d') && ++reads === 2)
        await query(`UPDATE delivery SET reason = 'missing_in_mailbox'`);
      return result;
    }) as typeof pool.query;
    expect(await signOff(engine.deps, auditor(), { selection: partial, ...why })).toEqual({
      kind: 'done',
      signedOff: 0,
    });
    pool.query = query;
    expect(await items()).toEqual(['one']);
  });
});
