/** Copies that wait, and copies that were skipped for another: who is owed one gets it, whatever becomes of the other. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import type { Item } from '../archive/item.ts';
import { importPrefix } from '../staging/names.ts';
import { clearStaging } from './clear-staging.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import {
  collect,
  copies,
  failed,
  gone,
  imported,
  mapNumbers,
  recount,
  rememberMailboxes,
  settleAll,
} from './ledger.fixture.ts';
import { releaseWaiting } from './release.ts';
import { outsider, partyOf, people, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';
import { keptOfPages } from './store/clearing.ts';
import type { Settlement } from './store/settle.ts';

const HOUR = 3_600_000;
const never = new AbortController().signal;
const [anna, bruno, cleo] = [people[0], people[1], people[2]] as readonly [Person, Person, Person];

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

let source: ScriptedSource;
let engine: Engine;
let connectorId: string;
beforeEach(async () => {
  source = scriptedSource();
  engine = await startEngine(sandbox, { source: () => source });
  connectorId = await engine.connect();
  await rememberMailboxes(engine.database.pool, engine.organizationId, people);
});
afterEach(() => engine.close());

const mailOf = ({ mail }: Person): string => mail ?? '';
const numberOf = ({ mobile }: Person): string => mobile ?? '';

function list(owner: Person, traits: Partial<Item>): Item {
  const item = sms(owner, new Date(source.settledThrough.getTime() - HOUR), traits);
  source.listed.push(item);
  return item;
}

const release = () => releaseWaiting(engine.deps, engine.organizationId, connectorId, never);
const lines = async (): Promise<string[]> =>
  (await copies(engine.database.pool)).map((line) => `${line.item} ${line.participant} ${line.reason ?? line.state}`);

async function expectCountersToBeTrue(): Promise<void> {
  expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
}

/** Two who share a mailbox, of which one copy is sent. */
async function collectShared(): Promise<void> {
  list(anna, { id: 'one', recipients: [partyOf(bruno)] });
  await mapNumbers(engine, connectorId, { [numberOf(anna)]: mailOf(cleo), [numberOf(bruno)]: mailOf(cleo) });
  await collect(engine, connectorId);
}

/** One message on two phones, of which one copy goes into the mailbox that both are mapped to. */
async function collectTwins(): Promise<void> {
  list(anna, { id: 'first', messageKey: 'key', recipients: [outsider] });
  list(bruno, { id: 'second', messageKey: 'key', recipients: [outsider] });
  list(people[3] as Person, { id: 'third', messageKey: 'key', recipients: [outsider] });
  const numbers = [anna, bruno, people[3] as Person].map(numberOf);
  await mapNumbers(engine, connectorId, Object.fromEntries(numbers.map((number) => [number, mailOf(cleo)])));
  await collect(engine, connectorId);
}

it('a national number that could belong to two mailboxes waits at release too, until the mapping leaves one', async () => {
  const owner = { mobile: '+442079460100', email: null, name: null };
  // As many digits as a number of either country has.
  const [written, british, american] = ['2125550101', '+442125550101', '+12125550101'];
  list(anna, { id: 'one', owner, sender: { mobile: written }, recipients: [owner] });
  await mapNumbers(engine, connectorId, { [british]: mailOf(anna), [american]: mailOf(bruno) });
  await collect(engine, connectorId);
  const ambiguous = `one ${british} ambiguous_number`;
  expect(await lines()).toContainEqual(ambiguous);
  expect(await release()).toBe(0);
  expect(await lines()).toContainEqual(ambiguous);
  await mapNumbers(engine, connectorId, { [british]: mailOf(anna) });
  expect(await release()).toBe(1);
  expect(await copies(engine.database.pool)).toContainEqual(
    expect.objectContaining({ participant: british, state: 'pending', user: anna.id }),
  );
});

describe('a mailbox that is gone', () => {
  it('lets everybody wait who was skipped for it, and each gets a copy of their own', async () => {
    await collectShared();
    expect((await lines()).map((line) => line.split(' ')[2]).sort()).toEqual(['pending', 'same_mailbox']);
    await settleAll(engine, () => gone);
    expect((await copies(engine.database.pool)).map(({ state, user }) => [state, user])).toEqual([
      ['waiting', null],
      ['waiting', null],
    ]);
    await expectCountersToBeTrue();
    await rememberMailboxes(engine.database.pool, engine.organizationId, people);
    await mapNumbers(engine, connectorId, { [numberOf(anna)]: mailOf(anna), [numberOf(bruno)]: mailOf(bruno) });
    expect(await release()).toBe(2);
    const owed = (await copies(engine.database.pool)).map(({ state, user }) => `${state} ${user}`);
    expect(owed.sort()).toEqual([`pending ${anna.id}`, `pending ${bruno.id}`].sort());
    await expectCountersToBeTrue();
  });

  it('lets the twins of the message wait', async () => {
    await collectTwins();
    expect((await lines()).map((line) => line.split(' ')[2])).toEqual(['pending', 'twin', 'twin']);
    await settleAll(engine, () => gone);
    expect((await copies(engine.database.pool)).map(({ state }) => state)).toEqual(['waiting', 'waiting', 'waiting']);
    await expectCountersToBeTrue();
    expect((await engine.database.pool.query('SELECT 1 FROM message_twin')).rows).toEqual([]);
    await rememberMailboxes(engine.database.pool, engine.organizationId, people);
    await mapNumbers(engine, connectorId, { [numberOf(anna)]: mailOf(anna), [numberOf(bruno)]: mailOf(bruno) });
    await release();
    expect((await copies(engine.database.pool)).map(({ user }) => user).slice(0, 2)).toEqual([anna.id, bruno.id]);
  });

  it('is not remembered as one', async () => {
    await collectShared();
    await settleAll(engine, () => gone);
    const { rows } = await engine.database.pool.query('SELECT 1 FROM directory_entry WHERE user_id = $1', [cleo.id]);
    expect(rows).toEqual([]);
  });
});

/** The mailbox was gone after the message was put there, and before its attachments were. */
const goneAfterwards: Settlement = { state: 'waiting', reason: 'no_mailbox', created: true };

describe('a mailbox that comes back with an item in it', () => {
  // Only who is mapped has a mailbox again.
  beforeEach(async () => {
    await engine.database.pool.query('UPDATE connector SET automatic_mapping = false');
  });

  it('is looked at before a twin is sent whose turn it is', async () => {
    await collectTwins();
    await settleAll(engine, () => goneAfterwards);
    await rememberMailboxes(engine.database.pool, engine.organizationId, people);
    await mapNumbers(engine, connectorId, { [numberOf(bruno)]: mailOf(cleo) });
    await release();
    await mapNumbers(engine, connectorId, { [numberOf(anna)]: mailOf(cleo), [numberOf(bruno)]: mailOf(cleo) });
    await release();
    expect((await lines()).map((line) => line.split(' ')[2])).toEqual(['twin', 'pending', 'not_mapped']);
    await settleAll(engine, () => failed);
    // What was put there before is this item's: sent again, it would be there twice.
    expect((await copies(engine.database.pool)).map(({ state }) => state)).toEqual(['sending', 'failed', 'waiting']);
    await expectCountersToBeTrue();
  });

  it('is looked at before another participant is given it', async () => {
    await collectShared();
    await settleAll(engine, () => goneAfterwards);
    const { rows } = await engine.database.pool.query<{ participant: string }>(
      'SELECT participant FROM delivery WHERE doubt = 0',
    );
    await rememberMailboxes(engine.database.pool, engine.organizationId, people);
    await mapNumbers(engine, connectorId, { [rows[0]?.participant ?? '']: mailOf(cleo) });
    expect(await release()).toBe(1);
    expect((await copies(engine.database.pool)).map(({ state }) => state).sort()).toEqual(['sending', 'waiting']);
    await expectCountersToBeTrue();
  });
});

describe('a twin whose copy fails', () => {
  it('gives its place to the next, one at a time, and the numbers stay true', async () => {
    await collectTwins();
    await settleAll(engine, () => failed);
    expect(await lines()).toEqual(
      ['first', 'second', 'third'].map((item, index) =>
        expect.stringMatching(new RegExp(`^${item} .* ${['refused_message', 'pending', 'twin'][index]}$`)),
      ),
    );
    await expectCountersToBeTrue();
    await settleAll(engine, () => failed);
    await settleAll(engine, () => imported);
    expect((await copies(engine.database.pool)).map(({ state }) => state)).toEqual(['failed', 'failed', 'imported']);
    await expectCountersToBeTrue();
  });

  it('makes room for a message that is archived later', async () => {
    list(anna, { id: 'first', messageKey: 'key' });
    await collect(engine, connectorId);
    await settleAll(engine, () => failed);
    await mapNumbers(engine, connectorId, { [numberOf(bruno)]: mailOf(anna) });
    await release();
    source.settledThrough = new Date(source.settledThrough.getTime() + 2 * HOUR);
    list(bruno, { id: 'second', messageKey: 'key' });
    await collect(engine, connectorId);
    expect((await copies(engine.database.pool)).map(({ state }) => state)).toEqual(['failed', 'pending']);
  });
});

describe('the content of a twin', () => {
  it('is kept until the other copy is in the mailbox, and then goes', async () => {
    list(anna, { id: 'first', messageKey: 'key' });
    await collect(engine, connectorId);
    await mapNumbers(engine, connectorId, { [numberOf(bruno)]: mailOf(anna) });
    await release();
    source.settledThrough = new Date(source.settledThrough.getTime() + 2 * HOUR);
    list(bruno, { id: 'second', messageKey: 'key' });
    await collect(engine, connectorId);
    const { pool } = engine.database;
    const { rows } = await pool.query<{ id: string }>('SELECT import_id AS id FROM item WHERE source_item_id = $1', [
      'second',
    ]);
    const importId = rows[0]?.id ?? '';
    await pool.query(`UPDATE import SET phase = 'completed' WHERE id = $1`, [importId]);
    const staged = async (): Promise<number> => {
      let count = 0;
      for await (const _ of engine.deps.staging.list(importPrefix(engine.organizationId, importId))) count++;
      return count;
    };
    await clearStaging(engine.deps, engine.organizationId, importId);
    expect(await staged()).toBe(1);
    await settleAll(engine, () => imported);
    await clearStaging(engine.deps, engine.organizationId, importId);
    expect(await staged()).toBe(0);
  });
});

it('who was skipped for a copy that is not whole keeps the content: retried, both may wait for another mailbox', async () => {
  await collectShared();
  await settleAll(engine, () => ({
    state: 'partially_imported',
    messageId: 'message',
    contentHash: null,
    reason: 'attachment_too_large',
  }));
  const { pool } = engine.database;
  const { rows } = await pool.query<{ id: string }>('SELECT import_id AS id FROM item');
  // Of both copies, and of their item.
  expect(await keptOfPages(pool, rows[0]?.id ?? '')).toMatchObject([{ page: 1, rows: 3 }]);
});

it('who goes on waiting is told the reason of today', async () => {
  list(people[4] as Person, { id: 'one', owner: { mobile: '+12125559999', email: null, name: null } });
  await collect(engine, connectorId);
  expect(await lines()).toContainEqual('one +12125559999 not_mapped');
  const nobody = `nobody-${randomUUID()}@${mailOf(anna).split('@')[1]}`;
  await engine.database.pool.query(
    `INSERT INTO directory_entry (organization_id, address, result) VALUES ($1, $2, 'none')`,
    [engine.organizationId, nobody],
  );
  await mapNumbers(engine, connectorId, { '+12125559999': nobody });
  await release();
  expect(await lines()).toContainEqual('one +12125559999 mailbox_not_found');
});
