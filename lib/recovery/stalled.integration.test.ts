/** Mailboxes that cannot be listed after a restore: those that do not answer hold the connector, and those that are closed to us do not. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { SYSTEM } from '../audit/entries.ts';
import { seededActor } from '../connectors/rows.fixture.ts';
import { openAlerts } from '../imports/alerts.ts';
import { resumeConnector } from '../imports/commands.ts';
import type { Engine } from '../imports/engine.fixture.ts';
import type { Graph } from '../microsoft/graph.ts';
import type { Role } from '../security/roles.ts';
import { compareMailboxes, dispatchComparisons } from './compare.ts';
import { finishRecovery } from './finish.ts';
import { foundElsewhereOf } from './found.ts';
import { anna, bruno, carla, LostLife, NUMBER, rowsOf } from './lost-life.fixture.ts';
import { passOverMailboxes } from './pass-over.ts';
import { recoveringConnectors } from './standing.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

let life: LostLife;
let restored: Engine;
beforeEach(async () => {
  life = await LostLife.begin(sandbox);
});
afterEach(() => life.end());

/** Confirmed, with the first requests of the lost life over. */
async function restore(backup: string, before: (engine: Engine) => Promise<void> = async () => {}): Promise<void> {
  restored = await life.engineOn(backup);
  await before(restored);
  await life.watchOf(backup).look(0);
  await sleep(1_100);
  await life.confirm(restored, 3);
}

/** Answers of Graph for some people, for paths that begin so. */
function refuse(whom: readonly Person[], path: string, status: number, code: string): void {
  const { graph } = restored;
  const batch: Graph['batch'] = async (requests, options) => {
    const answers = await graph.batch(requests, options);
    const body = { error: { code, message: 'Not now.' } };
    return answers.map((answer, index) =>
      whom.some(({ id }) => requests[index]?.url.startsWith(`/users/${id}/${path}`))
        ? { ...answer, status, body, headers: { 'retry-after': '60' } }
        : answer,
    );
  };
  Object.assign(restored.deps, { graph: () => ({ ...graph, batch }) });
}

/** How often the organization was asked whether it lets us in. */
function countPermission(): { readonly asked: () => number; readonly answer: (may: boolean) => void } {
  let asked = 0;
  let answer = true;
  const mayWriteMail = async () => {
    asked += 1;
    return answer;
  };
  Object.assign(restored.deps, { mayWriteMail });
  return {
    asked: () => asked,
    answer: (may) => {
      answer = may;
    },
  };
}

const about = () => ({ organizationId: restored.organizationId, connectorId: life.connectorId });
const compare = () => compareMailboxes(restored.deps, about(), new AbortController().signal);
const alerts = async (role: Role = 'DataConnectors.Admin') => {
  const open = await openAlerts(restored.database.pool, seededActor(restored.organizationId, [role]), life.connectorId);
  return Object.fromEntries(open.map(({ code, mailboxes }) => [code, mailboxes]));
};
const problems = () => rowsOf(restored, 'SELECT problem FROM recovery_mailbox WHERE problem IS NOT NULL');

it('a mailbox that never answers is told by name after an hour, and the operator goes on without it', async () => {
  await restore((await life.lostMapping()).backup);
  const { pool } = restored.database;
  refuse([carla], 'messages', 503, 'ServiceUnavailable');
  const passOver = () =>
    passOverMailboxes(pool, { ...SYSTEM, organizationId: restored.organizationId }, life.connectorId, 'It is moved.');
  // Its mailboxes are not known yet: nothing would be listed at all.
  expect(await passOver()).toBe('not_known');
  await compare();
  await dispatchComparisons(restored.deps);
  expect(Object.keys(await alerts())).toEqual(['restored']);
  expect(await passOver()).toBe('not_stalled');
  expect(await recoveringConnectors(pool)).toMatchObject([{ comparedAt: null, listed: 2, stalled: false }]);

  const hoursAgo = (column: string) => `${column} = ${column} - interval '2 hours'`;
  await pool.query(`UPDATE recovery_connector SET ${['named_at', 'tried_at', 'compare_at'].map(hoursAgo)}`);
  await pool.query(`UPDATE recovery_mailbox SET ${['listed_at', 'answered_at', 'asked_at'].map(hoursAgo)}`);
  // No worker has asked since.
  await dispatchComparisons(restored.deps);
  expect(Object.keys(await alerts())).toEqual(['restored']);
  await compare();
  await dispatchComparisons(restored.deps);
  expect(await alerts()).toEqual({ restored: null, compare_stalls: { named: [carla.mail], more: 0 } });
  expect(await alerts('DataConnectors.Reader')).toEqual({ restored: null, compare_stalls: null });
  expect(await recoveringConnectors(pool)).toMatchObject([{ comparedAt: null, stalled: true }]);

  expect(await passOver()).toBe(1);
  expect(await passOver()).toBe('none_left');
  await compare();
  expect(await rowsOf(restored, 'SELECT paused_at, recovery_id FROM connector')).toEqual([
    { paused_at: null, recovery_id: null },
  ]);
  expect(await alerts()).toEqual({ restored: null, not_compared: { named: [carla.mail], more: 0 } });
  expect(await rowsOf(restored, `SELECT detail FROM audit_entry WHERE action = 'recovery.passed-over'`)).toEqual([
    { detail: { mailboxes: 1, reason: 'It is moved.' } },
  ]);
});

it('an address outside of our scope is named, and the organization is asked once for all that are closed', async () => {
  await restore((await life.lostMapping()).backup);
  refuse([carla], 'mailFolders', 403, 'ErrorAccessDenied');
  const permission = countPermission();
  await compare();
  expect([permission.asked(), await problems()]).toEqual([1, [{ problem: 'mailbox_closed' }]]);
  expect((await alerts()).not_compared).toEqual({ named: [carla.mail], more: 0 });
});

it('mailboxes that refuse us are through where the organization lets us in, and not where it does not', async () => {
  await restore((await life.lostMapping()).backup);
  refuse([anna, bruno], 'messages', 403, 'ErrorAccessDenied');
  const permission = countPermission();
  permission.answer(false);
  await compare();
  expect([permission.asked(), await problems()]).toEqual([1, []]);
  expect(await rowsOf(restored, 'SELECT stopped_reason FROM connector')).toEqual([
    { stopped_reason: 'consent_missing' },
  ]);

  await restored.database.pool.query('UPDATE connector SET stopped_at = NULL, stopped_reason = NULL');
  // Its milliseconds are rounded, and may be a moment ahead.
  await restored.database.pool.query(`UPDATE recovery_connector SET compare_at = now() - interval '1 second'`);
  permission.answer(true);
  await compare();
  expect(permission.asked()).toBe(2);
  expect(await problems()).toEqual([{ problem: 'mailbox_closed' }, { problem: 'mailbox_closed' }]);
  expect((await alerts()).not_compared).toEqual({ named: [anna.mail, bruno.mail].sort(), more: 0 });
});

it('of a connector that was paused at the backup nothing counts as found elsewhere before its time is collected', async () => {
  const { backup, sent } = await life.lostMapping();
  await restore(backup, async ({ database }) => {
    await database.pool.query(`UPDATE connector SET paused_at = now(), paused_by = 'Grace'`);
  });
  const { pool } = restored.database;
  await restored.settle();
  await finishRecovery(pool);
  expect(await recoveringConnectors(pool)).toEqual([]);
  expect(await rowsOf(restored, 'SELECT recovery_id, paused_by FROM connector')).toEqual([
    { recovery_id: null, paused_by: 'Grace' },
  ]);
  const found = () => foundElsewhereOf(pool, restored.organizationId, life.connectorId);
  expect([await found(), await alerts(), await life.held(restored)]).toEqual([[], {}, sent]);

  const admin = seededActor(restored.organizationId, ['DataConnectors.Admin']);
  await resumeConnector(restored.deps, admin, life.connectorId);
  life.source.settledThrough = new Date(Date.now() + 60_000);
  await restored.finish();
  expect(await life.held(restored)).toEqual(sent);
  // A copy that nobody is owed, and that the recovery to come does not list again.
  await pool.query(
    `INSERT INTO recovery_copy (source_id, property, user_id, message_id, organization_id, recovery_id, source_item_id)
     SELECT source_id, 'nobody''s', $1, 'a message', organization_id, recovery_id, 'nobody''s' FROM recovery_copy LIMIT 1`,
    [carla.id],
  );
  // Restored once more meanwhile: nothing is judged before its mailboxes are listed, too.
  await pool.query(
    `WITH r AS (INSERT INTO recovery (cause, since, found_at, doubtful_until)
       SELECT cause, since, found_at, doubtful_until FROM recovery RETURNING id)
     INSERT INTO recovery_connector (recovery_id, connector_id, organization_id, was_paused)
     SELECT r.id, $1, $2, false FROM r`,
    [life.connectorId, restored.organizationId],
  );
  await finishRecovery(pool);
  expect(await alerts()).toEqual({});
  await pool.query('UPDATE recovery_connector SET compared_at = now() WHERE compared_at IS NULL');
  await finishRecovery(pool);
  expect(await found()).toMatchObject([
    { number: NUMBER, mailbox: carla.mail, copies: 2 },
    { number: null, mailbox: carla.mail, copies: 1 },
  ]);
  expect(await alerts()).toEqual({ found_elsewhere: null });
  await finishRecovery(pool);
  expect(await rowsOf(restored, 'SELECT count(*)::int FROM recovery_copy')).toEqual([{ count: 3 }]);
});
