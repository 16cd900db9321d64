/** Notifications from a condition in the database to a mail at a server: told once, over once, whoever sends. */
import { createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { smtpServer } from '#sandbox/outside/smtp.ts';
import { serverTls } from '#sandbox/tls.ts';
import { testDatabase } from '#testing/services.ts';
import {
  dayOf,
  type SeededConnector,
  seedAlert,
  seedConnector,
  seededActor,
  seedOrganization,
  seedRun,
} from '../connectors/rows.fixture.ts';
import { type Database, openDatabase } from '../db.ts';
import { NotAllowed } from '../security/actor.ts';
import { parseKeyRing } from '../security/keyring.ts';
import { createMailer } from './mail.ts';
import { type OutsideWorld, outsideOfTest } from './outside.fixture.ts';
import { dispatchNotifications, type NotificationDeps, tellPeople } from './run.ts';
import { sendNotices } from './send.ts';
import {
  type NotificationParts,
  notificationSettings,
  type SetNotices,
  setHeartbeat,
  setNotices,
  setWebhook,
  testNotices,
} from './settings.ts';
import { forgetChannels } from './store.ts';
import { sweepNotifications } from './sweep.ts';
import { createWeb } from './web.ts';

const KEY_RING = parseKeyRing(`test:${randomBytes(32).toString('base64')}`);

const SMTP = {
  SMTP_HOST: 'localhost',
  SMTP_SECURITY: 'starttls',
  SMTP_USER: undefined,
  SMTP_PASSWORD: undefined,
  SMTP_FROM: 'portal@x.example',
} as const;

let database: Database;
let outside: OutsideWorld;
beforeAll(async () => {
  database = openDatabase(await testDatabase());
  outside = await outsideOfTest();
});
afterAll(async () => {
  await outside.stop();
  await database.prisma.$disconnect();
  await database.pool.end();
});

let organizationId: string;
let connector: SeededConnector;
let now: Date;
let appEnds: Date | null;
beforeEach(async () => {
  outside.forget();
  now = new Date('2026-11-26T09:00:00Z');
  appEnds = null;
  organizationId = await seedOrganization(database.pool);
  connector = await seedConnector(database.pool, organizationId, 'Sales');
});

function deps(hosts: readonly string[] = [outside.host]): NotificationDeps & NotificationParts {
  return {
    pool: database.pool,
    now: () => now,
    log: pino({ level: 'silent' }),
    keyRing: KEY_RING,
    portalUrl: 'https://portal.example',
    appCredentialEnds: () => appEnds,
    mailer: createMailer({ ...SMTP, SMTP_PORT: outside.smtpPort }),
    web: createWeb({ hosts: [], privateHosts: hosts }),
    allowedHosts: hosts,
  };
}

const admin = () => seededActor(organizationId, ['DataConnectors.Admin']);
const never = new AbortController().signal;
const round = () => tellPeople(deps(), organizationId, never);
const name = (addresses: string[], change: Partial<SetNotices> = {}) =>
  setNotices(deps(), admin(), {
    connectorId: connector.id,
    addresses,
    waitingAbove: 0,
    dailySummary: false,
    summaryHour: 6,
    ...change,
  });
/** Subjects of the mails so far, sorted, with who got each. */
async function mails(): Promise<string[]> {
  // A mail is parsed after it was acknowledged.
  await new Promise((done) => setTimeout(done, 50));
  return outside.mails.map(({ recipient, subject }) => `${recipient} ${subject}`).sort();
}
const endAlerts = () =>
  database.pool.query('UPDATE alert SET resolved_at = now() WHERE connector_id = $1', [connector.id]);
const dueNow = () =>
  database.pool.query(`UPDATE notice SET next_attempt_at = now() - interval '1 second' WHERE organization_id = $1`, [
    organizationId,
  ]);

it('tells an open condition once to each address, and its end once', async () => {
  await name(['ada@x.example', 'ben@x.example']);
  await seedAlert(database.pool, connector, 'keeps_failing');
  for (let minute = 0; minute < 3; minute++) await round();
  expect(await mails()).toEqual(['ada@x.example Import failed: Sales', 'ben@x.example Import failed: Sales']);
  outside.forget();
  await endAlerts();
  for (let minute = 0; minute < 3; minute++) await round();
  expect(await mails()).toEqual([
    'ada@x.example Recovered: Import failed: Sales',
    'ben@x.example Recovered: Import failed: Sales',
  ]);
  outside.forget();
  await seedAlert(database.pool, connector, 'keeps_failing');
  await round();
  expect(await mails()).toHaveLength(2);
});

it('an alert that stays open does not keep that of a later day from being told', async () => {
  await name(['ada@x.example']);
  await seedAlert(database.pool, connector, 'does_not_balance');
  await database.pool.query(`UPDATE alert SET raised_at = raised_at - interval '1 day' WHERE connector_id = $1`, [
    connector.id,
  ]);
  await round();
  outside.forget();
  const { rows } = await database.pool.query<{ id: string }>(
    `INSERT INTO import_window (organization_id, connector_id, starts_at, ends_at) VALUES ($1, $2, $3, $4) RETURNING id`,
    [organizationId, connector.id, dayOf(0), dayOf(1)],
  );
  await database.pool.query(
    `INSERT INTO alert (organization_id, connector_id, window_id, code) VALUES ($1, $2, $3, 'does_not_balance')`,
    [organizationId, connector.id, rows[0]?.id],
  );
  await round();
  await round();
  expect(await mails()).toEqual(['ada@x.example Does not balance: Sales']);
});

it('carries the notice’s id in every attempt, and nothing that a program would answer', async () => {
  await name(['ada@x.example']);
  await seedAlert(database.pool, connector, 'keeps_failing');
  outside.mailFails = true;
  await round();
  const [before] = (await notificationSettings(deps(), admin(), connector.id)).notices;
  expect(before).toMatchObject({ state: 'pending', attempts: 1, answer: expect.stringContaining('451') });
  outside.mailFails = false;
  await dueNow();
  await round();
  await mails();
  const [mail] = outside.mails;
  const header = (key: string) => mail?.headers.find((one) => one.key === key)?.value;
  expect(mail?.messageId).toBe(`<${before?.id}@x.example>`);
  expect([header('x-notice-id'), header('auto-submitted')]).toEqual([before?.id, 'auto-generated']);
  expect((await notificationSettings(deps(), admin(), connector.id)).notices[0]?.state).toBe('sent');
});

it('that something is over is not told before that it began', async () => {
  await name(['ada@x.example']);
  await seedAlert(database.pool, connector, 'keeps_failing');
  outside.mailFails = true;
  await round();
  outside.mailFails = false;
  await endAlerts();
  await round();
  expect(await mails()).toEqual([]);
  await dueNow();
  await round();
  await round();
  await mails();
  const told = outside.mails.map(({ subject }) => subject);
  expect(told.toSorted()).toEqual(['Import failed: Sales', 'Recovered: Import failed: Sales']);
  const { notices } = await notificationSettings(deps(), admin(), connector.id);
  expect(notices.map(({ state }) => state)).toEqual(['sent', 'sent']);
});

it('sends each notice once where two workers run at once', async () => {
  await name(['ada@x.example', 'ben@x.example', 'cleo@x.example']);
  for (const code of ['keeps_failing', 'overdue', 'does_not_balance', 'lost_at_source']) {
    await seedAlert(database.pool, connector, code);
  }
  await Promise.all([round(), round(), round(), round()]);
  await round();
  const subjects = await mails();
  expect(subjects).toHaveLength(12);
  expect(new Set(outside.mails.map(({ messageId }) => messageId)).size).toBe(12);
});

it('is the notice’s alone who sends it, while it does', async () => {
  await name(['ada@x.example']);
  await seedAlert(database.pool, connector, 'keeps_failing');
  await sweepNotifications(deps(), organizationId);
  let sent = 0;
  const sending: NotificationDeps = {
    ...deps(),
    mailer: {
      send: async () => {
        sent++;
        if (sent === 1) await sendNotices(sending, organizationId, never);
        return { ok: true, answer: '250' };
      },
    },
  };
  await sendNotices(sending, organizationId, never);
  expect(sent).toBe(1);
});

it('an attempt that was overtaken settles nothing', async () => {
  await name(['ada@x.example']);
  await seedAlert(database.pool, connector, 'keeps_failing');
  await sweepNotifications(deps(), organizationId);
  const slow = deps();
  const overtaken: NotificationDeps = {
    ...slow,
    mailer: {
      send: async () => {
        // Meanwhile the claim ran out, and another worker sends it.
        await dueNow();
        await sendNotices(slow, organizationId, never);
        return { ok: false, answer: 'too late' };
      },
    },
  };
  await sendNotices(overtaken, organizationId, never);
  const [notice] = (await notificationSettings(deps(), admin(), connector.id)).notices;
  expect(notice).toMatchObject({ state: 'sent', attempts: 2 });
});

it('gives up after a day, and says what the server answered', async () => {
  await name(['ada@x.example']);
  await seedAlert(database.pool, connector, 'keeps_failing');
  outside.mailFails = true;
  await round();
  await database.pool.query(
    `UPDATE notice SET created_at = $2, next_attempt_at = now() - interval '1 second' WHERE organization_id = $1`,
    [organizationId, new Date(now.getTime() - 24 * 3_600_000)],
  );
  await round();
  const { notices } = await notificationSettings(deps(), admin(), connector.id);
  expect(notices[0]).toMatchObject({ state: 'given_up', answer: expect.stringContaining('451'), attempts: 2 });
});

it('does not send to who was taken off, and tells who is new what is open', async () => {
  await name(['ada@x.example']);
  await seedAlert(database.pool, connector, 'keeps_failing');
  await sweepNotifications(deps(), organizationId);
  await name(['ben@x.example']);
  await round();
  expect(await mails()).toEqual(['ben@x.example Import failed: Sales']);
  const { notices } = await notificationSettings(deps(), admin(), connector.id);
  expect(notices.map(({ target, state }) => `${target} ${state}`).sort()).toEqual([
    'ada@x.example withdrawn',
    'ben@x.example sent',
  ]);
});

it('tells of refused credentials by the stop itself, of waiting copies, and of the app’s secret to an address once', async () => {
  const other = await seedConnector(database.pool, organizationId, 'Trading');
  await seedRun(database.pool, connector, { day: 0, phase: 'completed', counts: { 'copies.waiting': 3 } });
  await name(['ada@x.example'], { waitingAbove: 2 });
  await name(['ada@x.example'], { connectorId: other.id });
  await database.pool.query(
    `UPDATE connector SET stopped_at = now(), stopped_reason = 'consent_missing' WHERE id = $1`,
    [other.id],
  );
  appEnds = new Date(now.getTime() + 86_400_000);
  await round();
  expect(await mails()).toEqual([
    'ada@x.example Credentials refused: Trading',
    'ada@x.example Messages wait for mapping: Sales',
    'ada@x.example The portal’s certificate or secret ends soon: Sales',
  ]);
});

it('tells that nothing came on a weekday that has something, and that something came again', async () => {
  await name(['ada@x.example']);
  // From Wednesday 2026-11-18 on: three busy weeks, then a day without anything.
  for (let day = 0; day <= 21; day++) {
    const imported = day === 21 ? 0 : 5;
    await seedRun(database.pool, connector, { day, phase: 'completed', counts: { 'items.imported': imported } });
  }
  now = new Date(dayOf(21).getTime() + 9 * 3_600_000);
  await round();
  expect(await mails()).toEqual([]);
  now = new Date(dayOf(22).getTime() + 9 * 3_600_000);
  await round();
  expect(await mails()).toEqual(['ada@x.example Nothing imported: Sales']);
  await seedRun(database.pool, connector, { day: 22, phase: 'completed', counts: { 'items.imported': 2 } });
  now = new Date(dayOf(23).getTime() + 9 * 3_600_000);
  await round();
  expect(await mails()).toContain('ada@x.example Recovered: Nothing imported: Sales');
});

it('tells each mapping version that comes into force, once', async () => {
  await name(['ada@x.example']);
  const apply = (number: number) =>
    database.pool.query(
      `INSERT INTO mapping_version (id, organization_id, connector_id, number, status, origin, created_by, applied_by,
         applied_at) VALUES (gen_random_uuid(), $1, $2, $3, 'in_force', 'upload', 'Ada', 'Ada', now())`,
      [organizationId, connector.id, number],
    );
  await round();
  await apply(1);
  await round();
  await round();
  expect(await mails()).toEqual(['ada@x.example Mapping changed: Sales']);
  outside.forget();
  // Two between two rounds: the first may have moved messages, too.
  for (const number of [2, 3]) {
    await database.pool.query(`UPDATE mapping_version SET status = 'superseded' WHERE connector_id = $1`, [
      connector.id,
    ]);
    await apply(number);
  }
  await round();
  await round();
  await mails();
  const versions = outside.mails.map(({ text }) => /Version (\d+)/.exec(text ?? '')?.[1]);
  expect(versions.toSorted()).toEqual(['2', '3']);
});

it('sends the daily summary once a day, also when all is well', async () => {
  await seedRun(database.pool, connector, {
    day: 0,
    phase: 'completed',
    counts: { 'items.listed': 4, 'items.imported': 4 },
  });
  await name(['ada@x.example'], { dailySummary: true, summaryHour: 10 });
  await round();
  expect(await mails()).toEqual([]);
  now = new Date('2026-11-26T10:01:00Z');
  await Promise.all([round(), round()]);
  await round();
  expect(await mails()).toEqual(['ada@x.example All is well: Sales']);
  expect(outside.mails[0]?.text).toContain('4 from source, 4 imported to a mailbox');
  now = new Date('2026-11-27T10:00:00Z');
  await round();
  expect(await mails()).toHaveLength(2);
});

it('ends without a word what a deleted connector was told of', async () => {
  await name(['ada@x.example']);
  await seedAlert(database.pool, connector, 'keeps_failing');
  await round();
  outside.forget();
  await database.pool.query(
    `UPDATE connector SET status = 'deleted', deleted_at = now(), password_sealed = NULL WHERE id = $1`,
    [connector.id],
  );
  await endAlerts();
  await round();
  expect(await mails()).toEqual([]);
});

it('a connector that is deleted tells nobody more, and keeps nothing that is sealed', async () => {
  await name(['ada@x.example']);
  const url = `https://${outside.host}/hook`;
  await setWebhook(deps(), admin(), { connectorId: connector.id, url });
  await setHeartbeat(deps(), admin(), { connectorId: connector.id, url });
  await seedAlert(database.pool, connector, 'keeps_failing');
  await sweepNotifications(deps(), organizationId);
  await forgetChannels(database.pool, organizationId, connector.id);
  await round();
  expect([await mails(), outside.calls]).toEqual([[], []]);
  const { rows } = await database.pool.query(
    'SELECT webhook_url_sealed, webhook_secret_sealed, heartbeat_url_sealed FROM notification_setting WHERE connector_id = $1',
    [connector.id],
  );
  expect(Object.values(rows[0])).toEqual([null, null, null]);
});

it('posts a webhook that its receiver can verify, and nothing where an address must not be reached', async () => {
  const set = await setWebhook(deps(), admin(), {
    connectorId: connector.id,
    url: `https://${outside.host}/hook?key=1`,
  });
  if (set.kind !== 'done' || set.secret === null) throw new Error(set.kind);
  await seedAlert(database.pool, connector, 'does_not_balance');
  await round();
  const [call] = outside.calls;
  expect(call).toMatchObject({ method: 'POST', path: '/hook?key=1' });
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = call?.headers ?? {};
  const key = Buffer.from(set.secret.replace('whsec_', ''), 'base64');
  expect(signature).toBe(`v1,${createHmac('sha256', key).update(`${id}.${at}.${call?.body}`).digest('base64')}`);
  expect(at).toBe(String(now.getTime() / 1000));
  expect(JSON.parse(call?.body ?? '')).toMatchObject({
    id,
    kind: 'began',
    event: 'does_not_balance',
    connector: { id: connector.id, name: 'Sales' },
    link: `https://portal.example/connectors/${connector.id}`,
  });
  const { rows } = await database.pool.query('SELECT * FROM notification_setting WHERE connector_id = $1', [
    connector.id,
  ]);
  expect(JSON.stringify(rows)).not.toMatch(/whsec|key=1/);
  expect(JSON.stringify(await notificationSettings(deps(), admin(), connector.id))).not.toMatch(/whsec|key=1/);
});

it('a host that the operator does not list is refused when it is set, and when it is no longer listed', async () => {
  const url = `https://${outside.host}/hook`;
  const choice = { connectorId: connector.id, url };
  expect(await setWebhook(deps([]), admin(), choice)).toEqual({ kind: 'refused', reason: 'host_not_allowed' });
  await setWebhook(deps(), admin(), choice);
  expect(await testNotices(deps([]), admin(), connector.id)).toMatchObject([{ ok: false }]);
  // Listed, but not as one with an address of this machine.
  const asPublic = { ...deps(), web: createWeb({ hosts: [outside.host], privateHosts: [] }) };
  expect(await testNotices(asPublic, admin(), connector.id)).toMatchObject([
    { ok: false, answer: 'The host has an address that requests may not go to' },
  ]);
  expect(outside.calls).toEqual([]);
});

it('a receiver that repeats the address gives it to nobody, and a reader sees no answer and no host of the operator', async () => {
  await setWebhook(deps(), admin(), { connectorId: connector.id, url: `https://${outside.host}/hook?key=1` });
  await seedAlert(database.pool, connector, 'keeps_failing');
  outside.answer = { status: 404, body: 'Cannot POST /hook?key=1, nor /hook' };
  await round();
  const { notices, allowedHosts } = await notificationSettings(deps(), admin(), connector.id);
  expect(notices[0]?.answer).toBe('HTTP 404 Cannot POST …, nor …');
  expect(allowedHosts).toEqual([outside.host]);
  const seen = await notificationSettings(deps(), seededActor(organizationId), connector.id);
  expect([seen.notices[0]?.answer, seen.allowedHosts]).toEqual([null, []]);
});

it('follows no redirect, and reads no answer without an end', async () => {
  await setWebhook(deps(), admin(), { connectorId: connector.id, url: `https://${outside.host}/hook` });
  outside.answer = { status: 307, headers: { location: `https://${outside.host}/elsewhere` } };
  expect(await testNotices(deps(), admin(), connector.id)).toMatchObject([
    { ok: false, answer: 'HTTP 307 (redirects are not followed) ok' },
  ]);
  expect(outside.calls.map(({ path }) => path)).toEqual(['/hook']);
  outside.answer = { status: 200, body: 'x'.repeat(5_000_000) };
  const [answer] = (await testNotices(deps(), admin(), connector.id)) as { ok: boolean; answer: string }[];
  expect([answer?.ok, answer?.answer.length]).toEqual([true, 300]);
});

it('asks for the heartbeat once after each complete import, and not while something is wrong', async () => {
  await setHeartbeat(deps(), admin(), { connectorId: connector.id, url: `https://${outside.host}/beat` });
  await round();
  expect(outside.calls).toEqual([]);
  await seedRun(database.pool, connector, { day: 0, phase: 'completed' });
  await round();
  await round();
  expect(outside.calls.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /beat']);
  await seedAlert(database.pool, connector, 'keeps_failing');
  await seedRun(database.pool, connector, { day: 1, phase: 'completed' });
  await round();
  expect(outside.calls).toHaveLength(1);
  await endAlerts();
  await round();
  expect(outside.calls).toHaveLength(2);
});

it('the test says what each server answered', async () => {
  await name(['ada@x.example']);
  await setWebhook(deps(), admin(), { connectorId: connector.id, url: `https://${outside.host}/hook` });
  outside.answer = { status: 503, body: 'not today' };
  expect(await testNotices(deps(), admin(), connector.id)).toEqual([
    { channel: 'email', target: 'ada@x.example', ok: true, answer: expect.stringMatching(/^250 /) },
    { channel: 'webhook', target: outside.host, ok: false, answer: 'HTTP 503 not today' },
  ]);
});

it('gives no mail to a server whose certificate is nobody’s, or that offers no TLS', async () => {
  const taken: string[] = [];
  const stranger = smtpServer(await serverTls(mkdtempSync(join(tmpdir(), 'stranger-')), new Date()), ({ from }) => {
    taken.push(from);
    return true;
  });
  const plain = createServer((socket) => {
    socket.write('220 plain\r\n');
    socket.on('data', (data) => {
      taken.push(...(/MAIL/.exec(data.toString()) ?? []));
      socket.write('250 ok\r\n');
    });
  });
  for (const server of [stranger, plain]) {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const mailer = createMailer({ ...SMTP, SMTP_PORT: port });
    const answer = await mailer?.send('id', 'ada@x.example', { subject: 's', text: 't' });
    expect(answer?.ok).toBe(false);
    server.close();
  }
  expect(taken).toEqual([]);
});

it('is set by administrators, of their own organization, with an entry in the audit log', async () => {
  const reader = seededActor(organizationId);
  await expect(setWebhook(deps(), reader, { connectorId: connector.id, url: null })).rejects.toThrow(NotAllowed);
  await expect(testNotices(deps(), reader, connector.id)).rejects.toThrow(NotAllowed);
  const foreign = seededActor(await seedOrganization(database.pool), ['DataConnectors.Admin']);
  expect(
    await setNotices(deps(), foreign, {
      connectorId: connector.id,
      addresses: ['eve@y.example'],
      waitingAbove: 0,
      dailySummary: true,
      summaryHour: 6,
    }),
  ).toEqual({ kind: 'not_found' });
  expect(await testNotices(deps(), foreign, connector.id)).toBe('not_found');
  expect(await name(['not an address'])).toEqual({ kind: 'not_an_address', address: 'not an address' });
  expect(await name(Array.from({ length: 21 }, (_, i) => `p${i}@x.example`))).toEqual({ kind: 'too_many' });
  await name(['Ada@X.example', 'ada@x.example']);
  const { rows } = await database.pool.query<{ detail: object }>(
    `SELECT detail FROM audit_entry WHERE organization_id = $1 AND action = 'connector.notifications-changed'`,
    [organizationId],
  );
  expect(rows).toHaveLength(1);
  const rest = ['more than 0 waiting', 'no daily summary'];
  expect(rows[0]?.detail).toEqual({
    before: ['more than 0 waiting', 'daily summary at 06:00 UTC'],
    after: ['ada@x.example', ...rest],
  });
});

it('asks for a round of organizations in which somebody is named, only', async () => {
  const asked: string[] = [];
  await name(['ada@x.example']);
  const silent = await seedOrganization(database.pool);
  await dispatchNotifications(deps(), async (_name, data) => {
    if ('organizationId' in data) asked.push(data.organizationId);
  });
  expect(asked).toContain(organizationId);
  expect(asked).not.toContain(silent);
});
