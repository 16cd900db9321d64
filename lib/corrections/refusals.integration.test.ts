/** What cannot be corrected, or is not what it was: the wrong copy stays, and the list says why. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import type { Item } from '../archive/item.ts';
import { seededActor } from '../connectors/rows.fixture.ts';
import { control } from '../imports/connector.fixture.ts';
import { mapNumbers, recount } from '../imports/ledger.fixture.ts';
import { retryCopies } from '../imports/retry.ts';
import { attach, outsider, people, sms } from '../imports/scripted-source.fixture.ts';
import { itemPropertyId } from '../mail/identity.ts';
import { NotAllowed } from '../security/actor.ts';
import { groupLines, heldBy, itemsOf } from './correction.fixture.ts';
import { listCorrections, openCorrection, wrongMessageRows } from './read.ts';
import { runCorrection } from './run.ts';
import { startCorrection } from './start.ts';
import { confirmCopying, confirmRemoval, endCorrection, listAgain, lookAgain } from './steps.ts';
import { correctionWorld } from './world.fixture.ts';

const HOUR = 3_600_000;
const [bruno, cleo] = [people[1], people[2]] as readonly [Person, Person];
const bad = people[4] as Person;

const world = correctionWorld();

const number = bad.mobile ?? '';
const map = async (to: Person) => {
  await mapNumbers(world.engine, world.connectorId, { [number]: to.mail ?? '' });
  await world.engine.finish();
};
function list(id: string, traits: Partial<Item> = {}): Item {
  const item = sms(bad, new Date(world.source.settledThrough.getTime() - HOUR), {
    id,
    recipients: [outsider],
    ...traits,
  });
  world.source.listed.push(item);
  return item;
}
const setMailbox = (person: Person, kind: 'user' | 'full') =>
  control(world.sandbox, 'PATCH', `mailboxes/${person.mail}`, { kind });
const forget = (item: Item) => world.source.listed.splice(world.source.listed.indexOf(item), 1);

/** Copies of these items lie with cleo, and are to be bruno's. */
async function misfiled(...ids: readonly string[]): Promise<void> {
  for (const id of ids) list(id);
  await map(cleo);
  await map(bruno);
}

/** Confirms the removal of what can be removed, which may be nothing. */
async function removeAll(id: string) {
  await world.bench.confirmRemoval(id);
  return world.bench.reaches(id, 'ended', 'copied');
}

describe('a copy is kept back, and stays where it is,', () => {
  it('where TeleMessage does not have it any more, until it has it again', async () => {
    const item = list('one');
    await misfiled('two');
    forget(item);
    const id = await world.bench.list(number);
    expect(groupLines(await world.bench.copy(id))).toEqual(['kept_back not_at_source: 1', 'verified: 1']);
    expect(groupLines(await removeAll(id))).toEqual(['kept_back not_at_source: 1', 'removed: 1']);
    expect([await itemsOf(world.engine, bruno), await itemsOf(world.engine, cleo)]).toEqual([['two'], ['one']]);
    expect(await world.engine.counts(world.connectorId)).toEqual(await recount(world.engine.database.pool));
    world.source.listed.push(item);
    expect(
      await lookAgain(world.engine.deps, world.bench.admin, { connectorId: world.connectorId, correctionId: id }),
    ).toEqual({ kind: 'done' });
    await world.bench.reaches(id, 'copied');
    expect(groupLines(await removeAll(id))).toEqual(['removed: 2']);
    expect([await itemsOf(world.engine, bruno), await itemsOf(world.engine, cleo)]).toEqual([['one', 'two'], []]);
  });

  it('where TeleMessage gives another content under its id', async () => {
    const item = list('one');
    await misfiled();
    forget(item);
    world.source.listed.push({ ...item, text: 'I never said that.' });
    const id = await world.bench.list(number);
    expect(groupLines(await world.bench.copy(id))).toEqual(['kept_back changed_at_source: 1']);
    expect([await itemsOf(world.engine, bruno), await itemsOf(world.engine, cleo)]).toEqual([[], ['one']]);
  });

  it.each([
    ['is gone', null],
    ['is another one', randomBytes(9_000)],
  ])('where an attachment %s at TeleMessage', async (_, bytes) => {
    const file = attach(world.source, 'plan.pdf', 'application/pdf', randomBytes(9_000));
    list('one', { type: 'mms', attachments: [{ ...file, sha256: null }] });
    await misfiled();
    world.source.attachments.set(file.id, bytes);
    const id = await world.bench.list(number);
    expect(groupLines(await world.bench.copy(id))).toEqual(['kept_back attachment_not_at_source: 1']);
    expect([await itemsOf(world.engine, bruno), await itemsOf(world.engine, cleo)]).toEqual([[], ['one']]);
    expect(await world.engine.counts(world.connectorId)).toEqual(await recount(world.engine.database.pool));
  });
});

describe('a copy that was moved, and is not verified, keeps the wrong one where it is', () => {
  it('while the right mailbox takes nothing', async () => {
    await misfiled('one');
    await setMailbox(bruno, 'full');
    const id = await world.bench.list(number);
    const copied = await world.bench.copy(id);
    expect(groupLines(copied)).toEqual(['moved failed:mailbox_full: 1']);
    expect(copied.removable).toBe(0);
    // What was fetched is kept, for the copy and for its item.
    await world.engine.finish();
    expect((await world.engine.database.pool.query('SELECT code FROM alert')).rows).toEqual([]);
    expect(
      await confirmRemoval(world.engine.deps, world.bench.admin, {
        connectorId: world.connectorId,
        correctionId: id,
        expected: 1,
      }),
    ).toEqual({
      kind: 'changed',
      count: 0,
    });
    await setMailbox(bruno, 'user');
    const selection = {
      connectorId: world.connectorId,
      kind: 'failed',
      reason: null,
      importId: null,
      one: null,
    } as const;
    await retryCopies(world.engine.deps, world.bench.admin, selection);
    await world.engine.finish();
    await lookAgain(world.engine.deps, world.bench.admin, { connectorId: world.connectorId, correctionId: id });
    await world.bench.reaches(id, 'copied');
    expect(groupLines(await removeAll(id))).toEqual(['removed: 1']);
    expect([await itemsOf(world.engine, bruno), await itemsOf(world.engine, cleo)]).toEqual([['one'], []]);
  });

  it('where what is read back is not what was written', async () => {
    const file = attach(world.source, 'plan.pdf', 'application/pdf', randomBytes(9_000));
    list('one', { type: 'mms', attachments: [file] });
    await misfiled('two', 'three');
    const id = await world.bench.list(number);
    await world.bench.confirm(id);
    await world.engine.finish();
    const held = await heldBy(world.engine, bruno);
    const path = (itemId: string) =>
      `/users/${bruno.id}/messages/${held.find((message) => message.itemId === itemId)?.id}`;
    const attachments = await world.engine.graph.request({ method: 'GET', url: `${path('one')}/attachments` });
    const [first] = (attachments.body as { value: { id: string }[] }).value;
    await world.engine.graph.request({ method: 'DELETE', url: `${path('one')}/attachments/${first?.id}` });
    const body = { '@odata.type': '#microsoft.graph.fileAttachment', name: 'more.txt', contentBytes: 'bW9yZQ==' };
    await world.engine.graph.request({ method: 'POST', url: `${path('two')}/attachments`, body });
    await world.engine.database.pool.query(
      `UPDATE correction_copy SET state = 'moved', reason = 'on_its_way' WHERE state = 'verified'`,
    );
    await world.engine.database.pool.query(
      `UPDATE correction SET phase = 'copying', next_attempt_at = now() WHERE phase = 'copied'`,
    );
    expect(groupLines(await world.bench.reaches(id, 'copied'))).toEqual(['moved content_differs: 2', 'verified: 1']);
    await removeAll(id);
    expect(await itemsOf(world.engine, cleo)).toEqual(['one', 'two']);
  });

  it('where an attachment got lost on the way', async () => {
    const file = attach(world.source, 'plan.pdf', 'application/pdf', randomBytes(9_000));
    list('one', { type: 'mms', attachments: [file] });
    await misfiled();
    const id = await world.bench.list(number);
    await world.bench.confirm(id);
    await runCorrection(world.engine.deps, world.engine.organizationId, id, new AbortController().signal);
    const { staging } = world.engine.deps;
    for await (const { name } of staging.list('')) if (name.includes('/attachments/')) await staging.delete(name);
    expect(groupLines(await world.bench.reaches(id, 'copied'))).toEqual(['moved content_differs: 1']);
    await removeAll(id);
    expect([await itemsOf(world.engine, bruno), await itemsOf(world.engine, cleo)]).toEqual([['one'], ['one']]);
  });

  it('where it is gone again, also after it was verified', async () => {
    await misfiled('one', 'two');
    const id = await world.bench.list(number);
    expect(groupLines(await world.bench.copy(id))).toEqual(['verified: 2']);
    const [message] = (await heldBy(world.engine, bruno)).filter(({ itemId }) => itemId === 'one');
    await world.engine.graph.request({ method: 'DELETE', url: `/users/${bruno.id}/messages/${message?.id}` });
    expect(groupLines(await removeAll(id))).toEqual(['moved not_found: 1', 'removed: 1']);
    expect(await itemsOf(world.engine, cleo)).toEqual(['one']);
  });
});

describe('in the wrong mailbox', () => {
  it('a message that its owner moved goes, and a copy that somebody made is left', async () => {
    await misfiled('moved', 'copied');
    const archive = await world.engine.graph.request({
      method: 'POST',
      url: `/users/${cleo.id}/mailFolders`,
      body: { displayName: 'Mine' },
    });
    const folder = (archive.body as { id: string }).id;
    const held = await heldBy(world.engine, cleo);
    const idOf = (itemId: string) => held.find((message) => message.itemId === itemId)?.id ?? '';
    const moveTo = { method: 'POST', url: `/users/${cleo.id}/messages/${idOf('moved')}/move` } as const;
    await world.engine.graph.request({ ...moveTo, body: { DestinationId: folder } });
    await copyInto(folder, idOf('copied'));
    expect(await itemsOf(world.engine, cleo)).toEqual(['copied', 'copied', 'moved']);
    const id = await world.bench.list(number);
    await world.bench.copy(id);
    expect(groupLines(await removeAll(id))).toEqual(['removed copies_left: 1', 'removed: 1']);
    expect(await heldBy(world.engine, cleo)).toMatchObject([{ itemId: 'copied', parentFolderId: folder }]);
  });

  it('a message stays while the mailbox refuses this application, and goes when that is over', async () => {
    await misfiled('one');
    const id = await world.bench.list(number);
    await world.bench.copy(id);
    const refuse = { kind: 'refuse', status: 403, code: 'ErrorAccessDenied' };
    await control(world.sandbox, 'POST', 'faults', {
      service: 'graph',
      route: 'DELETE *',
      mailbox: cleo.id,
      fault: refuse,
    });
    expect(groupLines(await removeAll(id))).toEqual(['verified access_denied: 1']);
    expect(await itemsOf(world.engine, cleo)).toEqual(['one']);
    await control(world.sandbox, 'DELETE', 'faults');
    expect(groupLines(await removeAll(id))).toEqual(['removed: 1']);
    expect(await itemsOf(world.engine, cleo)).toEqual([]);
  });

  it('nothing of another item is touched, and what is gone already is no error', async () => {
    await misfiled('one', 'gone');
    const held = await heldBy(world.engine, cleo);
    const gone = held.find(({ itemId }) => itemId === 'gone');
    await world.engine.graph.request({ method: 'DELETE', url: `/users/${cleo.id}/messages/${gone?.id}` });
    const own = { subject: 'Lunch', body: { contentType: 'text', content: 'At noon?' } };
    await world.engine.graph.request({ method: 'POST', url: `/users/${cleo.id}/messages`, body: own });
    const id = await world.bench.list(number);
    await world.bench.copy(id);
    expect(groupLines(await removeAll(id))).toEqual(['removed already_gone: 1', 'removed: 1']);
    const left = await world.engine.graph.request({ method: 'GET', url: `/users/${cleo.id}/messages?$select=subject` });
    expect((left.body as { value: { subject: string }[] }).value.map(({ subject }) => subject)).toEqual(['Lunch']);
    expect((await audit('correction.message-removed')).length).toBe(1);
  });
});

/** As a mailbox's owner copies a message: its properties go along. */
async function copyInto(folder: string, messageId: string): Promise<void> {
  const property = itemPropertyId(world.engine.deps.mailFacts('android-archiver').itemIdProperty);
  const expand = encodeURIComponent(`singleValueExtendedProperties($filter=id eq '${property}')`);
  const select = 'subject,body,internetMessageId,internetMessageHeaders';
  const url = `/users/${cleo.id}/messages/${messageId}?$select=${select}&$expand=${expand}`;
  const { subject, body, internetMessageId, internetMessageHeaders, singleValueExtendedProperties } = (
    await world.engine.graph.request({ method: 'GET', url })
  ).body as Record<string, unknown>;
  const copy = { subject, body, internetMessageId, internetMessageHeaders, singleValueExtendedProperties };
  await world.engine.graph.request({
    method: 'POST',
    url: `/users/${cleo.id}/mailFolders/${folder}/messages`,
    body: copy,
  });
}

async function audit(action: string): Promise<unknown[]> {
  return (await world.engine.database.pool.query('SELECT detail FROM audit_entry WHERE action = $1', [action])).rows;
}

describe('who may', () => {
  it('is an administrator of the organization: others see nothing and change nothing', async () => {
    await misfiled('one');
    const id = await world.bench.list(number);
    const { pool } = world.engine.database;
    const choice = { connectorId: world.connectorId, correctionId: id };
    const stranger = seededActor('9d3c2f8a-1b7e-4c55-8f21-0a6b5c4d3e2f', ['DataConnectors.Admin']);
    expect(await openCorrection(pool, stranger, world.connectorId, id)).toBeNull();
    expect(await listCorrections(pool, stranger, world.connectorId, 10)).toEqual([]);
    expect(await wrongMessageRows(pool, stranger, id, null, 10)).toEqual([]);
    const wanted = { connectorId: world.connectorId, number, from: new Date(0), to: new Date(HOUR), reason: 'Mine' };
    expect(await startCorrection(world.engine.deps, stranger, wanted)).toEqual({ kind: 'not_found' });
    for (const refused of [
      confirmCopying(world.engine.deps, stranger, { ...choice, expected: 1 }),
      confirmRemoval(world.engine.deps, stranger, { ...choice, expected: 1 }),
      listAgain(world.engine.deps, stranger, choice),
      lookAgain(world.engine.deps, stranger, choice),
      endCorrection(world.engine.deps, stranger, choice),
    ])
      expect(await refused).toEqual({ kind: 'not_found' });
    expect((await world.bench.open(id)).phase).toBe('listed');
    for (const role of ['DataConnectors.Reader', 'DataConnectors.Auditor', 'DataConnectors.ContentViewer'] as const) {
      const reader = seededActor(world.engine.organizationId, [role]);
      await expect(startCorrection(world.engine.deps, reader, wanted)).rejects.toThrow(NotAllowed);
      await expect(openCorrection(pool, reader, world.connectorId, id)).rejects.toThrow(NotAllowed);
      await expect(endCorrection(world.engine.deps, reader, choice)).rejects.toThrow(NotAllowed);
    }
  });

  it('starts one with a number, a period and a reason, and none beside one that is open', async () => {
    await map(bruno);
    const start = (traits: object) =>
      startCorrection(world.engine.deps, world.bench.admin, {
        ...{ connectorId: world.connectorId, number, from: new Date(0), to: new Date(HOUR), reason: 'Mistyped' },
        ...traits,
      });
    expect(await start({ number: 'bruno' })).toEqual({ kind: 'bad_number' });
    expect(await start({ to: new Date(0) })).toEqual({ kind: 'bad_period' });
    expect(await start({ to: new Date(Number.NaN) })).toEqual({ kind: 'bad_period' });
    expect(await start({ to: new Date(4000 * 24 * HOUR) })).toEqual({ kind: 'bad_period' });
    expect(await start({ reason: '  ' })).toEqual({ kind: 'bad_reason' });
    const started = await start({});
    expect(started.kind).toBe('started');
    const correctionId = 'correctionId' in started ? started.correctionId : '';
    expect(await start({})).toEqual({ kind: 'open', correctionId });
    await world.bench.reaches(correctionId, 'listed');
    expect(await world.bench.confirm(correctionId)).toEqual({ kind: 'changed', count: 0 });
    expect(
      await endCorrection(world.engine.deps, world.bench.admin, { connectorId: world.connectorId, correctionId }),
    ).toEqual({ kind: 'done' });
    expect(
      await endCorrection(world.engine.deps, world.bench.admin, { connectorId: world.connectorId, correctionId }),
    ).toEqual({ kind: 'unchanged' });
    expect((await start({})).kind).toBe('started');
  });
});
