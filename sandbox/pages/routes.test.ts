import { DatabaseSync } from 'node:sqlite';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { faultRegistry } from '../control/faults.ts';
import { consentRegistry } from '../entra/consents.ts';
import { folderId } from '../graph/ids.ts';
import { MailboxStore, type NewAttachment, type NewMessage } from '../graph/mailbox-store.ts';
import { mailboxReader } from '../graph/reader.ts';
import { UploadSessions } from '../graph/upload-sessions.ts';
import { readSettings } from '../settings.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { findPerson, kestrelBank, tenants } from '../world/tenants.ts';
import { pageRoutes } from './routes.ts';

const NOW = Date.UTC(2026, 10, 22, 12);
const grace = findPerson(alderByrne, 'grace.adeyemi@alderbyrne.example');
const lena = findPerson(alderByrne, 'lena.fischer@alderbyrne.example');
if (grace === undefined || lena === undefined) throw new Error('the directory has changed');
const MAILBOX = '/mailboxes/grace.adeyemi%40alderbyrne.example';

const open: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((app) => app.close()));
});

async function startPages() {
  const database = new DatabaseSync(':memory:');
  const store = new MailboxStore(database, { keepBodies: true });
  const clock = (): Date => new Date(NOW);
  const parts = {
    settings: readSettings({ SANDBOX_DATA: 'memory' }),
    tenants,
    mailboxes: mailboxReader(store, clock, new UploadSessions(database)),
    consents: consentRegistry(database),
    faults: faultRegistry(1),
    clock,
    database,
  };
  const app = Fastify();
  open.push(app);
  await app.register(pageRoutes(parts));

  const mailbox = store.mailbox(grace?.id ?? '');
  const root = store.wellKnownFolder(mailbox, 'msgfolderroot')?.seq ?? null;
  const folder = store.createFolder(mailbox, root, 'Android Archiver');
  const write = (change: Partial<NewMessage> & { subject?: string } = {}): string => {
    const { subject = 'SMS with Alice Porter', ...rest } = change;
    store.createMessage({
      mailbox,
      folder,
      received: NOW - 3_600_000,
      sent: NOW - 3_600_000,
      created: NOW,
      internetMessageId: '<1@archive.example>',
      isDraft: false,
      isRead: true,
      bodyType: 'text',
      body: 'Morning Grace',
      fields: {
        subject,
        from: { name: 'Alice Porter', address: '14155550107@mobile.invalid' },
        sender: null,
        to: [{ name: 'Grace Adeyemi', address: 'grace.adeyemi@alderbyrne.example' }],
        cc: [],
        bcc: [],
        replyTo: [],
        importance: 'normal',
        categories: [],
        headers: [{ name: 'x-item-id', value: 'item-1' }],
        properties: [{ id: 'String 0x001A', value: 'IPM.ExternalData.AndroidArchiver' }],
      },
      attachments: [],
      ...rest,
    });
    const [newest] = parts.mailboxes
      .messages(grace?.id ?? '', folderId(folder), { skip: 0, top: 1_000 })
      .filter((one) => one.subject === subject);
    return `${MAILBOX}/messages/${newest?.id}`;
  };
  const get = async (url: string) => {
    const { statusCode, body, headers } = await app.inject({ url });
    return { status: statusCode, body, headers };
  };
  const post = async (url: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}) => {
    const {
      statusCode,
      headers: answered,
      body,
    } = await app.inject({
      method: 'POST',
      url,
      payload: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });
    return { status: statusCode, location: answered.location, body };
  };
  return { parts, store, mailbox, folder, write, get, post };
}

const file = (name: string, contentType: string, contentId: string | null = null): NewAttachment => ({
  name,
  contentType,
  content: Buffer.from(`bytes of ${name}`),
  isInline: contentId !== null,
  contentId,
});

/** Addresses that a page refers to. */
const links = (body: string, pattern: RegExp): string[] =>
  [...body.matchAll(pattern)].map((one) => (one[1] ?? '').replaceAll('&amp;', '&'));

describe('every page', () => {
  it.each([
    '/',
    '/directory',
    '/mailboxes',
    MAILBOX,
    '/telemessage',
    '/telemessage/phones/%2B12125550101',
    '/faults',
    '/mailboxes/nobody',
  ])('%s says what it is not, and allows no script', async (url) => {
    const { get } = await startPages();
    const { body, headers } = await get(url);
    expect(body).toContain('Sandbox: this is not Microsoft 365, nor TeleMessage.');
    expect(body).toMatch(/<h1>[^<]+<\/h1>/);
    expect(body).not.toContain('<script');
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; /);
    expect(headers['content-security-policy']).not.toContain('script-src');
  });

  it('is found or not', async () => {
    const { get } = await startPages();
    for (const url of [
      '/mailboxes/nobody',
      `${MAILBOX}/messages/AAkALg`,
      `${MAILBOX}/messages/x/body`,
      `${MAILBOX}/messages/x/attachments/y`,
      '/telemessage/phones/5',
    ]) {
      expect((await get(url)).status, url).toBe(404);
    }
  });
});

describe('a mailbox', () => {
  it('shows the fullest folder, newest first, in pages', async () => {
    const { get, write } = await startPages();
    for (let at = 0; at < 53; at += 1) write({ subject: `Message ${at}`, received: NOW - at * 60_000 });
    const { body } = await get(MAILBOX);
    expect(body).toContain('<h2 id="folder">Android Archiver</h2>');
    expect(body).toContain('53 messages, 0 unread');
    expect(links(body, /class="subject">(Message \d+)</g)).toEqual(
      Array.from({ length: 50 }, (_, at) => `Message ${at}`),
    );
    const [older = ''] = links(body, /rel="next" href="([^"]+)"/g);
    expect(links((await get(older)).body, /class="subject">(Message \d+)</g)).toEqual([
      'Message 50',
      'Message 51',
      'Message 52',
    ]);
  });

  it('shows a folder by its name', async () => {
    const { get, write } = await startPages();
    write();
    expect((await get(`${MAILBOX}?folder=Inbox`)).body).toContain('This folder is empty.');
    expect((await get(`${MAILBOX}?folder=Android%20Archiver`)).body).toContain('SMS with Alice Porter');
  });

  it('is found by object id too, and counted', async () => {
    const { get, write } = await startPages();
    write();
    expect((await get(`/mailboxes/${grace.id}`)).body).toContain('SMS with Alice Porter');
    expect((await get('/mailboxes')).body).toContain('40 mailboxes, 1 message');
  });
});

describe('a message', () => {
  it('shows parties, times, class, text, headers and properties, all as text', async () => {
    const { get, write } = await startPages();
    const path = write({
      subject: '<i>Subject</i>',
      body: ' two  spaces\n& <b>no markup</b> 🙏',
      received: Date.UTC(2026, 10, 21, 6, 14, 9),
    });
    const { body } = await get(path);
    expect(body).toContain('<h1>&lt;i&gt;Subject&lt;/i&gt;</h1>');
    expect(body).toContain('<div class="body" dir="auto"> two  spaces\n&amp; &lt;b&gt;no markup&lt;/b&gt; 🙏</div>');
    for (const shown of [
      '14155550107@mobile.invalid',
      '2026-11-21 06:14:09 UTC',
      'IPM.ExternalData.AndroidArchiver',
      'Not a draft, read',
      'x-item-id',
      'item-1',
      '&lt;1@archive.example&gt;',
    ]) {
      expect(body).toContain(shown);
    }
  });

  it('is in nobody else’s mailbox', async () => {
    const { get, write } = await startPages();
    const path = write();
    expect((await get(path.replace('grace.adeyemi', 'lena.fischer'))).status).toBe(404);
  });

  it('shows HTML in a frame that may do nothing, with its own images', async () => {
    const { get, write } = await startPages();
    const path = write({
      bodyType: 'html',
      body: '<p>Look</p><img src="cid:a%40b"><img src=\'cid:missing\'><script>alert(1)</script>',
      attachments: [file('IMG_1.jpg', 'image/jpeg', 'a@b')],
    });
    const { body } = await get(path);
    expect(body).toContain(`<iframe class="body" title="Body of the message" sandbox="" src="${path}/body">`);
    expect(body).not.toContain('alert(1)');
    const frame = await get(`${path}/body`);
    expect(frame.headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'; /);
    const [image = ''] = links(frame.body, /<img src="([^"]+)">/g);
    expect(image.startsWith(`${path}/attachments/`)).toBe(true);
    expect((await get(image)).body).toBe('bytes of IMG_1.jpg');
    expect(frame.body).toContain("<img src='cid:missing'>");
  });

  it('shows images, plays audio, and only ever downloads the rest', async () => {
    const { get, write } = await startPages();
    const path = write({
      attachments: [
        file('a.png', 'image/png'),
        file('b.wav', 'audio/wav'),
        file('c.html', 'text/html'),
        file('d.svg', 'image/svg+xml'),
        file('ü "x".pdf', 'application/pdf'),
      ],
    });
    const { body } = await get(path);
    expect(links(body, /<img src="([^"]+)"/g)).toHaveLength(1);
    expect(links(body, /<audio controls preload="none" src="([^"]+)"/g)).toHaveLength(1);
    const downloads = links(body, /<a href="([^"]+)\?download"/g);
    expect(downloads).toHaveLength(5);
    const types = await Promise.all(downloads.map(async (url) => (await get(url)).headers['content-type']));
    expect(types).toEqual([
      'image/png',
      'audio/wav',
      'application/octet-stream',
      'application/octet-stream',
      'application/octet-stream',
    ]);
    for (const url of downloads) {
      const { headers } = await get(`${url}?download`);
      expect(headers['content-disposition']).toMatch(/^attachment; filename\*=UTF-8''[\w%.-]+$/);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-type']).toBe('application/octet-stream');
    }
  });

  it('can be moved and deleted as its owner would', async () => {
    const { get, post, write, parts } = await startPages();
    const path = write();
    const inbox = parts.mailboxes.folders(grace.id).find((one) => one.displayName === 'Inbox')?.id ?? '';
    expect(await post(`${path}/move`, { folder: inbox })).toMatchObject({ status: 303, location: path });
    expect((await get(`${MAILBOX}?folder=Inbox`)).body).toContain('SMS with Alice Porter');
    expect((await post(`${path}/delete`)).status).toBe(303);
    expect((await get(`${MAILBOX}?folder=Inbox`)).body).toContain('This folder is empty.');
    expect((await post(`${path}/move`, { folder: 'nowhere' })).status).toBe(404);
  });
});

describe('forms', () => {
  it('set a fault and end it', async () => {
    const { get, post, parts } = await startPages();
    const fields = {
      service: 'graph',
      route: 'POST /v1.0/*',
      mailbox: '',
      kind: 'throttle',
      rate: '12.5',
      count: '',
      after: '3',
      status: '503',
      code: 'x',
      retryAfter: '9',
      ms: '1',
    };
    expect((await post('/faults', fields)).status).toBe(303);
    expect(parts.faults.rules()).toMatchObject([
      { service: 'graph', route: 'POST /v1.0/*', rate: 0.125, after: 3, fault: { kind: 'throttle', retryAfter: 9 } },
    ]);
    const { body } = await get('/faults');
    expect(body).toContain('12.5 % of requests, after 3');
    const [remove = ''] = links(body, /action="(\/faults\/[^"]+\/remove)"/g);
    await post(remove);
    expect(parts.faults.rules()).toEqual([]);
    await post('/faults', fields);
    await post('/faults/clear');
    expect(parts.faults.rules()).toEqual([]);
  });

  it('say what is wrong with a fault', async () => {
    const { post, parts } = await startPages();
    const wrong: Record<string, string>[] = [
      {},
      { service: 'graph', kind: 'explode' },
      { service: 'graph', kind: 'refuse', status: '200', code: 'x' },
      { service: 'graph', kind: 'truncate', rate: 'x' },
    ];
    for (const fields of wrong) {
      expect(await post('/faults', fields)).toMatchObject({
        status: 400,
        body: expect.stringContaining('role="alert"'),
      });
    }
    expect(parts.faults.rules()).toEqual([]);
  });

  it('revoke a consent', async () => {
    const { get, post, parts } = await startPages();
    parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
    parts.consents.grant(kestrelBank.id, ['User.Read.All']);
    expect((await get('/directory')).body).toContain('Mail.ReadWrite');
    await post(`/directory/${alderByrne.id}/revoke-consent`);
    expect([parts.consents.granted(alderByrne.id), parts.consents.granted(kestrelBank.id)]).toEqual([
      [],
      ['User.Read.All'],
    ]);
  });

  it('sent by another site’s page are refused', async () => {
    const { post, parts } = await startPages();
    parts.consents.grant(alderByrne.id, ['User.Read.All']);
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ];
    for (const headers of foreign) {
      expect((await post(`/directory/${alderByrne.id}/revoke-consent`, {}, headers)).status).toBe(403);
    }
    expect(parts.consents.granted(alderByrne.id)).toEqual(['User.Read.All']);
    expect(
      (
        await post(
          '/faults/clear',
          {},
          { origin: 'http://localhost:4000', host: 'localhost:4000', 'sec-fetch-site': 'same-origin' },
        )
      ).status,
    ).toBe(303);
  });
});

describe('TeleMessage', () => {
  it('names accounts with their passwords, and phones', async () => {
    const { get } = await startPages();
    const { body } = await get('/telemessage');
    for (const shown of [
      'sandbox-archive-1',
      'Has not ordered Android Archiver (320).',
      'Settled through',
      '2026-11-22 11:59:00 UTC',
      '+12125550101',
      'dana.w@',
    ]) {
      expect(body).toContain(shown);
    }
  });

  it('shows what a phone said lately', async () => {
    const { get } = await startPages();
    const { body } = await get('/telemessage/phones/%2B12125550101');
    expect(body).toContain('Phone of Grace Adeyemi');
    expect(links(body, /<li class="(incoming|outgoing)">/g).length).toBeGreaterThan(10);
    expect((await get('/telemessage/phones/%2B447700900120')).body).toContain(
      'This phone has delivered nothing lately.',
    );
  });
});
