/** How notices leave the outbox: under one id, whoever sends, and for as long as it takes. */
import { mkdtempSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { smtpServer } from '#sandbox/outside/smtp.ts';
import { serverTls } from '#sandbox/tls.ts';
import { seedAlert, seedOrganization } from '../connectors/rows.fixture.ts';
import { createMailer } from './mail.ts';
import { dispatchNotifications, type NotificationDeps } from './run.ts';
import { sendNotices } from './send.ts';
import type { SetNotices } from './settings.ts';
import { sweepNotifications } from './sweep.ts';
import {
  adminOf,
  depsOf,
  dueNow,
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
const _admin = () => adminOf(world);
const round = () => roundOf(world);
const name = (addresses: string[], change: Partial<SetNotices> = {}) => nameOf(world, addresses, change);
const mails = () => mailsOf(world);

it('carries the notice’s id in every attempt, and nothing that a program would answer', async () => {
  await name(['ada@x.example']);
  await seedAlert(world.database.pool, world.connector, 'keeps_failing');
  world.outside.mailFails = true;
  await round();
  const [before] = (await settingsOf(world)).notices;
  expect(before).toMatchObject({ state: 'pending', attempts: 1, answer: expect.stringContaining('451') });
  world.outside.mailFails = false;
  await dueNow(world);
  await round();
  const [mail] = await world.outside.mails();
  const header = (key: string) => mail?.headers.find((one) => one.key === key)?.value;
  expect(mail?.messageId).toBe(`<${before?.id}@x.example>`);
  expect([header('x-notice-id'), header('auto-submitted')]).toEqual([before?.id, 'auto-generated']);
  expect((await settingsOf(world)).notices[0]?.state).toBe('sent');
});

it('sends each notice once where two workers run at once', async () => {
  await name(['ada@x.example', 'ben@x.example', 'cleo@x.example']);
  for (const code of ['keeps_failing', 'overdue', 'does_not_balance', 'lost_at_source']) {
    await seedAlert(world.database.pool, world.connector, code);
  }
  await Promise.all([round(), round(), round(), round()]);
  await round();
  const subjects = await mails();
  expect(subjects).toHaveLength(12);
  expect(new Set((await world.outside.mails()).map(({ messageId }) => messageId)).size).toBe(12);
});

it('is the notice’s alone who sends it, while it does', async () => {
  await name(['ada@x.example']);
  await seedAlert(world.database.pool, world.connector, 'keeps_failing');
  await sweepNotifications(deps(), world.organizationId);
  let sent = 0;
  const sending: NotificationDeps = {
    ...deps(),
    mailer: {
      send: async () => {
        sent++;
        if (sent === 1) await sendNotices(sending, world.organizationId, NEVER);
        return { ok: true, answer: '250' };
      },
    },
  };
  await sendNotices(sending, world.organizationId, NEVER);
  expect(sent).toBe(1);
});

it('an attempt that was overtaken settles nothing', async () => {
  await name(['ada@x.example']);
  await seedAlert(world.database.pool, world.connector, 'keeps_failing');
  await sweepNotifications(deps(), world.organizationId);
  const slow = deps();
  const overtaken: NotificationDeps = {
    ...slow,
    mailer: {
      send: async () => {
        // Meanwhile the claim ran out, and another worker sends it.
        await dueNow(world);
        await sendNotices(slow, world.organizationId, NEVER);
        return { ok: false, answer: 'too late' };
      },
    },
  };
  await sendNotices(overtaken, world.organizationId, NEVER);
  const [notice] = (await settingsOf(world)).notices;
  expect(notice).toMatchObject({ state: 'sent', attempts: 2 });
});

it('does not send to who was taken off, and tells who is new what is open', async () => {
  await name(['ada@x.example']);
  await seedAlert(world.database.pool, world.connector, 'keeps_failing');
  await sweepNotifications(deps(), world.organizationId);
  await name(['ben@x.example']);
  await round();
  expect(await mails()).toEqual(['ben@x.example Import failed: Sales']);
  const { notices } = await settingsOf(world);
  expect(notices.map(({ target, state }) => `${target} ${state}`).sort()).toEqual([
    'ada@x.example withdrawn',
    'ben@x.example sent',
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
    const answer = await mailer?.send('id', 'ada@x.example', { subject: 's', text: 't', html: 't' });
    expect(answer).toMatchObject({ ok: false, isAway: true });
    server.close();
  }
  expect(taken).toEqual([]);
});

it('asks for a round of organizations in which somebody is named, only', async () => {
  const asked: string[] = [];
  await name(['ada@x.example']);
  const silent = await seedOrganization(world.database.pool);
  await dispatchNotifications(deps(), async (_name, data) => {
    if ('organizationId' in data) asked.push(data.organizationId);
  });
  expect(asked).toContain(world.organizationId);
  expect(asked).not.toContain(silent);
});
