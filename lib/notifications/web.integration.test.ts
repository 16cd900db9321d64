/** Webhooks and heartbeats at a receiver. */
import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { seedAlert, seededActor, seedRun } from '../connectors/rows.fixture.ts';
import { testNotices } from './send-test.ts';
import { notificationSettings, type SetNotices, setHeartbeat, setWebhook } from './settings.ts';
import { sweepNotifications } from './sweep.ts';
import { createWeb } from './web.ts';
import {
  adminOf,
  age,
  aMinuteAfterTheTest,
  depsOf,
  dueNow,
  endAlerts,
  mailsOf,
  nameOf,
  notificationWorld,
  roundOf,
  settingsOf,
} from './world.fixture.ts';

const world = notificationWorld();
const deps = (hosts?: readonly string[]) => depsOf(world, hosts);
const admin = () => adminOf(world);
const round = () => roundOf(world);
const _name = (addresses: string[], change: Partial<SetNotices> = {}) => nameOf(world, addresses, change);
const _mails = () => mailsOf(world);

/** By a program that shares no code with this one. */
function signatureByOpenssl(secret: string, signed: string): string {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64').toString('hex');
  const digest = execFileSync('openssl', ['dgst', '-sha256', '-mac', 'HMAC', '-macopt', `hexkey:${key}`, '-binary'], {
    input: signed,
  });
  return digest.toString('base64');
}

it('posts a webhook that its receiver can verify, and nothing where an address must not be reached', async () => {
  const set = await setWebhook(deps(), admin(), {
    connectorId: world.connector.id,
    url: `https://${world.outside.host}/hook?key=1`,
  });
  if (set.kind !== 'done' || set.secret === null) throw new Error(set.kind);
  await seedAlert(world.database.pool, world.connector, 'does_not_balance');
  await round();
  const [call] = world.outside.calls;
  expect(call).toMatchObject({ method: 'POST', path: '/hook?key=1' });
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = call?.headers ?? {};
  expect(signature).toBe(`v1,${signatureByOpenssl(set.secret, `${id}.${at}.${call?.body}`)}`);
  expect(at).toBe(String(world.now.getTime() / 1000));
  expect(JSON.parse(call?.body ?? '')).toMatchObject({
    id,
    kind: 'began',
    event: 'does_not_balance',
    connector: { id: world.connector.id, name: 'Sales' },
    link: `https://portal.example/connectors/${world.connector.id}`,
  });
  const { rows } = await world.database.pool.query('SELECT * FROM notification_setting WHERE connector_id = $1', [
    world.connector.id,
  ]);
  expect(JSON.stringify(rows)).not.toMatch(/whsec|key=1/);
  expect(JSON.stringify(await settingsOf(world))).not.toMatch(/whsec|key=1/);
});

it('a host that the operator does not list is refused when it is set, and when it is no longer listed', async () => {
  const url = `https://${world.outside.host}/hook`;
  const choice = { connectorId: world.connector.id, url };
  expect(await setWebhook(deps([]), admin(), choice)).toEqual({ kind: 'refused', reason: 'host_not_allowed' });
  await setWebhook(deps(), admin(), choice);
  expect(await testNotices(deps([]), admin(), world.connector.id)).toMatchObject([{ ok: false }]);
  await aMinuteAfterTheTest(world);
  // Listed, but not as one with an address of this machine.
  const asPublic = { ...deps(), web: createWeb({ hosts: [world.outside.host], privateHosts: [] }) };
  expect(await testNotices(asPublic, admin(), world.connector.id)).toMatchObject([
    { ok: false, answer: 'The host has an address that requests may not go to' },
  ]);
  expect(world.outside.calls).toEqual([]);
});

it('a receiver that repeats the address gives it to nobody, and a reader sees no answer and no host of the operator', async () => {
  await setWebhook(deps(), admin(), {
    connectorId: world.connector.id,
    url: `https://${world.outside.host}/hook?key=1`,
  });
  await seedAlert(world.database.pool, world.connector, 'keeps_failing');
  world.outside.answer = { status: 404, body: 'Cannot POST /hook?key=1, nor /hook' };
  await round();
  const { notices, allowedHosts } = await settingsOf(world);
  expect(notices[0]?.answer).toBe('HTTP 404 Cannot POST …, nor …');
  expect(allowedHosts).toEqual([world.outside.host]);
  const seen = await notificationSettings(deps(), seededActor(world.organizationId), world.connector.id);
  expect([seen.notices[0]?.answer, seen.allowedHosts]).toEqual([null, []]);
});

it('follows no redirect, and reads no answer without an end', async () => {
  await setWebhook(deps(), admin(), { connectorId: world.connector.id, url: `https://${world.outside.host}/hook` });
  world.outside.answer = { status: 307, headers: { location: `https://${world.outside.host}/elsewhere` } };
  expect(await testNotices(deps(), admin(), world.connector.id)).toMatchObject([
    { ok: false, answer: 'HTTP 307 (redirects are not followed) ok' },
  ]);
  expect(world.outside.calls.map(({ path }) => path)).toEqual(['/hook']);
  world.outside.answer = { status: 200, body: 'x'.repeat(5_000_000) };
  await aMinuteAfterTheTest(world);
  const [answer] = (await testNotices(deps(), admin(), world.connector.id)) as { ok: boolean; answer: string }[];
  expect([answer?.ok, answer?.answer.length]).toEqual([true, 300]);
});

it('asks for the heartbeat once after each complete import, and not while something is wrong', async () => {
  await setHeartbeat(deps(), admin(), { connectorId: world.connector.id, url: `https://${world.outside.host}/beat` });
  await round();
  expect(world.outside.calls).toEqual([]);
  await seedRun(world.database.pool, world.connector, { day: 0, phase: 'completed' });
  await round();
  await round();
  expect(world.outside.calls.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /beat']);
  await seedAlert(world.database.pool, world.connector, 'keeps_failing');
  await seedRun(world.database.pool, world.connector, { day: 1, phase: 'completed' });
  await round();
  expect(world.outside.calls).toHaveLength(1);
  await endAlerts(world);
  await round();
  expect(world.outside.calls).toHaveLength(2);
});

it('a webhook that moved within its host inherits nothing; one whose secret is renewed does', async () => {
  const set = (path: string) =>
    setWebhook(deps(), admin(), { connectorId: world.connector.id, url: `https://${world.outside.host}${path}` });
  await set('/old');
  await seedAlert(world.database.pool, world.connector, 'keeps_failing');
  world.outside.answer = { status: 400 };
  await round();
  await endAlerts(world);
  await seedAlert(world.database.pool, world.connector, 'overdue');
  await sweepNotifications(deps(), world.organizationId);
  await set('/new');
  world.outside.forget();
  await dueNow(world);
  await round();
  // What is open is told to the new address; what waited for the old one is not.
  expect(world.outside.calls.map(({ path, body }) => [path, JSON.parse(body).kind, JSON.parse(body).subject])).toEqual([
    ['/new', 'began', 'overdue'],
  ]);
  await endAlerts(world);
  await sweepNotifications(deps(), world.organizationId);
  await set('/new');
  await round();
  expect(world.outside.calls.map(({ path, body }) => [path, JSON.parse(body).kind])).toEqual([
    ['/new', 'began'],
    ['/new', 'ended'],
  ]);
});

it('sends the newest heartbeat only, and none that is late or no longer true', async () => {
  const set = () =>
    setHeartbeat(deps(), admin(), { connectorId: world.connector.id, url: `https://${world.outside.host}/beat` });
  const states = async () => {
    const { rows } = await world.database.pool.query<{ state: string; number: number }>(
      `SELECT state, (content->>'import')::int AS number FROM notice WHERE organization_id = $1 ORDER BY 2`,
      [world.organizationId],
    );
    return rows.map(({ number, state }) => `${number} ${state}`);
  };
  await set();
  world.outside.answer = { status: 500 };
  await seedRun(world.database.pool, world.connector, { day: 0, phase: 'completed' });
  await round();
  await seedRun(world.database.pool, world.connector, { day: 1, phase: 'completed' });
  await round();
  expect(await states()).toEqual(['1 superseded', '2 pending']);
  await seedAlert(world.database.pool, world.connector, 'keeps_failing');
  world.outside.forget();
  await dueNow(world);
  await round();
  expect([await states(), world.outside.calls]).toEqual([['1 superseded', '2 superseded'], []]);
  await endAlerts(world);
  world.outside.answer = { status: 500 };
  await seedRun(world.database.pool, world.connector, { day: 2, phase: 'completed' });
  await round();
  await age(world, 2);
  world.outside.forget();
  await round();
  expect([(await states()).at(-1), world.outside.calls]).toEqual(['3 superseded', []]);
});
