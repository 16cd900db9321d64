/** The delivery protocol against a Graph that breaks: every fault of the sandbox, and afterwards every copy once. */
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { FaultRule } from '#sandbox/control/fault-rule.ts';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import type { Item } from '../archive/item.ts';
import { GraphError } from '../microsoft/graph-errors.ts';
import { collectDue } from './collect.ts';
import { control } from './connector.fixture.ts';
import { deliverShard } from './deliver.ts';
import type { ImportSettings } from './deps.ts';
import { lookUpAddresses } from './directory.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { archiveFolder, attachmentHashes, readMailboxes } from './mailboxes.fixture.ts';
import { planConnector } from './plan.ts';
import {
  attach,
  partyOf,
  people,
  personNamed,
  type ScriptedSource,
  scriptedSource,
  sms,
  twoOfOneShard,
} from './scripted-source.fixture.ts';
import { shardOf } from './shards.ts';
import { acquireShard, releaseShard } from './store/leases.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

const never = new AbortController().signal;
const LATE_COMMIT_SECONDS = 2;
const [anna, other] = twoOfOneShard();
let source: ScriptedSource;
let engine: Engine;
let connectorId: string;
beforeEach(async () => {
  await control(sandbox, 'POST', 'reset');
  source = scriptedSource();
  engine = await begin({ graphTimeoutSeconds: 1, shardLeaseSeconds: 4 });
});
afterEach(() => engine.close());

/** Short times, so that an answer that never comes is not waited for. */
function begin(times: Pick<ImportSettings, 'graphTimeoutSeconds' | 'shardLeaseSeconds'>): Promise<Engine> {
  const rest = { lateCommitSeconds: LATE_COMMIT_SECONDS, unmappedDomain: 'mobile.invalid', messageClass: null };
  return startEngine(sandbox, { source: () => source, settings: { ...times, ...rest } });
}

/** Times that a busy machine keeps, for tests in which every answer comes. */
async function beginPatiently(): Promise<void> {
  await engine.close();
  engine = await begin({ graphTimeoutSeconds: 15, shardLeaseSeconds: 30 });
}

function messagesOf(owner: Person, count: number): Item[] {
  const before = source.settledThrough.getTime() - 3_600_000;
  return Array.from({ length: count }, (_, index) =>
    sms(owner, new Date(before + index), { text: `Message ${index}` }),
  );
}

async function fault(rule: Omit<FaultRule, 'rate' | 'after'> & { readonly after?: number }): Promise<void> {
  await control(sandbox, 'POST', 'faults', rule);
}

/** @param rule comes into force when the directory has been asked: a fault in `$batch` is for the creates */
async function deliver(items: readonly unknown[], rule?: Parameters<typeof fault>[0]): Promise<void> {
  source.listed.push(...items);
  connectorId = await engine.connect();
  const addresses = people.flatMap(({ mail }) => mail ?? []);
  await lookUpAddresses(engine.deps.ledger, engine.graph, engine.organizationId, addresses);
  if (rule) await fault(rule);
  await engine.finish();
}

/** Items that arrive after what was imported, and an import of them. */
async function listNow(items: readonly Item[]): Promise<void> {
  const twoHours = 2 * 3_600_000;
  source.settledThrough = new Date(source.settledThrough.getTime() + twoHours);
  source.listed.push(
    ...items.map((item) => ({
      ...item,
      archivedTime: new Date(Date.parse(item.archivedTime) + twoHours).toISOString(),
    })),
  );
  await engine.deps.enqueue('plan', { organizationId: engine.organizationId, connectorId, trigger: 'manual' });
}

async function itemIdsOf(person: Person): Promise<string[]> {
  const mailboxes = await readMailboxes(engine.graph);
  return (mailboxes.get(person.id) ?? []).map(({ itemId }) => itemId).sort();
}

const idsOf = (items: readonly Item[]): string[] => items.map(({ id }) => id).sort();

interface State {
  readonly state: string;
  readonly reason: string | null;
  readonly doubted: boolean;
}

async function states(): Promise<State[]> {
  const { rows } = await engine.database.pool.query<State>(
    'SELECT DISTINCT state, reason, doubt > 0 AS doubted FROM delivery ORDER BY 1',
  );
  return rows;
}

const IMPORTED = { state: 'imported', reason: null, doubted: false };
const IN_DOUBT_THEN_IMPORTED = { ...IMPORTED, doubted: true };
const BATCH = { service: 'graph', route: 'POST /v1.0/$batch', count: 1 } as const;
const THROTTLE_1 = { kind: 'throttle', retryAfter: 1 } as const;
const LOOK = 'GET /v1.0/users/*/messages';
const seenSchema = z.object({ rules: z.array(z.object({ route: z.string(), seen: z.number() })) });
const CREATE = { service: 'graph', route: 'POST /v1.0/users/*/mailFolders/*/messages' } as const;

describe('a create whose answer does not come', () => {
  it.each([
    ['is cut off after it took effect', { ...BATCH, fault: { kind: 'reset-after' } }],
    ['is cut off before it took effect', { ...BATCH, fault: { kind: 'reset-before' } }],
    ['breaks off in the middle', { ...BATCH, fault: { kind: 'truncate' } }],
    ['never comes', { ...BATCH, fault: { kind: 'no-answer' } }],
    ['is a 503 without a time', { ...BATCH, fault: { kind: 'refuse', status: 503, code: 'ServiceUnavailable' } }],
    ['is a 504 for each after it took effect', { ...CREATE, count: 5, fault: { kind: 'reset-after' } }],
    // Both looks would be over before this one takes effect, if the first did not wait for the allowance.
    ['takes effect late', { ...CREATE, count: 5, fault: { kind: 'commit-late', ms: LATE_COMMIT_SECONDS * 800 } }],
  ] as const)('%s: looked up, and there once', async (_name, rule) => {
    const items = messagesOf(anna, 5);
    await deliver(items, rule);
    expect(await itemIdsOf(anna)).toEqual(idsOf(items));
    expect(await states()).toEqual([IN_DOUBT_THEN_IMPORTED]);
  });
});

it('looks that take longer than their claim are not made twice', async () => {
  // As many as make the next claim wait until some are through, by which time the first one has run out.
  const items = messagesOf(anna, 150);
  const seen = async (): Promise<number> => {
    const { rules } = seenSchema.parse(await control(sandbox, 'GET', 'faults'));
    return rules.find(({ route }) => route === LOOK)?.seen ?? 0;
  };
  source.listed.push(...items);
  connectorId = await engine.connect();
  const addresses = people.flatMap(({ mail }) => mail ?? []);
  await lookUpAddresses(engine.deps.ledger, engine.graph, engine.organizationId, addresses);
  await control(sandbox, 'PATCH', 'limits', { latencyMs: 40 });
  await fault({ service: 'graph', route: LOOK, after: 1_000_000, fault: { kind: 'reset-before' } });
  await fault({ ...BATCH, count: 8, fault: { kind: 'reset-before' } });
  await engine.finish();
  // Two looks, each in the folder and in the mailbox.
  expect(await seen()).toBe(4 * items.length);
  expect(await itemIdsOf(anna)).toEqual(idsOf(items));
  expect(await states()).toEqual([IN_DOUBT_THEN_IMPORTED]);
}, 240_000);

describe('a refusal', () => {
  it('429 of one mailbox does not hold up another of the same shard', async () => {
    await beginPatiently();
    const [slow, fast] = [messagesOf(anna, 30), messagesOf(other, 30)];
    await fault({ ...CREATE, mailbox: anna.id, count: 1, fault: { kind: 'throttle', retryAfter: 10 } });
    await deliver([...slow, ...fast]);
    expect(await itemIdsOf(anna)).toEqual(idsOf(slow));
    expect(await itemIdsOf(other)).toEqual(idsOf(fast));
    expect(await states()).toEqual([IMPORTED]);
    const { rows } = await engine.database.pool.query<{ waited: boolean }>(
      `SELECT max(imported_at) FILTER (WHERE user_id = $1) - max(imported_at) FILTER (WHERE user_id = $2)
         > interval '5 seconds' AS waited FROM delivery`,
      [anna.id, other.id],
    );
    expect(rows).toEqual([{ waited: true }]);
  });

  it('429 of every mailbox is obeyed by each, and leaves no doubt', async () => {
    await beginPatiently();
    const items = [messagesOf(anna, 12), messagesOf(other, 12)];
    // Half of all creates, so that mailboxes meet it again and again.
    await control(sandbox, 'POST', 'faults', { ...CREATE, rate: 0.5, count: 12, fault: THROTTLE_1 });
    await deliver(items.flat());
    expect(await itemIdsOf(anna)).toEqual(idsOf(items[0] ?? []));
    expect(await itemIdsOf(other)).toEqual(idsOf(items[1] ?? []));
    expect(await states()).toEqual([IMPORTED]);
  });

  it('large batches take turns in a process, small ones do not wait for them', async () => {
    const { deps } = engine;
    const taken: number[] = [];
    const inTurn = vi.spyOn(deps, 'inTurn').mockImplementation(async (work) => {
      taken.push(1);
      return work();
    });
    const photo = attach(source, 'photo.jpg', 'image/jpeg', randomBytes(1_000_000));
    await deliver([
      ...messagesOf(anna, 2),
      sms(other, new Date(source.settledThrough.getTime() - 3_600_000), { type: 'mms', attachments: [photo] }),
    ]);
    expect(taken).toHaveLength(1);
    expect(await states()).toEqual([IMPORTED]);
    inTurn.mockRestore();
  });

  it('429 of the application ends the run of a shard: its other mailboxes are not tried', async () => {
    await beginPatiently();
    const { pool } = engine.database;
    source.listed.push(...messagesOf(anna, 1));
    connectorId = await engine.connect();
    const { deps, organizationId } = engine;
    await planConnector(deps, { organizationId, connectorId, trigger: 'first' }, never);
    await collectDue(deps, organizationId, connectorId, never);
    // The same message for 600 mailboxes of one shard, more than the sandbox has: 30 batches.
    await pool.query(
      `INSERT INTO delivery (archived_at, item_id, organization_id, source_id, connector_id, import_id, participant,
         written, region, rule, user_id, mailbox_address, shard, state, page, frame_offset, frame_length)
       SELECT archived_at, item_id, organization_id, source_id, connector_id, import_id, 'p' || n, written, region, rule,
         gen_random_uuid(), mailbox_address, shard, 'pending', page, frame_offset, frame_length
       FROM delivery, generate_series(1, 599) AS n WHERE user_id = $1`,
      [anna.id],
    );
    vi.spyOn(engine.graph, 'request').mockResolvedValue({ status: 200, headers: {}, body: { value: [{ id: 'f' }] } });
    const batches = vi.spyOn(engine.graph, 'batch').mockImplementation(async () => {
      await sleep(50);
      const details = { failure: 'throttled', status: 429, code: 'ApplicationThrottled', requestId: null } as const;
      throw new GraphError({ ...details, retryAfterSeconds: 40, inDoubt: false }, 'too many');
    });
    await deliverShard(deps, organizationId, shardOf(anna.id), never);
    // Those that were in flight when the first was refused.
    expect(batches.mock.calls.length).toBeLessThanOrEqual(8);
    const { rows } = await pool.query(
      `SELECT state, min(attempts) AS fewest, count(*) FILTER (WHERE not_before > now() + interval '20 seconds') > 0
         AS waits FROM delivery GROUP BY 1`,
    );
    expect(rows).toEqual([{ state: 'pending', fewest: 0, waits: true }]);
  });

  it.each([
    [400, 'BadRequest'],
    [403, 'Forbidden'],
    [413, 'BadRequest'],
  ])('%i of a batch as a whole is not that of its messages: they are sent one by one', async (status, code) => {
    const [first, second] = [messagesOf(anna, 15), messagesOf(other, 15)];
    // for good: what is in a batch could never be sent in one
    const rule = { service: 'graph', route: 'POST /v1.0/$batch', fault: { kind: 'refuse', status, code } } as const;
    await deliver([...first, ...second], rule);
    expect(await itemIdsOf(anna)).toEqual(idsOf(first));
    expect(await itemIdsOf(other)).toEqual(idsOf(second));
    expect((await states()).map(({ state }) => state)).toEqual(['imported']);
  });

  it('of one message that was sent alone is that message’s failure', async () => {
    const items = messagesOf(anna, 3);
    await fault({ ...CREATE, after: 1, count: 1, fault: { kind: 'refuse', status: 400, code: 'RequestBodyRead' } });
    await deliver(items, { ...BATCH, fault: { kind: 'refuse', status: 400, code: 'BadRequest' } });
    expect((await itemIdsOf(anna)).length).toBe(2);
    expect((await states()).map(({ state, reason }) => [state, reason])).toEqual([
      ['failed', 'refused_message'],
      ['imported', null],
    ]);
  });

  it('because the mailbox is full is a failure with its reason', async () => {
    const full = personNamed('Lindqvist');
    await deliver([...messagesOf(full, 1), ...messagesOf(anna, 1)]);
    expect(await states()).toEqual([{ ...IMPORTED, state: 'failed', reason: 'mailbox_full' }, IMPORTED]);
  });

  it('gives its turn to the same message of another phone, which the same run sends', async () => {
    const full = personNamed('Lindqvist');
    const messageKey = 'key';
    const [one, second] = [messagesOf(full, 1)[0], messagesOf(anna, 1)[0]];
    source.listed.push({ ...one, messageKey }, { ...second, messageKey, recipients: [partyOf(full)] });
    connectorId = await engine.connect();
    const { deps, organizationId } = engine;
    await planConnector(deps, { organizationId, connectorId, trigger: 'first' }, never);
    await collectDue(deps, organizationId, connectorId, never);
    await deliverShard(deps, organizationId, shardOf(full.id), never);
    const { rows } = await engine.database.pool.query('SELECT state, reason FROM delivery WHERE user_id = $1', [
      full.id,
    ]);
    const failed = { state: 'failed', reason: 'mailbox_full' };
    expect(rows).toEqual([failed, failed]);
  });

  it('because there is no mailbox makes the copy wait', async () => {
    const code = 'MailboxNotEnabledForRESTAPI';
    await fault({ ...CREATE, mailbox: anna.id, fault: { kind: 'refuse', status: 404, code } });
    await deliver([...messagesOf(anna, 2), ...messagesOf(other, 1)]);
    expect(await states()).toEqual([IMPORTED, { ...IMPORTED, state: 'waiting', reason: 'no_mailbox' }]);
    const { items } = await engine.counts(connectorId);
    expect([items.waiting, items.imported]).toEqual([2, 1]);
  });

  it('because this mailbox is closed to us is a failure, and the others go on', async () => {
    await fault({ ...CREATE, mailbox: anna.id, fault: { kind: 'refuse', status: 403, code: 'ErrorAccessDenied' } });
    await deliver([...messagesOf(anna, 2), ...messagesOf(other, 1)]);
    expect(await states()).toEqual([{ ...IMPORTED, state: 'failed', reason: 'access_denied' }, IMPORTED]);
  });

  it('because the consent is gone stops the connector once, with one alert, and costs nothing', async () => {
    const items = messagesOf(anna, 30);
    await deliver([]);
    await listNow(items);
    await control(sandbox, 'PUT', `consents/${engine.organizationId}`, { permissions: ['User.Read.All'] });
    // Until it expires, the token that the application has would do.
    const expired = { kind: 'refuse', status: 401, code: 'InvalidAuthenticationToken' } as const;
    await fault({ service: 'graph', route: 'GET /v1.0/users/*/mailFolders', count: 1, fault: expired });
    await engine.settle();
    const { pool } = engine.database;
    const alerts = await pool.query('SELECT code FROM alert');
    expect(alerts.rows).toEqual([{ code: 'consent_missing' }]);
    const connectors = await pool.query('SELECT stopped_reason FROM connector');
    expect(connectors.rows).toEqual([{ stopped_reason: 'consent_missing' }]);
    expect((await states()).map(({ state }) => state)).toEqual(['pending']);

    await control(sandbox, 'PUT', `consents/${engine.organizationId}`, {});
    await pool.query('UPDATE connector SET stopped_at = NULL, stopped_reason = NULL');
    await engine.finish();
    expect(await itemIdsOf(anna)).toEqual(idsOf(items));
    expect(await states()).toEqual([IMPORTED]);
  });
});

it('a shard that another worker has is tried again soon, and not only by the reconciler', async () => {
  const { deps, organizationId, database } = engine;
  await engine.connect();
  const shard = shardOf(anna.id);
  const lease = await acquireShard(database.pool, organizationId, shard, 'another worker', 60);
  const enqueue = vi.spyOn(deps, 'enqueue');
  await deliverShard(deps, organizationId, shard, never);
  await deliverShard(deps, organizationId, shard, AbortSignal.abort());
  expect(enqueue.mock.calls).toEqual([
    [
      'deliver',
      { organizationId, shard },
      { key: `${organizationId}.${shard}.taken`, delayMs: 2_050, onceInSeconds: 2 },
    ],
  ]);
  if (lease) await releaseShard(database.pool, lease);
  enqueue.mockClear();
  await deliverShard(deps, organizationId, shard, never);
  // A pause that another test brought about may want a call, too.
  const again = enqueue.mock.calls.filter(([, , options]) => options?.key?.endsWith('.taken'));
  expect(again).toEqual([]);
});

it('a folder that somebody removed is made anew', async () => {
  const [first, second] = [messagesOf(anna, 1), messagesOf(anna, 2)];
  await deliver(first);
  const folder = await archiveFolder(engine.graph, anna.id);
  await engine.graph.request({ method: 'DELETE', url: `/users/${anna.id}/mailFolders/${folder}` });
  await listNow(second);
  const { clock } = engine.deps;
  const inAMinute = vi.spyOn(clock, 'monotonic').mockImplementation(() => performance.now() + 60_000);
  await engine.finish();
  inAMinute.mockRestore();
  expect(await itemIdsOf(anna)).toEqual(idsOf(second));
});

it('a folder is looked for once a minute, whatever runs', async () => {
  const route = 'GET /v1.0/users/*/mailFolders';
  const counted = { service: 'graph', route, after: 1_000_000, fault: THROTTLE_1 } as const;
  await deliver(messagesOf(anna, 1), counted);
  await listNow(messagesOf(anna, 2));
  await engine.finish();
  const { rules } = seenSchema.parse(await control(sandbox, 'GET', 'faults'));
  expect(rules.find((rule) => rule.route === route)?.seen).toBe(1);
  expect((await itemIdsOf(anna)).length).toBe(3);
});

it('a message whose mailbox is gone before it is complete is completed when the mailbox is back, not sent again', async () => {
  const [item] = messagesOf(anna, 1);
  if (!item) throw new Error('no item');
  const video = attach(source, 'video.mp4', 'video/mp4', randomBytes(11 * 1024 * 1024));
  const gone = { kind: 'refuse', status: 404, code: 'MailboxNotEnabledForRESTAPI' } as const;
  await fault({ service: 'graph', route: 'POST */createUploadSession', count: 1, fault: gone });
  // It waits for a mailbox then, and is released by the hourly look at who waits.
  await deliver([{ ...item, type: 'mms', attachments: [video] }]);
  const [message, ...more] = (await readMailboxes(engine.graph)).get(anna.id) ?? [];
  expect([message?.itemId, more]).toEqual([item.id, []]);
  expect(await attachmentHashes(engine.graph, anna.id, message?.id ?? '')).toEqual([video.sha256]);
  expect(await states()).toEqual([IN_DOUBT_THEN_IMPORTED]);
});

describe('a video of 11 MB', () => {
  it.each([
    ['whose second part is cut off', { kind: 'reset-after' }],
    ['whose upload is refused for a while', { kind: 'refuse', status: 503, code: 'ServiceUnavailable' }],
    ['whose session is forgotten', { kind: 'refuse', status: 404, code: 'ErrorItemNotFound' }],
  ] as const)('%s is in its message once, and whole', async (_name, kind) => {
    const bytes = randomBytes(11 * 1024 * 1024);
    const [item] = messagesOf(anna, 1);
    if (!item) throw new Error('no item');
    const photo = attach(source, 'photo.jpg', 'image/jpeg', randomBytes(40_000));
    const video = attach(source, 'video.mp4', 'video/mp4', bytes);
    await fault({ service: 'graph', route: 'PUT *', after: 1, count: 1, fault: kind });
    await deliver([{ ...item, type: 'mms', attachments: [photo, video] }]);
    const messages = (await readMailboxes(engine.graph)).get(anna.id) ?? [];
    expect(messages.map(({ itemId }) => itemId)).toEqual([item.id]);
    const hashes = [photo.sha256, createHash('sha256').update(bytes).digest('hex')].sort();
    expect(await attachmentHashes(engine.graph, anna.id, messages[0]?.id ?? '')).toEqual(hashes);
    expect((await states()).map(({ state }) => state)).toEqual(['imported']);
  });
});
