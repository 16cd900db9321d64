/**
 * A mapping that the restore took back sent messages to mailboxes that the confirmed one does not name: they are found there by
 * listings before anything is sent, taken over where they lie, and corrected as any misfiled message.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { testBlobConnection, testDatabase } from '#testing/services.ts';
import { seededActor } from '../connectors/rows.fixture.ts';
import { CorrectionBench } from '../corrections/correction.fixture.ts';
import { control } from '../imports/connector.fixture.ts';
import { type Engine, startEngine } from '../imports/engine.fixture.ts';
import { collect, mapNumbers, recount, rememberMailboxes } from '../imports/ledger.fixture.ts';
import { readMailboxes } from '../imports/mailboxes.fixture.ts';
import {
  attach,
  partyOf,
  people,
  type ScriptedSource,
  scriptedSource,
  sms,
} from '../imports/scripted-source.fixture.ts';
import { listAttachments } from '../mailbox/attach.ts';
import type { Graph } from '../microsoft/graph.ts';
import { BlobContainer } from '../staging/azure.ts';
import { connectStaging, containerClient } from '../staging/connect.ts';
import { compareMailboxes } from './compare.ts';
import { confirmMapping } from './confirm.ts';
import { finishRecovery } from './finish.ts';
import { foundElsewhereOf } from './found.ts';
import { recoveringConnectors } from './standing.ts';
import { LedgerWatch } from './watch.ts';

const HOUR = 3_600_000;
const [anna, bruno, carla, dana] = people as readonly [Person, Person, Person, Person, ...Person[]];
const NUMBER = '+13125550142';
const OTHER = '+13125550143';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

let source: ScriptedSource;
let blob: ReturnType<typeof testBlobConnection>;
let first: string;
let connectorId: string;
const engines: Engine[] = [];

beforeEach(async () => {
  await control(sandbox, 'POST', 'reset');
  // Nobody is registered: a mailbox is known by a mapping, or because it had a copy.
  source = Object.assign(scriptedSource(), { users: async function* () {} });
  source.settledThrough = new Date(Date.now() - 2 * HOUR);
  blob = testBlobConnection();
  first = await testDatabase();
});
afterEach(async () => {
  await Promise.all(engines.splice(0).map((one) => one.close()));
});

async function engineOn(connectionString: string, lateCommitSeconds = 1): Promise<Engine> {
  const settings = {
    ...{ shardLeaseSeconds: 20, graphTimeoutSeconds: 10, unmappedDomain: 'mobile.invalid', messageClass: null },
    lateCommitSeconds,
  };
  const started = await startEngine(sandbox, {
    ...{ source: () => source, connectionString, staging: connectStaging(blob), settings },
  });
  engines.push(started);
  return started;
}

const watchOf = (connectionString: string): LedgerWatch =>
  new LedgerWatch(
    {
      connectionString,
      container: new BlobContainer(containerClient(blob)),
      failoverLosesNothing: false,
      log: pino({ level: 'silent' }),
    },
    () => {},
  );

const list = (id: string, traits = {}): void => {
  const to = { mobile: NUMBER, email: null, name: null };
  const archived = new Date(source.settledThrough.getTime() - 60_000);
  source.listed.push(sms(anna, archived, { id, recipients: [to], ...traits }));
};

/** Item ids by the mailbox's surname. */
async function held(engine: Engine): Promise<Record<string, string[]>> {
  const mailboxes = await readMailboxes(engine.graph);
  return Object.fromEntries(
    [anna, bruno, carla, dana].flatMap(({ surname, id }) => {
      const items = mailboxes.get(id)?.map(({ itemId }) => itemId) ?? [];
      return items.length === 0 ? [] : [[surname, items.sort()]];
    }),
  );
}

/** The number is Bruno's when the backup is made. A mapping that is lost then maps others, and messages go by it. */
async function liveOn(
  lost: Readonly<Record<string, string>>,
  send: () => void,
): Promise<{ readonly backup: string; readonly sent: Record<string, string[]> }> {
  const engine = await engineOn(first);
  connectorId = await engine.connect({ automaticMapping: false });
  await rememberMailboxes(engine.database.pool, engine.organizationId, people);
  const annas = { [anna.mobile ?? '']: anna.mail ?? '' };
  // Carla is named by a version that was replaced long before the backup, and by none since.
  await mapNumbers(engine, connectorId, { ...annas, [OTHER]: carla.mail ?? '' });
  await mapNumbers(engine, connectorId, { ...annas, [NUMBER]: bruno.mail ?? '' });
  await watchOf(first).look(0);
  list('before');
  await engine.finish();
  const backup = await testDatabase({ copyOf: first });
  await mapNumbers(engine, connectorId, { ...annas, ...lost });
  await watchOf(first).look(0);
  source.settledThrough = new Date(source.settledThrough.getTime() + HOUR / 4);
  send();
  await collect(engine, connectorId);
  await engine.finish();
  return { backup, sent: await held(engine) };
}

/** The mapping that is lost gives the number to Carla. */
const lostMapping = () =>
  liveOn({ [NUMBER]: carla.mail ?? '' }, () => {
    list('after');
    list('picture', { type: 'mms', attachments: [attach(source, 'a.jpg', 'image/jpeg', Buffer.from('a picture'))] });
  });

/** @returns how often a single item was looked for in a mailbox */
function countLookUps({ deps, graph }: Engine): () => number {
  let count = 0;
  const request: Graph['request'] = (asked, options) => {
    if (asked.method === 'GET' && asked.url.includes(encodeURIComponent('ep/value eq'))) count += 1;
    return graph.request(asked, options);
  };
  Object.assign(deps, { graph: () => ({ ...graph, request }) });
  return () => count;
}

/** Confirms the mapping of the backup, knowing that a newer one is lost. */
async function confirm(engine: Engine, without: number | null): Promise<void> {
  const [seen] = await recoveringConnectors(engine.database.pool);
  const confirmation = { connectorId, versionId: seen?.mapping?.id ?? null, without };
  const admin = seededActor(engine.organizationId, ['DataConnectors.Admin']);
  expect(await confirmMapping(engine.deps, admin, confirmation)).toBe('done');
  expect(await confirmMapping(engine.deps, admin, confirmation)).toBe('unchanged');
}

const rowsOf = async (engine: Engine, sql: string): Promise<unknown[]> => (await engine.database.pool.query(sql)).rows;

it('what a lost mapping sent elsewhere is not sent again, is told, and can be corrected', async () => {
  const { backup, sent } = await lostMapping();
  expect(sent).toEqual({
    [anna.surname]: ['after', 'before', 'picture'],
    [bruno.surname]: ['before'],
    [carla.surname]: ['after', 'picture'],
  });
  const restored = await engineOn(backup);
  const { pool } = restored.database;
  // Somebody had a copy long ago, and left.
  await pool.query(
    `INSERT INTO mailbox_folder (organization_id, user_id, folder_name, folder_id) VALUES ($1, $2, 'Android Archiver', 'gone')`,
    [restored.organizationId, randomUUID()],
  );
  const lookUps = countLookUps(restored);
  await watchOf(backup).look(0);
  await sleep(1_100);
  await confirm(restored, 3);
  source.settledThrough = new Date(Date.now() + 60_000);
  await restored.finish();
  expect(await held(restored)).toEqual(sent);
  expect(await rowsOf(restored, `SELECT DISTINCT state FROM delivery`)).toEqual([{ state: 'imported' }]);
  expect(await restored.counts(connectorId)).toEqual(await recount(pool));
  expect(await foundElsewhereOf(pool, restored.organizationId, connectorId)).toMatchObject([
    { number: NUMBER, mailbox: carla.mail, copies: 2 },
  ]);
  expect(await rowsOf(restored, `SELECT detail FROM audit_entry WHERE action = 'recovery.compared'`)).toEqual([
    { detail: expect.objectContaining({ mailboxes: 3, unread: 0 }) },
  ]);

  // Each in its mailbox: one request where it is there; folder and mailbox, twice, where it is not, and one where it was found.
  expect(lookUps()).toBe(2 * 1 + 2 * (4 + 1));
  const searched = 'SELECT problem, count(*)::int FROM recovery_mailbox GROUP BY problem ORDER BY problem';
  expect(await rowsOf(restored, searched)).toEqual([
    { problem: 'no_mailbox', count: 1 },
    { problem: null, count: 3 },
  ]);
  await finishRecovery(pool);
  const open = `SELECT code, detail->'copies' AS copies FROM alert WHERE resolved_at IS NULL`;
  expect(await rowsOf(restored, open)).toEqual([{ code: 'found_elsewhere', copies: 2 }]);
  // What the ledger knows by now is kept nowhere else.
  expect(await rowsOf(restored, 'SELECT count(*)::int FROM recovery_copy')).toEqual([{ count: 2 }]);

  await new CorrectionBench(restored, connectorId).correct(NUMBER);
  expect(await held(restored)).toEqual({
    [anna.surname]: ['after', 'before', 'picture'],
    [bruno.surname]: ['after', 'before', 'picture'],
  });
  expect(await foundElsewhereOf(pool, restored.organizationId, connectorId)).toEqual([]);
});

it('what lies unfinished in another mailbox is taken over as it lies: nothing is added there, and a correction sends the whole', async () => {
  const { backup } = await lostMapping();
  const restored = await engineOn(backup);
  const attachmentsIn = async ({ id }: Person): Promise<{ readonly url: string; readonly ids: readonly string[] }> => {
    const picture = (await readMailboxes(restored.graph)).get(id)?.find(({ itemId }) => itemId === 'picture');
    const url = `/users/${id}/messages/${picture?.id}/attachments`;
    const listed = picture === undefined ? [] : await listAttachments(restored.graph, url, async () => ({}));
    return { url, ids: listed.map((one) => one.id) };
  };
  const whole = await attachmentsIn(carla);
  // The worker of the lost life died before it had added the last one.
  await restored.graph.request({ method: 'DELETE', url: `${whole.url}/${whole.ids.at(-1)}` });
  await watchOf(backup).look(0);
  await sleep(1_100);
  await confirm(restored, 3);
  source.settledThrough = new Date(Date.now() + 60_000);
  await restored.finish();
  expect((await attachmentsIn(carla)).ids).toEqual(whole.ids.slice(0, -1));
  const states = `SELECT state, reason, user_id FROM delivery WHERE state <> 'imported'`;
  expect(await rowsOf(restored, states)).toEqual([
    { state: 'partially_imported', reason: 'found_unfinished', user_id: carla.id },
  ]);
  expect(await restored.counts(connectorId)).toEqual(await recount(restored.database.pool));

  await new CorrectionBench(restored, connectorId).correct(NUMBER);
  expect((await attachmentsIn(bruno)).ids).toHaveLength(whole.ids.length);
  expect((await attachmentsIn(carla)).ids).toEqual([]);
});

it('nothing is collected or sent before every mailbox is listed, and none is before requests of the lost life have ended', async () => {
  const { backup, sent } = await lostMapping();
  const restored = await engineOn(backup, 3600);
  await watchOf(backup).look(0);
  await confirm(restored, 3);
  await restored.settle();
  expect(await held(restored)).toEqual(sent);
  expect(await rowsOf(restored, 'SELECT paused_at IS NOT NULL AS paused FROM connector')).toEqual([{ paused: true }]);
  expect(await recoveringConnectors(restored.database.pool)).toMatchObject([{ comparedAt: null, mailboxes: 0 }]);
});

it('what was removed after it was listed, and what nobody is owed, is sent and told', async () => {
  const { backup } = await lostMapping();
  const restored = await engineOn(backup);
  const { pool } = restored.database;
  await watchOf(backup).look(0);
  await sleep(1_100);
  await confirm(restored, 3);
  const about = { organizationId: restored.organizationId, connectorId };
  await compareMailboxes(restored.deps, about, new AbortController().signal);
  expect(await recoveringConnectors(pool)).toMatchObject([{ comparedAt: expect.any(Date), listed: 3, mailboxes: 3 }]);
  const copies = (await readMailboxes(restored.graph)).get(carla.id) ?? [];
  const removed = copies.find(({ itemId }) => itemId === 'after')?.id ?? '';
  // To the deleted items, and out of them.
  const message = `/users/${carla.id}/messages/${removed}`;
  for (const url of [message, message]) await restored.graph.request({ method: 'DELETE', url });
  // The source does not list the picture any more.
  source.listed.splice(
    source.listed.findIndex((item) => JSON.stringify(item).includes('"picture"')),
    1,
  );
  source.settledThrough = new Date(Date.now() + 60_000);
  await restored.finish();
  expect(await held(restored)).toEqual({
    [anna.surname]: ['after', 'before', 'picture'],
    [bruno.surname]: ['after', 'before'],
    [carla.surname]: ['picture'],
  });
  await finishRecovery(pool);
  expect(await foundElsewhereOf(pool, restored.organizationId, connectorId)).toEqual([
    { number: null, mailbox: anna.mail, copies: 1, from: null, to: null },
    { number: null, mailbox: carla.mail, copies: 1, from: null, to: null },
  ]);
});

it('what may be the copy of another participant is nobody’s: who is owed one gets it', async () => {
  // Dana's messages went to Carla then, and Bruno's to nobody.
  const { backup, sent } = await liveOn({ [dana.mobile ?? '']: carla.mail ?? '' }, () =>
    list('after', { recipients: [{ mobile: NUMBER, email: null, name: null }, partyOf(dana)] }),
  );
  expect(sent).toMatchObject({ [bruno.surname]: ['before'], [carla.surname]: ['after'] });
  const restored = await engineOn(backup);
  const { pool } = restored.database;
  await watchOf(backup).look(0);
  await sleep(1_100);
  await confirm(restored, 3);
  source.settledThrough = new Date(Date.now() + 60_000);
  await restored.finish();
  expect(await held(restored)).toMatchObject({ [bruno.surname]: ['after', 'before'], [carla.surname]: ['after'] });
  await finishRecovery(pool);
  expect(await foundElsewhereOf(pool, restored.organizationId, connectorId)).toMatchObject([
    { number: null, mailbox: carla.mail, copies: 1 },
  ]);
});

it('a mailbox that does not open holds up nobody, and is told', async () => {
  const { backup } = await lostMapping();
  const restored = await engineOn(backup);
  const { graph } = restored;
  const batch: Graph['batch'] = async (requests, options) => {
    const answers = await graph.batch(requests, options);
    const body = { error: { code: 'ErrorAccessDenied', message: 'Access is denied.' } };
    return answers.map((answer, index) =>
      requests[index]?.url.startsWith(`/users/${carla.id}/messages`) ? { ...answer, status: 403, body } : answer,
    );
  };
  Object.assign(restored.deps, { graph: () => ({ ...graph, batch }) });
  await watchOf(backup).look(0);
  await sleep(1_100);
  await confirm(restored, 3);
  const about = { organizationId: restored.organizationId, connectorId };
  await compareMailboxes(restored.deps, about, new AbortController().signal);
  expect(await rowsOf(restored, 'SELECT paused_at, recovery_id FROM connector')).toEqual([
    { paused_at: null, recovery_id: null },
  ]);
  expect(
    await rowsOf(restored, `SELECT detail FROM alert WHERE code = 'not_compared' AND resolved_at IS NULL`),
  ).toEqual([{ detail: expect.objectContaining({ mailboxes: 2, unread: 1 }) }]);
  expect(await rowsOf(restored, `SELECT problem FROM recovery_mailbox WHERE problem IS NOT NULL`)).toEqual([
    { problem: 'mailbox_closed' },
  ]);
});
