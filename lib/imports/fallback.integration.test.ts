/** The fallback mailbox: what nobody can receive is there, once, and takes nobody's own copy away. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import type { Item } from '../archive/item.ts';
import { fallbackMailbox, setFallbackMailbox } from '../connectors/fallback-mailbox.ts';
import { seededActor } from '../connectors/rows.fixture.ts';
import { NotAllowed } from '../security/actor.ts';
import { control } from './connector.fixture.ts';
import { balances } from './counts.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { collect, copies, failed, gone, mapNumbers, recount, settleAll } from './ledger.fixture.ts';
import { readMailboxes } from './mailboxes.fixture.ts';
import { releaseWaiting } from './release.ts';
import { retryCopies } from './retry.ts';
import {
  outsider,
  partyOf,
  people,
  personNamed,
  type ScriptedSource,
  scriptedSource,
  sms,
} from './scripted-source.fixture.ts';

const HOUR = 3_600_000;
const [anna, bruno, archive] = [people[0], people[1], people[2]] as readonly [Person, Person, Person];
/** Of whom the source knows no address. */
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
  connectorId = await engine.connect();
});
afterEach(async () => {
  expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
  await engine.close();
});

const parts = () => ({ ...engine.deps, pool: engine.database.pool });
const admin = () => seededActor(engine.organizationId, ['DataConnectors.Admin']);
const set = (address: string | null, actor = admin()) => setFallbackMailbox(parts(), actor, { connectorId, address });
const mailOf = ({ mail }: Person): string => mail ?? '';
const numberOf = ({ mobile }: Person): string => mobile ?? '';

function list(owner: Person, traits: Partial<Item> = {}): void {
  source.listed.push(sms(owner, new Date(source.settledThrough.getTime() - HOUR), traits));
}

async function itemsOf(person: Person): Promise<string[]> {
  return ((await readMailboxes(engine.graph)).get(person.id) ?? []).map(({ itemId }) => itemId).sort();
}

async function release(): Promise<void> {
  await releaseWaiting(engine.deps, engine.organizationId, connectorId, new AbortController().signal);
}

it('takes an item that nobody can receive, once, counted apart; who waits goes on waiting', async () => {
  expect(await set(mailOf(archive).toUpperCase())).toEqual({ kind: 'done', mailbox: mailOf(archive) });
  list(carter, { id: 'nobody', recipients: [partyOf(personNamed('Tanaka'))] });
  list(carter, { id: 'somebody', recipients: [partyOf(anna)] });
  await engine.finish();
  await release();
  await engine.finish();
  expect([await itemsOf(archive), await itemsOf(anna)]).toEqual([['nobody'], ['somebody']]);
  const counts = await engine.counts(connectorId);
  expect(counts.copies).toMatchObject({ available: 2, imported: 2, fallback: 1, waiting: 3 });
  expect(counts.items).toMatchObject({ imported: 2, waiting: 0 });
  expect(balances(counts)).toBe(true);
});

it('does not take away the copy of who is mapped later', async () => {
  await set(mailOf(archive));
  list(carter, { id: 'one' });
  await engine.finish();
  await mapNumbers(engine, connectorId, { [numberOf(carter)]: mailOf(bruno) });
  await engine.finish();
  expect([await itemsOf(archive), await itemsOf(bruno)]).toEqual([['one'], ['one']]);
  expect((await engine.counts(connectorId)).copies).toMatchObject({ imported: 2, fallback: 1, waiting: 0 });
});

it('gives no second copy to who is mapped to it later', async () => {
  await set(mailOf(archive));
  list(carter, { id: 'one' });
  await engine.finish();
  await mapNumbers(engine, connectorId, { [numberOf(carter)]: mailOf(archive) });
  await engine.finish();
  expect(await itemsOf(archive)).toEqual(['one']);
});

it('is off by default; set later it takes what waits, and off again it takes no more', async () => {
  list(carter, { id: 'first' });
  await engine.finish();
  expect(await copies(engine.database.pool)).toHaveLength(1);
  await set(mailOf(archive));
  await engine.finish();
  expect(await itemsOf(archive)).toEqual(['first']);
  expect(await set(null)).toEqual({ kind: 'done', mailbox: null });
  source.settledThrough = new Date(source.settledThrough.getTime() + HOUR);
  list(carter, { id: 'second' });
  await engine.deps.enqueue('plan', { organizationId: engine.organizationId, connectorId, trigger: 'manual' });
  await engine.finish();
  await release();
  await engine.finish();
  expect(await itemsOf(archive)).toEqual(['first']);
});

it('holds a message once, whichever phones archived it', async () => {
  await set(mailOf(archive));
  list(carter, { id: 'first', messageKey: 'key', recipients: [outsider] });
  list(personNamed('Tanaka'), { id: 'second', messageKey: 'key', recipients: [outsider] });
  await engine.finish();
  expect(await itemsOf(archive)).toEqual(['first']);
});

it('that is gone is a failure that somebody sees, not a copy that waits for nobody', async () => {
  await set(mailOf(archive));
  list(carter, { id: 'one' });
  await collect(engine, connectorId);
  await settleAll(engine, () => gone);
  const fallback = (await copies(engine.database.pool)).find(({ participant }) => participant === 'FALLBACK');
  expect(fallback).toMatchObject({ state: 'failed', reason: 'no_mailbox', user: archive.id });
});

it('is not counted while an attachment is added to its message, and so not twice after it', async () => {
  await set(mailOf(archive));
  list(carter, { id: 'one' });
  await collect(engine, connectorId);
  await settleAll(engine, () => ({
    state: 'partially_imported',
    messageId: 'message',
    contentHash: null,
    reason: 'attachment_refused',
  }));
  expect((await engine.counts(connectorId)).copies).toMatchObject({ partiallyImported: 1, fallback: 1 });
  const selection = { connectorId, kind: 'partial', reason: null, importId: null, one: null } as const;
  expect(await retryCopies(engine.deps, admin(), selection)).toMatchObject({ sent: 1 });
  expect((await engine.counts(connectorId)).copies).toMatchObject({ partiallyImported: 0, fallback: 0 });
});

it('takes nothing where somebody’s copy failed: that one has a mailbox', async () => {
  list(anna, { id: 'one', recipients: [partyOf(carter)] });
  await collect(engine, connectorId);
  await settleAll(engine, () => failed);
  await set(mailOf(archive));
  await release();
  expect((await copies(engine.database.pool)).map(({ state }) => state).sort()).toEqual(['failed', 'waiting']);
});

it('is told to everybody who may see the connector, and to nobody else', async () => {
  const { pool } = engine.database;
  const reader = seededActor(engine.organizationId);
  expect(await fallbackMailbox(pool, reader, connectorId)).toBeNull();
  await set(mailOf(archive));
  expect(await fallbackMailbox(pool, reader, connectorId)).toBe(mailOf(archive));
  const stranger = seededActor('00000000-0000-4000-8000-000000000000');
  expect(await fallbackMailbox(pool, stranger, connectorId)).toBeNull();
  await expect(fallbackMailbox(pool, seededActor(engine.organizationId, []), connectorId)).rejects.toThrow(NotAllowed);
});

it('stays as it is while the directory cannot be asked', async () => {
  await control(sandbox, 'POST', 'faults', {
    service: 'graph',
    fault: { kind: 'refuse', status: 503, code: 'ServiceUnavailable' },
  });
  try {
    expect(await set(mailOf(archive))).toEqual({ kind: 'directory_unavailable' });
  } finally {
    await control(sandbox, 'DELETE', 'faults');
  }
  const { rows } = await engine.database.pool.query('SELECT fallback_mailbox FROM connector');
  expect(rows).toEqual([{ fallback_mailbox: null }]);
});

it('is set only to a mailbox of the organization, by who may, and leaves a trace', async () => {
  const refused = async (address: string) => {
    const result = await set(address);
    return result.kind === 'refused' ? result.reason : result.kind;
  };
  expect(await refused('nobody@alderbyrne.example')).toBe('mailbox_not_found');
  expect(await refused('no address')).toBe('not_an_address');
  expect(await refused(mailOf(personNamed('Demir')))).toBe('guest');
  expect(await refused(mailOf(personNamed('Tanaka')))).toBe('no_mailbox');
  await expect(set(mailOf(archive), seededActor(engine.organizationId))).rejects.toThrow(NotAllowed);
  const stranger = seededActor('00000000-0000-4000-8000-000000000000', ['DataConnectors.Admin']);
  expect(await set(null, stranger)).toEqual({ kind: 'not_found' });
  expect(await set(null)).toEqual({ kind: 'unchanged' });
  await set(mailOf(archive));
  expect(await set(mailOf(archive))).toEqual({ kind: 'unchanged' });
  const { rows } = await engine.database.pool.query("SELECT action, detail FROM audit_entry WHERE actor <> 'system'");
  expect(rows).toEqual([{ action: 'connector.fallback-changed', detail: { before: null, after: mailOf(archive) } }]);
});

it('of two who set it at once the second is told what is in force', async () => {
  const setFrom = (address: string | null, seen: string | null, name: string) =>
    setFallbackMailbox(parts(), { ...admin(), name }, { connectorId, address, seen });
  expect(await setFrom(mailOf(archive), null, 'Henry')).toEqual({ kind: 'done', mailbox: mailOf(archive) });
  const answer = { kind: 'changed_meanwhile', by: 'Henry', now: mailOf(archive) };
  expect(await setFrom(mailOf(anna), null, 'Grace')).toEqual(answer);
  expect(await setFrom(null, mailOf(anna), 'Grace')).toEqual(answer);
  expect(await setFrom(null, mailOf(archive), 'Grace')).toEqual({ kind: 'done', mailbox: null });
});
