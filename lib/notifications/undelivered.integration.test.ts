/** While a server takes nothing: kept, told with what came of it, said in the portal, and no trouble to others. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seedAlert, seededActor } from '../connectors/rows.fixture.ts';
import { createMailer } from './mail.ts';
import type { NotificationDeps } from './run.ts';
import { sendNotices } from './send.ts';
import { type SetNotices, setWebhook } from './settings.ts';
import { sweepNotifications } from './sweep.ts';
import { undelivered } from './undelivered.ts';
import {
  adminOf,
  age,
  depsOf,
  dueNow,
  endAlerts,
  mailsOf,
  NEVER,
  nameOf,
  notificationWorld,
  roundOf,
  SMTP,
  settingsOf,
} from './world.fixture.ts';

const world = notificationWorld();
const deps = (hosts?: readonly string[]) => depsOf(world, hosts);
const admin = () => adminOf(world);
const round = () => roundOf(world);
const name = (addresses: string[], change: Partial<SetNotices> = {}) => nameOf(world, addresses, change);
const mails = () => mailsOf(world);

it('a notice is kept for as long as its condition lasts, and delivered when the server is back', async () => {
  await name(['ada@x.example']);
  await seedAlert(world.database.pool, world.connector, 'keeps_failing');
  world.outside.mailFails = true;
  await round();
  for (let day = 0; day < 3; day++) {
    await age(world, 24);
    await round();
  }
  expect((await settingsOf(world)).notices[0]).toMatchObject({
    state: 'pending',
    attempts: 4,
    answer: expect.stringContaining('451'),
  });
  world.outside.mailFails = false;
  await dueNow(world);
  await round();
  expect(await mails()).toEqual(['ada@x.example Import failed: Sales']);
});

it('what is over before its beginning got through is told in one: by mail and by webhook', async () => {
  await name(['ada@x.example']);
  await setWebhook(deps(), admin(), { connectorId: world.connector.id, url: `https://${world.outside.host}/hook` });
  await seedAlert(world.database.pool, world.connector, 'keeps_failing');
  world.outside.mailFails = true;
  world.outside.answer = { status: 500 };
  await round();
  world.outside.forget();
  await endAlerts(world);
  await dueNow(world);
  await round();
  await dueNow(world);
  await round();
  expect(await mails()).toEqual(['ada@x.example Recovered: Import failed: Sales']);
  const [mail] = await world.outside.mails();
  expect(mail?.text).toContain('this one tells both');
  expect(mail?.text).toMatch(/From .* UTC to 2026-11-26 09:00 UTC/);
  expect(world.outside.calls.map(({ body }) => JSON.parse(body))).toEqual([
    expect.objectContaining({ kind: 'ended', beginningSent: false }),
  ]);
  expect((await settingsOf(world)).notices.map(({ kind, state }) => `${kind} ${state}`).sort()).toEqual([
    'began superseded',
    'began superseded',
    'ended sent',
    'ended sent',
  ]);
});

it('the portal says that notices do not get through, and to whom it may, why', async () => {
  await name(['ada@x.example']);
  await seedAlert(world.database.pool, world.connector, 'keeps_failing');
  world.outside.mailFails = true;
  await round();
  expect(await undelivered(world.database.pool, admin())).toEqual([]);
  await age(world, 1);
  await round();
  const said = { channel: 'email', count: 1, since: expect.any(String) };
  expect(await undelivered(world.database.pool, admin())).toEqual([
    { ...said, answer: expect.stringContaining('451') },
  ]);
  expect(await undelivered(world.database.pool, seededActor(world.organizationId))).toEqual([
    { ...said, answer: null },
  ]);
  world.outside.mailFails = false;
  await dueNow(world);
  await round();
  expect(await undelivered(world.database.pool, admin())).toEqual([]);
});

/** Takes connections and never says a word. */
let silent: Server;
const sockets = new Set<Socket>();
beforeAll(async () => {
  silent = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  silent.close();
});

it('a mail server that says nothing is asked once, and holds up no webhook', async () => {
  await name(Array.from({ length: 12 }, (_, i) => `p${i}@x.example`));
  await setWebhook(deps(), admin(), { connectorId: world.connector.id, url: `https://${world.outside.host}/hook` });
  await seedAlert(world.database.pool, world.connector, 'keeps_failing');
  await sweepNotifications(deps(), world.organizationId);
  const { port } = silent.address() as AddressInfo;
  const order: string[] = [];
  const mailer = createMailer({ ...SMTP, SMTP_PORT: port });
  const blackHole: NotificationDeps = {
    ...deps(),
    mailer: {
      async send(...mail) {
        const answer = await mailer?.send(...mail);
        order.push(`${world.outside.calls.length} webhooks before an answer`);
        return answer ?? { ok: false, answer: 'none' };
      },
    },
  };
  await sendNotices(blackHole, world.organizationId, NEVER);
  // Four at a time; the others are put off with the first of them.
  expect(order).toEqual(Array.from({ length: 4 }, () => '1 webhooks before an answer'));
  await sendNotices(blackHole, world.organizationId, NEVER);
  expect(order).toHaveLength(4);
  const { rows } = await world.database.pool.query<{ attempts: number; count: number }>(
    `SELECT attempts, count(*)::int AS count FROM notice WHERE organization_id = $1 AND channel = 'email'
       AND state = 'pending' AND next_attempt_at > now() AND answer IS NOT NULL GROUP BY 1 ORDER BY 1`,
    [world.organizationId],
  );
  expect(rows).toEqual([
    { attempts: 0, count: 8 },
    { attempts: 1, count: 4 },
  ]);
}, 60_000);
