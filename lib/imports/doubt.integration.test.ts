/** A request that takes effect when everybody has given it up: a day later its message is found and counted, once. */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import type { Item } from '../archive/item.ts';
import { control } from './connector.fixture.ts';
import { lookUpAddresses } from './directory.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { copies, mapNumbers, recount } from './ledger.fixture.ts';
import { attachmentHashes, readMailboxes } from './mailboxes.fixture.ts';
import { attach, partyOf, people, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';
import { sweepDoubt } from './sweep-doubt.ts';

const HOUR = 3_600_000;
const LATE_MS = 7_000;
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
  const settings = {
    ...{ shardLeaseSeconds: 4, lateCommitSeconds: 1, graphTimeoutSeconds: 1 },
    ...{ unmappedDomain: 'mobile.invalid', messageClass: null },
  };
  engine = await startEngine(sandbox, { source: () => source, settings });
});
afterEach(async () => {
  expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
  await engine.close();
});

const FULL = { kind: 'refuse', status: 507, code: 'ErrorQuotaExceeded' } as const;
const GONE = { kind: 'refuse', status: 404, code: 'MailboxNotEnabledForRESTAPI' } as const;

/**
 * The first create takes effect after both look-ups; the second is refused, so that the copy is given up.
 *
 * @returns when the first has taken effect
 */
async function giveUp(traits: Partial<Item>, refusal: typeof FULL | typeof GONE): Promise<void> {
  source.listed.push(sms(anna, new Date(source.settledThrough.getTime() - HOUR), { id: 'late', ...traits }));
  connectorId = await engine.connect();
  const addresses = people.flatMap(({ mail }) => mail ?? []);
  await lookUpAddresses(engine.deps.ledger, engine.graph, engine.organizationId, addresses);
  const create = { service: 'graph', route: 'POST /v1.0/users/*/mailFolders/*/messages', mailbox: anna.id, count: 1 };
  await control(sandbox, 'POST', 'faults', { ...create, fault: { kind: 'commit-late', ms: LATE_MS } });
  await control(sandbox, 'POST', 'faults', { ...create, fault: refusal });
  // The hourly look at who waits comes now, and not again before this is over.
  const { organizationId } = engine;
  await engine.deps.enqueue('release', { organizationId, connectorId }, { key: connectorId, onceInSeconds: 3600 });
  await engine.finish();
  expect(await messages(anna)).toEqual([]);
}

const arrived = () =>
  vi.waitFor(async () => expect(await messages(anna)).toHaveLength(1), { timeout: 15_000, interval: 250 });

async function messages(person: Person): Promise<{ readonly id: string; readonly itemId: string }[]> {
  return (await readMailboxes(engine.graph)).get(person.id) ?? [];
}

async function rowsOf<T extends object>(sql: string): Promise<T[]> {
  return (await engine.database.pool.query<T>(sql)).rows;
}

const aDayLater = () =>
  rowsOf(
    `UPDATE delivery SET not_before = not_before - interval '25 hours', imported_at = imported_at - interval '25 hours'`,
  );
const sweep = () => sweepDoubt(engine.deps, engine.organizationId, never);

describe('a message that arrives when its copy', () => {
  it.each([
    ['has failed', FULL, { state: 'failed', reason: 'mailbox_full', user: anna.id }],
    ['waits for another mailbox', GONE, { state: 'waiting', reason: 'no_mailbox', user: null }],
  ] as const)('%s makes it an imported one, and is not sent again', async (_name, refusal, before) => {
    await giveUp({ recipients: [partyOf(anna)] }, refusal);
    expect(await copies(engine.database.pool)).toMatchObject([before]);
    await arrived();
    await sweep();
    expect(await copies(engine.database.pool)).toMatchObject([before]);
    await aDayLater();
    await sweep();
    expect(await copies(engine.database.pool)).toMatchObject([{ state: 'imported', reason: null, user: anna.id }]);
    await engine.finish();
    const found = await messages(anna);
    expect(found).toHaveLength(1);
    expect(await rowsOf('SELECT doubt, message_id AS id, rule FROM delivery')).toEqual([
      { doubt: 2, id: found[0]?.id, rule: 'automatic' },
    ]);
    expect((await engine.counts(connectorId)).items).toMatchObject({ imported: 1, failed: 0, waiting: 0 });
  });

  it('has failed gets the attachments that it lacks', async () => {
    const [photo, video] = [randomBytes(40_000), randomBytes(5 * 1024 * 1024)];
    const attachments = [
      attach(source, 'photo.jpg', 'image/jpeg', photo),
      attach(source, 'video.mp4', 'video/mp4', video),
    ];
    await giveUp({ type: 'mms', attachments, recipients: [partyOf(anna)] }, FULL);
    await arrived();
    await aDayLater();
    await sweep();
    await engine.finish();
    const [message, ...more] = await messages(anna);
    expect(more).toEqual([]);
    const hashes = [photo, video].map((bytes) => createHash('sha256').update(bytes).digest('hex')).sort();
    expect(await attachmentHashes(engine.graph, anna.id, message?.id ?? '')).toEqual(hashes);
    expect(await copies(engine.database.pool)).toMatchObject([{ state: 'imported' }]);
  });

  it('went into another mailbox meanwhile is one too many, and goes', async () => {
    await giveUp({ recipients: [partyOf(anna)] }, GONE);
    await mapNumbers(engine, connectorId, { [anna.mobile ?? '']: bruno.mail ?? '' });
    await engine.finish();
    await arrived();
    const [late] = await messages(anna);
    expect(await messages(bruno)).toHaveLength(1);
    await aDayLater();
    await sweep();
    expect([await messages(anna), (await messages(bruno)).length]).toEqual([[], 1]);
    expect(await rowsOf(`SELECT detail FROM audit_entry WHERE action = 'message.surplus-removed'`)).toEqual([
      { detail: { userId: anna.id, removed: late?.id, kept: null } },
    ]);
  });

  it('went into another mailbox and is gone from there stays, as the last one', async () => {
    await giveUp({ recipients: [partyOf(anna)] }, GONE);
    await mapNumbers(engine, connectorId, { [anna.mobile ?? '']: bruno.mail ?? '' });
    await engine.finish();
    await arrived();
    for (const { id } of await messages(bruno))
      await engine.graph.request({ method: 'DELETE', url: `/users/${bruno.id}/messages/${id}` });
    await aDayLater();
    await sweep();
    expect(await messages(anna)).toHaveLength(1);
    expect(await rowsOf('SELECT code FROM alert')).toEqual([{ code: 'missing_in_mailbox' }]);
    await engine.finish();
    expect(await messages(bruno)).toEqual([]);
  });
});

it('a copy that failed and never arrived stays failed, and is asked after once', async () => {
  await giveUp({ recipients: [partyOf(anna)] }, FULL);
  await arrived();
  for (const { id } of await messages(anna))
    await engine.graph.request({ method: 'DELETE', url: `/users/${anna.id}/messages/${id}` });
  await aDayLater();
  await sweep();
  expect(await rowsOf('SELECT state, doubt FROM delivery')).toEqual([{ state: 'failed', doubt: 2 }]);
});

it('a mailbox that is gone for a month is asked no more', async () => {
  await giveUp({ recipients: [partyOf(anna)] }, GONE);
  await aDayLater();
  const all = { service: 'graph', route: 'GET /v1.0/users/*/messages', mailbox: anna.id };
  await control(sandbox, 'POST', 'faults', { ...all, fault: GONE });
  await sweep();
  expect(await rowsOf('SELECT state, doubt FROM delivery')).toEqual([{ state: 'waiting', doubt: 1 }]);
  await rowsOf(`UPDATE delivery SET not_before = not_before - interval '30 days'`);
  await sweep();
  expect(await rowsOf('SELECT state, doubt FROM delivery')).toEqual([{ state: 'waiting', doubt: 2 }]);
});
