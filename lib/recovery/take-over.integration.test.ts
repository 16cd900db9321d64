/** What happens beside a takeover: its worker dies between two of its steps, or somebody else is faster. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import type { Engine } from '../imports/engine.fixture.ts';
import { recount } from '../imports/ledger.fixture.ts';
import { releaseWaiting } from '../imports/release.ts';
import { shardOf } from '../imports/shards.ts';
import type { FoundMessage } from '../imports/store/doubt.ts';
import type { Graph } from '../microsoft/graph.ts';
import { errorOfAnswer } from '../microsoft/graph-errors.ts';
import { compareMailboxes } from './compare.ts';
import { anna, bruno, carla, LostLife, NUMBER, rowsOf } from './lost-life.fixture.ts';
import { purgeListings } from './purge-listings.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

let life: LostLife;
let restored: Engine;
/** what takeovers came to */
let results: string[];
beforeEach(async () => {
  life = await LostLife.begin(sandbox);
  results = [];
});
afterEach(() => life.end());

const never = new AbortController().signal;
const about = () => ({ organizationId: restored.organizationId, connectorId: life.connectorId });

/** @param between the first takeover's steps: the copy is nobody's then */
async function restore(backup: string, between: () => Promise<void>): Promise<void> {
  restored = await life.engineOn(backup);
  const { ledger } = restored.deps;
  let isFirst = true;
  const takeOverListed: typeof ledger.takeOverListed = async (...asked) => {
    if (isFirst) {
      isFirst = false;
      await between();
    }
    const result = await ledger.takeOverListed(...asked);
    results.push(result);
    return result;
  };
  Object.assign(restored.deps, { ledger: { ...ledger, takeOverListed } });
  await life.watchOf(backup).look(0);
  await sleep(1_100);
  await life.confirm(restored, 3);
  life.source.settledThrough = new Date(Date.now() + 60_000);
}

it('a takeover that dies between its steps leaves a copy that is given its mailbox, and looked for, again', async () => {
  const { backup, sent } = await life.lostMapping();
  let between: unknown;
  await restore(backup, async () => {
    between = await rowsOf(
      restored,
      `SELECT user_id FROM delivery WHERE state = 'waiting' AND reason = 'found_elsewhere'`,
    );
    throw new Error('died');
  });
  await restored.finish();
  expect(between).toEqual([{ user_id: null }]);
  // As the reconciler does once an hour.
  await releaseWaiting(restored.deps, restored.organizationId, life.connectorId, never);
  await restored.finish();
  expect(await life.held(restored)).toEqual(sent);
  expect(results).toEqual(['adopted', 'adopted']);
  expect(await restored.counts(life.connectorId)).toEqual(await recount(restored.database.pool));
});

it('a copy that was given its mailbox between the steps is not written over: it is looked for once more', async () => {
  const { backup, sent } = await life.lostMapping();
  await restore(backup, async () => {
    expect(await releaseWaiting(restored.deps, restored.organizationId, life.connectorId, never)).toBe(1);
  });
  await restored.finish();
  expect(results).toEqual(['changed', 'adopted', 'adopted']);
  expect(await life.held(restored)).toEqual(sent);

  // Another participant's copy of the same item, which is imported elsewhere, comes too late: whose it is stays written.
  const { pool } = restored.database;
  const { rows } = await pool.query<{
    found: FoundMessage;
    archivedAt: Date;
    itemId: string;
    sourceId: string;
    property: string;
  }>(
    `SELECT d.archived_at AS "archivedAt", d.item_id AS "itemId", d.source_id AS "sourceId", f.property,
       jsonb_build_object('deliveryId', other.id::text, 'userId', f.user_id, 'messageId', f.message_id, 'state', 'imported') AS found
     FROM recovery_copy f JOIN delivery d ON d.archived_at = f.archived_at AND d.id = f.delivery_id
     JOIN delivery other ON other.archived_at = d.archived_at AND other.item_id = d.item_id AND other.id <> d.id`,
  );
  expect(rows).toHaveLength(2);
  for (const { found, property, ...delivery } of rows) {
    const late = { ...found, reason: null };
    const { ledger } = restored.deps;
    expect(await ledger.takeOverListed(restored.organizationId, delivery, property, late)).toBe('changed');
  }
  expect(
    await rowsOf(restored, `SELECT count(delivery_id)::int FROM recovery_copy WHERE user_id = '${carla.id}'`),
  ).toEqual([{ count: 2 }]);
});

it('where another phone’s copy has the place in that mailbox, it is not taken over, and not asked for again', async () => {
  const { backup } = await life.liveOn({ [NUMBER]: carla.mail ?? '' }, () => life.list('after', { messageKey: 'k' }));
  await restore(backup, async () => {
    await restored.database.pool.query(
      `INSERT INTO message_twin (source_id, message_key, user_id, item_id, archived_at, organization_id)
       SELECT source_id, 'k', $1, id, archived_at, organization_id FROM item WHERE source_item_id = 'before'`,
      [carla.id],
    );
  });
  await restored.finish();
  await releaseWaiting(restored.deps, restored.organizationId, life.connectorId, never);
  await restored.finish();
  expect(results).toEqual(['twin']);
  expect(await rowsOf(restored, `SELECT refused FROM recovery_copy WHERE user_id = '${carla.id}'`)).toEqual([
    { refused: true },
  ]);
  expect(await life.held(restored)).toEqual({
    [anna.surname]: ['after', 'before'],
    [bruno.surname]: ['after', 'before'],
    [carla.surname]: ['after'],
  });
});

it('a mailbox that had a copy when it was listed, and does not open now, is no word: nothing is sent meanwhile', async () => {
  const { backup, sent } = await life.lostMapping();
  await restore(backup, async () => {});
  await compareMailboxes(restored.deps, about(), never);
  const { graph } = restored;
  let isClosed = true;
  const body = { error: { code: 'ErrorAccessDenied', message: 'Access is denied.' } };
  const refusal = errorOfAnswer({ status: 403, headers: {}, body }, 'GET', new Date());
  const request: Graph['request'] = async (asked, options) => {
    if (isClosed && asked.url.startsWith(`/users/${carla.id}/messages`)) throw refusal;
    return graph.request(asked, options);
  };
  Object.assign(restored.deps, { graph: () => ({ ...graph, request }) });
  await restored.finish();
  isClosed = false;
  expect(await life.held(restored)).toEqual(sent);
  expect(results).toEqual([]);
  const failed = `SELECT DISTINCT state, reason FROM delivery WHERE state <> 'imported'`;
  expect(await rowsOf(restored, failed)).toEqual([{ state: 'failed', reason: 'access_denied' }]);

  // However long ago: what may still be sent is looked for where it was listed.
  const { pool } = restored.database;
  await pool.query(`UPDATE recovery SET ended_at = '2000-01-01'`);
  await purgeListings(pool, 1, new Date());
  expect(await rowsOf(restored, 'SELECT DISTINCT source_item_id AS item FROM recovery_copy ORDER BY 1')).toEqual([
    { item: 'after' },
    { item: 'picture' },
  ]);
});

/** Carla's mailbox answers one request so, whose path begins so. */
function answerOnce(path: string, status: number, code: string, headers: Record<string, string> = {}): () => number {
  const { graph } = restored;
  const body = { error: { code, message: 'Not now.' } };
  let count = 0;
  const request: Graph['request'] = async (asked, options) => {
    if (count > 0 || !asked.url.startsWith(`/users/${carla.id}/messages`) || !asked.url.includes(path)) {
      return graph.request(asked, options);
    }
    count += 1;
    throw errorOfAnswer({ status, headers, body }, 'GET', new Date());
  };
  Object.assign(restored.deps, { graph: () => ({ ...graph, request }) });
  return () => count;
}

it('a mailbox that goes while its copy is read is not that of the participant: who is owed it gets it', async () => {
  const { backup } = await life.lostMapping();
  await restore(backup, async () => {});
  await compareMailboxes(restored.deps, about(), never);
  const answered = answerOnce('/attachments', 404, 'MailboxNotEnabledForRESTAPI');
  await restored.finish();
  expect(answered()).toBe(1);
  expect(await rowsOf(restored, 'SELECT DISTINCT state, reason FROM delivery')).toEqual([
    { state: 'imported', reason: null },
  ]);
  expect(await life.held(restored)).toMatchObject({ [bruno.surname]: ['before', 'picture'] });
});

it('where the mailbox that is asked is to be left alone, it is that one, and not the participant’s', async () => {
  const { backup, sent } = await life.lostMapping();
  await restore(backup, async () => {});
  await compareMailboxes(restored.deps, about(), never);
  const answered = answerOnce('', 429, 'ErrorMailboxThrottled', { 'retry-after': '1' });
  await restored.finish();
  expect(answered()).toBe(1);
  expect(await rowsOf(restored, 'SELECT user_id, shard FROM mailbox_pause')).toEqual([
    { user_id: carla.id, shard: shardOf(carla.id) },
  ]);
  expect(await life.held(restored)).toEqual(sent);
});
