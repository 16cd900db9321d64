/** A live connector is limited to chosen mailboxes, and let free again: by proof alone. Against the sandbox. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { kestrelBank } from '#sandbox/world/tenants.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { testDatabase } from '#testing/services.ts';
import { control, insertConnector } from '../imports/connector.fixture.ts';
import type { Change } from '../queue/events.ts';
import { NotAllowed } from '../security/actor.ts';
import {
  lookAtMailboxLimit,
  type MailboxLimit,
  mailboxLimit,
  type SetMailboxLimitResult,
  setMailboxLimit,
} from './mailbox-limit.ts';
import { actorOf, openTestParts, type TestParts } from './set-up/parts.fixture.ts';

const grace = actorOf(alderByrne, 'Grace');
const [INSIDE, OUTSIDE] = ['ingrid.solberg@alderbyrne.example', 'olivia.chen@alderbyrne.example'];
const ALL: MailboxLimit = { mode: 'all', inside: null, outside: null };
const LIMITED: MailboxLimit = { mode: 'chosen', inside: INSIDE, outside: OUTSIDE };

let sandbox: TestSandbox;
let parts: TestParts;
let changes: Change[];
let connectorId: string;

beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());
beforeEach(async () => {
  const fresh = openTestParts(await testDatabase(), sandbox);
  parts = fresh;
  changes = [];
  connectorId = await insertConnector(parts.database.pool);
  return () => fresh.close();
});

/** What the tenant has granted: the directory, by Exchange the mailboxes given (null: no limit), and what else is named. */
const grant = (mailboxes: readonly string[] | null, ...more: readonly string[]) =>
  control(sandbox, 'PUT', `consents/${alderByrne.id}`, {
    permissions: ['User.Read.All', ...more],
    ...(mailboxes && { mailboxes }),
  });

const all = () => ({ ...parts, notify: (change: Change) => void changes.push(change) });
const set = (limit: MailboxLimit, seen?: MailboxLimit): Promise<SetMailboxLimitResult> =>
  setMailboxLimit(all(), grace, {
    connectorId,
    mode: limit.mode,
    inside: limit.inside ?? '',
    outside: limit.outside ?? '',
    ...(seen && { seen }),
  });
const inForce = () => mailboxLimit(parts.database.pool, grace, connectorId);

function saidOf(result: SetMailboxLimitResult): readonly string[] {
  if (!('proof' in result)) return [result.kind];
  const checks = result.proof.checks.map(({ check, result: found, problem }) => `${check} ${found} ${problem ?? ''}`);
  return [result.kind, ...checks.map((check) => check.trim())];
}

async function acts(): Promise<unknown[]> {
  const { rows } = await parts.database.pool.query(
    `SELECT actor_name AS by, action, detail FROM audit_entry WHERE target_id = $1 ORDER BY id`,
    [connectorId],
  );
  return rows;
}

/** Folders and messages of the mailbox inside. */
async function contents(): Promise<unknown> {
  const graph = parts.graphOf(alderByrne.id);
  const ask = async (what: string) =>
    (await graph.request({ method: 'GET', url: `/users/${INSIDE}/${what}?$top=50&$select=id` }, {})).body;
  return [await ask('mailFolders'), await ask('messages')];
}

it('is limited by one message inside the scope and a refusal outside, and let free by a consent for all', async () => {
  await grant([INSIDE], 'Mail.ReadWrite');
  expect(saidOf(await set(LIMITED))).toEqual([
    'not_proven',
    'consent failed unlimited',
    'directory not_run',
    'mailbox not_run',
    'outside not_run',
  ]);
  expect([await inForce(), await acts(), parts.jobs]).toEqual([ALL, [], []]);

  await grant([INSIDE]);
  const before = await contents();
  const typed = { ...LIMITED, inside: ` ${INSIDE.toUpperCase()}` };
  const passed = ['consent passed', 'directory passed', 'mailbox passed', 'outside passed'];
  expect(saidOf(await set(typed, ALL))).toEqual(['done', ...passed]);
  expect(await inForce()).toEqual(LIMITED);
  expect(await contents()).toEqual(before);
  expect(changes).toEqual([{ organizationId: alderByrne.id, connectorId, importId: null }]);
  // Who waits is looked at again: the scope may have what the connector could not open before.
  expect(parts.jobs).toEqual([
    { name: 'plan', connectorId },
    { name: 'release', connectorId },
  ]);
  expect(saidOf(await set(LIMITED))).toEqual(['unchanged', ...passed]);

  expect(saidOf(await set(ALL))[1]).toBe('consent waiting roles_missing');
  expect(await inForce()).toEqual(LIMITED);
  await grant(null, 'Mail.ReadWrite');
  expect(saidOf(await set(ALL))).toEqual(['done', 'consent passed', 'directory passed', 'mailbox passed']);
  expect(await inForce()).toEqual(ALL);
  const [by, action] = [grace.name, 'connector.mailboxes-changed'];
  expect(await acts()).toEqual([
    { by, action, detail: { before: 'all', after: 'chosen', inside: INSIDE, outside: OUTSIDE } },
    { by, action, detail: { before: 'chosen', after: 'all' } },
  ]);
});

it.each([
  ['the mailbox outside opens', [INSIDE, OUTSIDE], LIMITED, 'outside failed not_refused'],
  ['the mailbox inside is refused', [OUTSIDE], LIMITED, 'mailbox waiting out_of_scope'],
  ['no mailbox is named', [INSIDE], { ...LIMITED, inside: '' }, 'mailbox failed address_needed'],
] as const)('stays as it is where %s', async (_what, scope, limit, problem) => {
  await grant(scope);
  expect(saidOf(await set(limit))).toContain(problem);
  expect([await inForce(), await acts()]).toEqual([ALL, []]);
});

it('goes on where it stopped because the permission was taken away first, and its alert ends', async () => {
  await grant([INSIDE]);
  const { pool } = parts.database;
  const stop = (reason: string) =>
    pool.query(
      `WITH stopped AS (UPDATE connector SET stopped_at = now(), stopped_reason = $2 WHERE id = $1 RETURNING id)
       INSERT INTO alert (organization_id, connector_id, code, detail) SELECT $3, id, $2, '{}' FROM stopped`,
      [connectorId, reason, alderByrne.id],
    );
  const state = async () =>
    (
      await pool.query(
        `SELECT c.stopped_reason AS stopped, (SELECT count(*)::int FROM alert WHERE resolved_at IS NULL) AS alerts
         FROM connector c WHERE id = $1`,
        [connectorId],
      )
    ).rows;
  await stop('consent_missing');
  expect((await set(LIMITED)).kind).toBe('done');
  expect(await state()).toEqual([{ stopped: null, alerts: 0 }]);
  expect((await acts()).at(-1)).toMatchObject({ action: 'connector.stop-lifted' });
  // The same once more: nothing is to be changed, and what was proven ends the stop.
  await stop('consent_missing');
  expect((await set(LIMITED)).kind).toBe('unchanged');
  expect(await state()).toEqual([{ stopped: null, alerts: 0 }]);
  expect((await acts()).at(-1)).toMatchObject({ action: 'connector.stop-lifted' });
  // Whatever else it stopped for is not mended by this.
  await stop('invalid_credentials');
  await grant(null, 'Mail.ReadWrite');
  expect((await set(ALL)).kind).toBe('done');
  expect(await state()).toEqual([{ stopped: 'invalid_credentials', alerts: 1 }]);
});

it('tells who was faster, and what is in force', async () => {
  await grant([INSIDE]);
  await set(LIMITED);
  await grant(null, 'Mail.ReadWrite');
  expect(await set(ALL, ALL)).toEqual({ kind: 'changed_meanwhile', by: grace.name, now: LIMITED });
  expect(await inForce()).toEqual(LIMITED);
});

describe('a look before the choice', () => {
  it('says what stands in its way, with the object id for Exchange, and writes nothing', async () => {
    await grant([INSIDE], 'Mail.ReadWrite');
    const before = await contents();
    const look = await lookAtMailboxLimit(all(), grace, { connectorId, mode: 'chosen' });
    expect(look?.proof.checks[0]).toMatchObject({ check: 'consent', result: 'failed', problem: 'unlimited' });
    expect(look?.objectId).toMatch(/^[0-9a-f-]{36}$/);
    expect([await contents(), await inForce(), await acts()]).toEqual([before, ALL, []]);
  });
});

it('is the matter of an administrator of the organization', async () => {
  const ingrid = actorOf(alderByrne, 'Ingrid', ['DataConnectors.Auditor']);
  const choice = { connectorId, mode: 'all', inside: '', outside: '' } as const;
  await expect(setMailboxLimit(all(), ingrid, choice)).rejects.toThrow(NotAllowed);
  await expect(lookAtMailboxLimit(all(), ingrid, choice)).rejects.toThrow(NotAllowed);
  const [stranger] = kestrelBank.people;
  if (stranger === undefined) throw new Error('nobody');
  const theirs = actorOf(kestrelBank, stranger.givenName);
  expect(await setMailboxLimit(all(), theirs, choice)).toEqual({ kind: 'not_found' });
  expect(await lookAtMailboxLimit(all(), theirs, choice)).toBeNull();
  expect(await mailboxLimit(parts.database.pool, theirs, connectorId)).toBeNull();
});
