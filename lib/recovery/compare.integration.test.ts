/**
 * A mapping that the restore took back sent messages to mailboxes that the confirmed one does not name: they are found there by
 * listings before anything is sent, taken over where they lie, and corrected as any misfiled message.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { CorrectionBench } from '../corrections/correction.fixture.ts';
import type { Engine } from '../imports/engine.fixture.ts';
import { recount } from '../imports/ledger.fixture.ts';
import { readMailboxes } from '../imports/mailboxes.fixture.ts';
import { partyOf } from '../imports/scripted-source.fixture.ts';
import { listAttachments } from '../mailbox/attach.ts';
import type { Graph } from '../microsoft/graph.ts';
import { compareMailboxes } from './compare.ts';
import { finishRecovery } from './finish.ts';
import { foundElsewhereOf } from './found.ts';
import { anna, bruno, carla, dana, LostLife, NUMBER, rowsOf } from './lost-life.fixture.ts';
import { recoveringConnectors } from './standing.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

let life: LostLife;
beforeEach(async () => {
  life = await LostLife.begin(sandbox);
});
afterEach(() => life.end());

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

it('what a lost mapping sent elsewhere is not sent again, is told, and can be corrected', async () => {
  const { backup, sent } = await life.lostMapping();
  expect(sent).toEqual({
    [anna.surname]: ['after', 'before', 'picture'],
    [bruno.surname]: ['before'],
    [carla.surname]: ['after', 'picture'],
  });
  const restored = await life.engineOn(backup);
  const { pool } = restored.database;
  // Somebody had a copy long ago, and left.
  await pool.query(
    `INSERT INTO mailbox_folder (organization_id, user_id, folder_name, folder_id) VALUES ($1, $2, 'Android Archiver', 'gone')`,
    [restored.organizationId, randomUUID()],
  );
  const lookUps = countLookUps(restored);
  await life.watchOf(backup).look(0);
  await sleep(1_100);
  await life.confirm(restored, 3);
  life.source.settledThrough = new Date(Date.now() + 60_000);
  await restored.finish();
  expect(await life.held(restored)).toEqual(sent);
  expect(await rowsOf(restored, `SELECT DISTINCT state FROM delivery`)).toEqual([{ state: 'imported' }]);
  expect(await restored.counts(life.connectorId)).toEqual(await recount(pool));
  expect(await foundElsewhereOf(pool, restored.organizationId, life.connectorId)).toMatchObject([
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

  await new CorrectionBench(restored, life.connectorId).correct(NUMBER);
  expect(await life.held(restored)).toEqual({
    [anna.surname]: ['after', 'before', 'picture'],
    [bruno.surname]: ['after', 'before', 'picture'],
  });
  expect(await foundElsewhereOf(pool, restored.organizationId, life.connectorId)).toEqual([]);
});

it('what lies unfinished in another mailbox is taken over as it lies: nothing is added there, and a correction sends the whole', async () => {
  const { backup } = await life.lostMapping();
  const restored = await life.engineOn(backup);
  const attachmentsIn = async ({ id }: Person): Promise<{ readonly url: string; readonly ids: readonly string[] }> => {
    const picture = (await readMailboxes(restored.graph)).get(id)?.find(({ itemId }) => itemId === 'picture');
    const url = `/users/${id}/messages/${picture?.id}/attachments`;
    const listed = picture === undefined ? [] : await listAttachments(restored.graph, url, async () => ({}));
    return { url, ids: listed.map((one) => one.id) };
  };
  const whole = await attachmentsIn(carla);
  // The worker of the lost life died before it had added the last one.
  await restored.graph.request({ method: 'DELETE', url: `${whole.url}/${whole.ids.at(-1)}` });
  await life.watchOf(backup).look(0);
  await sleep(1_100);
  await life.confirm(restored, 3);
  life.source.settledThrough = new Date(Date.now() + 60_000);
  await restored.finish();
  expect((await attachmentsIn(carla)).ids).toEqual(whole.ids.slice(0, -1));
  const states = `SELECT state, reason, user_id FROM delivery WHERE state <> 'imported'`;
  expect(await rowsOf(restored, states)).toEqual([
    { state: 'partially_imported', reason: 'found_unfinished', user_id: carla.id },
  ]);
  expect(await restored.counts(life.connectorId)).toEqual(await recount(restored.database.pool));

  await new CorrectionBench(restored, life.connectorId).correct(NUMBER);
  expect((await attachmentsIn(bruno)).ids).toHaveLength(whole.ids.length);
  expect((await attachmentsIn(carla)).ids).toEqual([]);
});

it('nothing is collected or sent before every mailbox is listed, and none is before requests of the lost life have ended', async () => {
  const { backup, sent } = await life.lostMapping();
  const restored = await life.engineOn(backup, 3600);
  await life.watchOf(backup).look(0);
  await life.confirm(restored, 3);
  await restored.settle();
  expect(await life.held(restored)).toEqual(sent);
  expect(await rowsOf(restored, 'SELECT paused_at IS NOT NULL AS paused FROM connector')).toEqual([{ paused: true }]);
  expect(await recoveringConnectors(restored.database.pool)).toMatchObject([{ comparedAt: null, mailboxes: 0 }]);
});

it('what was removed after it was listed, and what nobody is owed, is sent and told', async () => {
  const { backup } = await life.lostMapping();
  const restored = await life.engineOn(backup);
  const { pool } = restored.database;
  await life.watchOf(backup).look(0);
  await sleep(1_100);
  await life.confirm(restored, 3);
  const about = { organizationId: restored.organizationId, connectorId: life.connectorId };
  await compareMailboxes(restored.deps, about, new AbortController().signal);
  expect(await recoveringConnectors(pool)).toMatchObject([{ comparedAt: expect.any(Date), listed: 3, mailboxes: 3 }]);
  const copies = (await readMailboxes(restored.graph)).get(carla.id) ?? [];
  const removed = copies.find(({ itemId }) => itemId === 'after')?.id ?? '';
  // To the deleted items, and out of them.
  const message = `/users/${carla.id}/messages/${removed}`;
  for (const url of [message, message]) await restored.graph.request({ method: 'DELETE', url });
  // The source does not list the picture any more.
  life.source.listed.splice(
    life.source.listed.findIndex((item) => JSON.stringify(item).includes('"picture"')),
    1,
  );
  life.source.settledThrough = new Date(Date.now() + 60_000);
  await restored.finish();
  expect(await life.held(restored)).toEqual({
    [anna.surname]: ['after', 'before', 'picture'],
    [bruno.surname]: ['after', 'before'],
    [carla.surname]: ['picture'],
  });
  await finishRecovery(pool);
  expect(await foundElsewhereOf(pool, restored.organizationId, life.connectorId)).toEqual([
    { number: null, mailbox: anna.mail, copies: 1, from: null, to: null },
    { number: null, mailbox: carla.mail, copies: 1, from: null, to: null },
  ]);
});

it('what may be the copy of another participant is nobody’s: who is owed one gets it', async () => {
  // Dana's messages went to Carla then, and Bruno's to nobody.
  const { backup, sent } = await life.liveOn({ [dana.mobile ?? '']: carla.mail ?? '' }, () =>
    life.list('after', { recipients: [{ mobile: NUMBER, email: null, name: null }, partyOf(dana)] }),
  );
  expect(sent).toMatchObject({ [bruno.surname]: ['before'], [carla.surname]: ['after'] });
  const restored = await life.engineOn(backup);
  const { pool } = restored.database;
  await life.watchOf(backup).look(0);
  await sleep(1_100);
  await life.confirm(restored, 3);
  life.source.settledThrough = new Date(Date.now() + 60_000);
  await restored.finish();
  expect(await life.held(restored)).toMatchObject({ [bruno.surname]: ['after', 'before'], [carla.surname]: ['after'] });
  await finishRecovery(pool);
  expect(await foundElsewhereOf(pool, restored.organizationId, life.connectorId)).toMatchObject([
    { number: null, mailbox: carla.mail, copies: 1 },
  ]);
});

it('a mailbox that does not open holds up nobody, and is told', async () => {
  const { backup } = await life.lostMapping();
  const restored = await life.engineOn(backup);
  const { graph } = restored;
  const batch: Graph['batch'] = async (requests, options) => {
    const answers = await graph.batch(requests, options);
    const body = { error: { code: 'ErrorAccessDenied', message: 'Access is denied.' } };
    return answers.map((answer, index) =>
      requests[index]?.url.startsWith(`/users/${carla.id}/messages`) ? { ...answer, status: 403, body } : answer,
    );
  };
  Object.assign(restored.deps, { graph: () => ({ ...graph, batch }) });
  await life.watchOf(backup).look(0);
  await sleep(1_100);
  await life.confirm(restored, 3);
  const about = { organizationId: restored.organizationId, connectorId: life.connectorId };
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
