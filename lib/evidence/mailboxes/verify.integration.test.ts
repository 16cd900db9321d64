/** Mailboxes are read back and held against the ledger: what people moved, deleted and altered is found, each for what it is. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';

import type { Item } from '../../archive/item.ts';
import { heldBy } from '../../corrections/correction.fixture.ts';
import { control } from '../../imports/connector.fixture.ts';
import { type Engine, startEngine } from '../../imports/engine.fixture.ts';
import { archiveFolder } from '../../imports/mailboxes.fixture.ts';
import { attach, people, type ScriptedSource, scriptedSource, sms } from '../../imports/scripted-source.fixture.ts';
import { readBack } from '../../mailbox/read-back.ts';
import { connectorsCalled, type VerifiedConnector } from './copies.ts';
import { readOnly, WriteRefusedError } from './read-only.ts';
import { exitCodeOf } from './report.ts';
import type { Verdict } from './verdict.ts';
import { passingFor, verificationsNoted } from './verify.fixture.ts';
import { type Summary, verifyMailboxes } from './verify.ts';

const HOUR = 3_600_000;
const [anna, bruno] = people as readonly [Person, Person];
const never = new AbortController().signal;

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

let source: ScriptedSource;
let engine: Engine;
let connector: VerifiedConnector;
beforeEach(async () => {
  await control(sandbox, 'POST', 'reset');
  source = scriptedSource();
  engine = await startEngine(sandbox, { source: () => source });
});
afterEach(() => engine.close());

const list = (owner: Person, id: string, traits: Partial<Item> = {}): void => {
  source.listed.push(sms(owner, new Date(source.settledThrough.getTime() - HOUR), { id, ...traits }));
};

async function imported(): Promise<void> {
  const connectorId = await engine.connect();
  await engine.finish();
  const [found] = await connectorsCalled(engine.database.pool, [engine.organizationId], connectorId);
  if (found === undefined) throw new Error('no connector');
  connector = found;
}

interface Verified {
  readonly summary: Summary;
  /** by item and mailbox */
  readonly verdicts: Readonly<Record<string, Verdict>>;
}

async function verify(period = { from: new Date(Date.now() - 30 * 24 * HOUR), to: new Date(Date.now() + 24 * HOUR) }) {
  const { deps, database } = engine;
  const verdicts: Record<string, Verdict> = {};
  const summary = await verifyMailboxes(
    {
      ...deps,
      pool: database.pool,
      sleep: (ms, signal) => sleep(ms, undefined, { signal }),
      requestSeconds: 10,
      streamSeconds: 60,
    },
    connector,
    period,
    (copy, verdict) => {
      verdicts[copy.sourceItemId] = verdict;
    },
    never,
  );
  return { summary, verdicts } satisfies Verified;
}

async function messageOf(person: Person, itemId: string): Promise<string> {
  const found = (await heldBy(engine, person)).find((message) => message.itemId === itemId);
  if (found === undefined) throw new Error(`no message of ${itemId}`);
  return found.id;
}

const asOwner = async (person: Person, itemId: string, act: string, body: object = {}): Promise<void> => {
  await control(sandbox, 'POST', `mailboxes/${person.id}/messages/${await messageOf(person, itemId)}/${act}`, body);
};

describe('what people did with a copy', () => {
  it('is nothing: it is found as it was written, with its attachments', async () => {
    list(anna, 'text');
    const photo = attach(source, 'photo.jpg', 'image/jpeg', randomBytes(20_000));
    const video = attach(source, 'video.mp4', 'video/mp4', randomBytes(4 * 1024 * 1024));
    list(bruno, 'mms', { type: 'mms', attachments: [photo, video] });
    await imported();
    const { summary, verdicts } = await verify();
    expect(verdicts).toMatchObject({
      text: { result: 'found', comparedWith: 'ledger' },
      mms: { result: 'found', comparedWith: 'ledger' },
    });
    expect(summary).toMatchObject({ copies: 2, comparedWith: { ledger: 2, header: 0, nothing: 0 }, isComplete: true });
    expect(exitCodeOf(summary)).toBe(0);
  });

  it('is a move, also among what is deleted: it is moved, and no reason for an alarm', async () => {
    for (const id of ['to inbox', 'to deleted items', 'stays']) list(anna, id);
    await imported();
    await asOwner(anna, 'to inbox', 'move', { folder: 'inbox' });
    await asOwner(anna, 'to deleted items', 'delete');
    const { summary, verdicts } = await verify();
    expect(Object.fromEntries(Object.entries(verdicts).map(([id, { result }]) => [id, result]))).toEqual({
      'to inbox': 'moved',
      'to deleted items': 'moved',
      stays: 'found',
    });
    expect(exitCodeOf(summary)).toBe(0);
  });

  it('is a deletion: it is missing', async () => {
    for (const id of ['gone', 'purged']) list(anna, id);
    list(bruno, 'stays');
    await imported();
    await engine.graph.request({
      method: 'DELETE',
      url: `/users/${anna.id}/messages/${await messageOf(anna, 'gone')}`,
    });
    const purged = await messageOf(anna, 'purged');
    for (const act of ['delete', 'delete', 'purge']) {
      await control(sandbox, 'POST', `mailboxes/${anna.id}/messages/${purged}/${act}`, {});
    }
    const { summary, verdicts } = await verify();
    expect(verdicts).toMatchObject({
      gone: { result: 'missing', code: 'recoverable' },
      purged: { result: 'missing', code: null },
      stays: { result: 'found' },
    });
    expect(summary.results).toMatchObject({ missing: 2, found: 1 });
    expect(exitCodeOf(summary)).toBe(1);
  });

  it('is an alteration: what was taken away and what was added are both changes', async () => {
    const file = () => attach(source, 'plan.pdf', 'application/pdf', randomBytes(9_000));
    list(anna, 'less', { type: 'mms', attachments: [file()] });
    list(anna, 'more', { type: 'mms', attachments: [file()] });
    list(anna, 'same', { type: 'mms', attachments: [file()] });
    await imported();
    const path = async (id: string) => `/users/${anna.id}/messages/${await messageOf(anna, id)}/attachments`;
    const { body } = await engine.graph.request({ method: 'GET', url: await path('less') });
    const [first] = (body as { value: { id: string }[] }).value;
    await engine.graph.request({ method: 'DELETE', url: `${await path('less')}/${first?.id}` });
    const added = { '@odata.type': '#microsoft.graph.fileAttachment', name: 'more.txt', contentBytes: 'bW9yZQ==' };
    await engine.graph.request({ method: 'POST', url: await path('more'), body: added });
    const { summary, verdicts } = await verify();
    expect([verdicts.less?.result, verdicts.more?.result, verdicts.same?.result]).toEqual([
      'changed',
      'changed',
      'found',
    ]);
    expect(exitCodeOf(summary)).toBe(1);
  });

  it('is another message in its place, whose header fits it: only the ledger tells', async () => {
    list(anna, 'forged');
    await imported();
    const original = await messageOf(anna, 'forged');
    const folder = `/users/${anna.id}/mailFolders/${await archiveFolder(engine.graph, anna.id)}/messages`;
    await engine.graph.request({ method: 'DELETE', url: `/users/${anna.id}/messages/${original}` });
    const create = async (hash: string): Promise<string> => {
      const body = passingFor(engine.deps, connector, 'forged', hash);
      const answer = await engine.graph.request({ method: 'POST', url: folder, body });
      return (answer.body as { id: string }).id;
    };
    const time = { reading: () => ({}), streaming: () => ({}) };
    const draft = await create('0'.repeat(64));
    const hash = (await readBack(engine.graph, engine.deps.download(''), anna.id, draft, time))?.contentHash ?? '';
    await engine.graph.request({ method: 'DELETE', url: `/users/${anna.id}/messages/${draft}` });
    await create(hash);
    const { verdicts } = await verify();
    expect(verdicts.forged).toMatchObject({ result: 'changed', comparedWith: 'ledger', contentHash: hash });
    await engine.database.pool.query('UPDATE delivery SET content_hash = NULL');
    expect((await verify()).verdicts.forged).toMatchObject({ result: 'found', comparedWith: 'header' });
  });
});

it('lists only what reached the source in the period', async () => {
  list(anna, 'in');
  source.listed.push(sms(anna, new Date(source.settledThrough.getTime() - 5 * HOUR), { id: 'before' }));
  await imported();
  const at = new Date(source.settledThrough.getTime() - HOUR);
  expect(Object.keys((await verify({ from: at, to: new Date(at.getTime() + 1) })).verdicts)).toEqual(['in']);
  expect(Object.keys((await verify({ from: new Date(0), to: at })).verdicts)).toEqual(['before']);
});

it('waits for as long as a mailbox asks, writes that down for others, and goes on elsewhere', async () => {
  for (const id of ['a1', 'a2']) list(anna, id);
  list(bruno, 'b1');
  await imported();
  const throttle = { kind: 'throttle', retryAfter: 2 } as const;
  const route = 'GET /v1.0/users/*/messages/*';
  await control(sandbox, 'POST', 'faults', { service: 'graph', route, mailbox: anna.id, count: 1, fault: throttle });
  const order: string[] = [];
  const notePauses = vi.spyOn(engine.deps.ledger, 'notePauses');
  const { summary, verdicts } = await verify();
  order.push(...Object.keys(verdicts));
  // One of the two of the mailbox that asked for a pause is the last.
  expect(order.indexOf('b1')).toBeLessThan(2);
  expect(summary.results).toMatchObject({ found: 3 });
  expect(notePauses.mock.calls.flatMap(([, pauses]) => pauses.map(({ userId }) => userId))).toContain(anna.id);
});

it('says of what cannot be read that it could not, and never that it is missing', async () => {
  list(anna, 'a1');
  list(bruno, 'b1');
  await imported();
  await control(sandbox, 'PATCH', `mailboxes/${anna.id}`, { kind: 'none' });
  const route = 'GET /v1.0/users/*/messages/*';
  const fault = { kind: 'refuse', status: 403, code: 'ErrorAccessDenied' };
  await control(sandbox, 'POST', 'faults', { service: 'graph', route, mailbox: bruno.id, fault });
  const { summary, verdicts } = await verify();
  expect(verdicts).toMatchObject({
    a1: { result: 'unread', code: 'no_mailbox' },
    b1: { result: 'unread', code: 'forbidden' },
  });
  expect(exitCodeOf(summary)).toBe(3);
});

it('does not judge a copy that the ledger moved meanwhile', async () => {
  list(anna, 'corrected');
  await imported();
  const id = await messageOf(anna, 'corrected');
  const { request } = engine.graph;
  vi.spyOn(engine.graph, 'request').mockImplementation(async (asked, options) => {
    if (asked.url.includes(`/messages/${encodeURIComponent(id)}`)) {
      await request({ method: 'DELETE', url: `/users/${anna.id}/messages/${id}` });
      await engine.database.pool.query(`UPDATE delivery SET message_id = 'another'`);
    }
    return request(asked, options);
  });
  const { summary } = await verify();
  expect(summary).toMatchObject({ copies: 0, changedMeanwhile: 1 });
});

it('never writes to a mailbox, and notes what it found in the audit log', async () => {
  list(anna, 'text');
  await imported();
  const request = vi.spyOn(engine.graph, 'request');
  const batch = vi.spyOn(engine.graph, 'batch');
  await verify();
  expect(new Set(request.mock.calls.map(([{ method }]) => method))).toEqual(new Set(['GET']));
  expect(batch).not.toHaveBeenCalled();
  const guarded = readOnly(engine.graph);
  await expect(guarded.request({ method: 'DELETE', url: '/users/x/messages/y' })).rejects.toThrow(WriteRefusedError);
  await expect(guarded.batch([])).rejects.toThrow(WriteRefusedError);
  expect(await verificationsNoted(engine.database.pool, connector.id)).toEqual([
    expect.objectContaining({ copies: 1, found: 1, moved: 0, missing: 0, differing: 0, unread: 0, isComplete: true }),
  ]);
});
