import { DatabaseSync } from 'node:sqlite';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { faultRegistry } from '../control/faults.ts';
import { consentRegistry } from '../entra/consents.ts';
import { folderId } from '../graph/ids.ts';
import { graphLimits } from '../graph/limits.ts';
import { limitsDesk } from '../graph/limits-desk.ts';
import { MailboxStore } from '../graph/mailbox-store.ts';
import type { NewAttachment, NewMessage } from '../graph/new-message.ts';
import { mailboxReader } from '../graph/reader.ts';
import { Throttle } from '../graph/throttle.ts';
import { UploadSessions } from '../graph/upload-sessions.ts';
import { readSettings } from '../settings.ts';
import { telemessageSite } from '../telemessage/site.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { openDirectory } from '../world/directory.ts';
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
  const directory = openDirectory(database, tenants);
  const limits = graphLimits(1, 0);
  const throttle = new Throttle(limits);
  const parts = {
    settings: readSettings({ SANDBOX_DATA: 'memory' }),
    tenants: directory.tenants,
    directory,
    mailboxes: mailboxReader(store, clock, new UploadSessions(database)),
    consents: consentRegistry(database),
    faults: faultRegistry(1),
    limits: limitsDesk(limits, throttle, () => graphLimits(1, 0)),
    clock,
    database,
  };
  const app = Fastify();
  open.push(app);
  await app.register(pageRoutes(parts));

  const mailbox = store.mailbox(grace?.id ?? '');
  const root = store.folders.wellKnown(mailbox, 'msgfolderroot')?.seq ?? null;
  const folder = store.folders.create(mailbox, root, 'Android Archiver');
  const write = (change: Partial<NewMessage> & { subject?: string } = {}): string => {
    const { subject = 'SMS with Alice Porter', ...rest } = change;
    store.messages.create({
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
  return { parts, throttle, store, mailbox, folder, write, get, post };
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
    expect((await post(`${path}/move`, { folder: 'nowhere' })).status).toBe(404);
  });

  it('is deleted as in Outlook: to Deleted Items, to the recoverable items, and by a purge for good', async () => {
    const { get, post, write } = await startPages();
    const path = write({ attachments: [file('a.png', 'image/png')] });
    const lies = async (): Promise<string> =>
      links((await get(path)).body, /<a href="[^"]*folder=[^"]*">([^<]+)<\/a><\/nav>/g)[0] ?? 'nowhere';
    const action = async (): Promise<string> => links((await get(path)).body, /action="[^"]+\/(delete|purge)"/g).join();
    expect([await lies(), await action()]).toEqual(['Android Archiver', 'delete']);
    expect((await post(`${path}/purge`)).status).toBe(404);
    expect((await post(`${path}/delete`)).status).toBe(303);
    expect([await lies(), await action()]).toEqual(['Deleted Items', 'delete']);
    expect((await post(`${path}/purge`)).status).toBe(404);
    await post(`${path}/delete`);
    expect([await lies(), await action()]).toEqual(['Recoverable items', 'purge']);
    expect((await post(`${path}/delete`)).status).toBe(404);
    const [attachment = ''] = links((await get(path)).body, /<img src="([^"]+)"/g);
    expect((await post(`${path}/purge`)).status).toBe(303);
    expect((await get(path)).status).toBe(404);
    expect((await get(attachment)).status).toBe(404);
    expect((await get(`${MAILBOX}?folder=Recoverable%20items`)).body).toContain('This folder is empty.');
  });

  it('below Deleted Items is as deleted as in it, and can be taken back', async () => {
    const { get, post, write, parts, store, mailbox } = await startPages();
    const below = store.folders.create(mailbox, store.folders.wellKnown(mailbox, 'deleteditems')?.seq ?? null, 'Old');
    write({ folder: below });
    const [message] = parts.mailboxes.messages(grace.id, folderId(below), { skip: 0, top: 1 });
    const own = `${MAILBOX}/messages/${message?.id}`;
    expect((await get(own)).body).toContain('Delete from Deleted Items');
    await post(`${own}/delete`);
    const inbox = parts.mailboxes.folders(grace.id).find((one) => one.displayName === 'Inbox')?.id ?? '';
    await post(`${own}/move`, { folder: inbox });
    expect((await get(own)).body).toContain('It goes to Deleted Items.');
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

  it.each<[Record<string, string>, string, string]>([
    [{ service: 'mail' }, 'service', 'Choose a service.'],
    [{ kind: 'explode' }, 'kind', 'Choose a fault.'],
    [{ kind: 'refuse', status: '200' }, 'status', 'A whole number from 400 to 599.'],
    [{ kind: 'refuse', code: '' }, 'code', 'The error code that the answer carries.'],
    [{ kind: 'delay', ms: '1.5' }, 'ms', 'Whole milliseconds from 0 to 600,000.'],
    [{ rate: 'x' }, 'rate', 'A number above 0 and up to 100.'],
    [{ rate: '0' }, 'rate', 'A number above 0 and up to 100.'],
    [{ count: '0' }, 'count', 'A whole number from 1, or nothing.'],
    [{ after: '-1' }, 'after', 'A whole number from 0.'],
    [{ service: 'entra', kind: 'duplicate' }, 'kind', 'duplicate means nothing to Entra ID'],
    [{ service: 'entra', mailbox: 'a@b.example' }, 'mailbox', 'Entra ID has no mailboxes'],
    [{ service: 'telemessage', kind: 'duplicate', route: 'POST *' }, 'route', 'At TeleMessage, duplicate strikes '],
  ])('say what is wrong with the fault %j, and keep what was entered', async (wrong, name, sentence) => {
    const { post, parts } = await startPages();
    const good = {
      service: 'graph',
      route: 'POST /kept',
      kind: 'reset-after',
      rate: '40',
      status: '503',
      code: 'kept',
    };
    const { status, body } = await post('/faults', { ...good, ...wrong });
    expect(status).toBe(400);
    expect(body).toMatch(new RegExp(`role="alert"[\\s\\S]*<a href="#f-${name}">[^<]+</a>: ${sentence}`));
    expect(body).toMatch(new RegExp(`id="f-${name}"[^>]* aria-describedby="[^"]*e-${name}" aria-invalid="true"`));
    const kept = Object.entries({ ...good, ...wrong }).filter(([field]) => field === 'route' || field === 'rate');
    for (const [field, value] of kept) {
      expect(body).toMatch(new RegExp(`name="${field}"[^>]* value="${value.replace('*', '\\*')}"`));
    }
    expect(parts.faults.rules()).toEqual([]);
  });

  it('set a bad day with one click', async () => {
    const { get, post, parts } = await startPages();
    const [, ...days] = links((await get('/faults')).body, /action="(\/faults\/presets\/[^"]+)"/g);
    expect(days.length).toBeGreaterThan(5);
    await post('/faults/presets/graph-loses-answers');
    expect(parts.faults.rules()).toMatchObject([
      { route: 'POST /v1.0/users/*/messages', rate: 0.05, fault: { kind: 'reset-after' } },
      { route: 'POST /v1.0/$batch', rate: 0.05, fault: { kind: 'reset-after' } },
    ]);
    for (const day of days) expect((await post(day)).location).toBe('/faults');
    expect(parts.faults.rules().length).toBeGreaterThan(days.length);
  });

  it('change Graph’s limits, and put Microsoft’s back', async () => {
    const { get, post, parts } = await startPages();
    const limits = { ...parts.limits.inForce, mailboxConcurrency: 1, latencyMs: 250 };
    const fields = Object.fromEntries(Object.entries(limits).map(([name, value]) => [name, String(value)]));
    await post('/faults/limits', fields);
    expect(parts.limits.inForce).toEqual(limits);
    expect((await get('/faults')).body).toMatch(/name="mailboxConcurrency"[^>]* value="1"/);
    const { status, body } = await post('/faults/limits', { ...fields, appRequests: '', latencyMs: '-5' });
    expect(status).toBe(400);
    expect(body).toContain('<a href="#f-appRequests">Requests a second</a>: A whole number from 1.');
    expect(body).toMatch(/name="latencyMs"[^>]* value="-5"/);
    expect(parts.limits.inForce).toEqual(limits);
    await post('/faults/limits/microsoft');
    expect(parts.limits.inForce).toMatchObject({ mailboxConcurrency: 4, mailboxRequests: 10_000, latencyMs: 0 });
  });

  it('show who met a limit how often', async () => {
    const { get, throttle, parts } = await startPages();
    expect((await get('/faults')).body).toContain('No limit was met so far.');
    parts.limits.change({ mailboxConcurrency: 1 });
    const use = { app: 'a', mailbox: grace.id, bytes: 0, now: NOW };
    throttle.enter(use);
    for (let time = 0; time < 3; time += 1) expect(() => throttle.enter(use)).toThrow();
    expect((await get('/faults')).body).toMatch(
      /grace\.adeyemi@alderbyrne\.example<[\s\S]*Requests at once<[\s\S]*>3</,
    );
    parts.limits.reset();
    expect((await get('/faults')).body).toContain('No limit was met so far.');
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

  it('changes how the archive behaves, and an account', async () => {
    const { get, post, parts } = await startPages();
    const site = await telemessageSite(parts);
    const fields = { settleLagSeconds: '300', sessionSeconds: '20', requestsPerSecond: '5', 'trouble-gone': 'on' };
    await post('/telemessage/conditions', fields);
    const changed = { settleLagSeconds: 300, sessionSeconds: 20, requestsPerSecond: 5, troubles: ['gone'] };
    expect(site.conditions.inForce).toEqual(changed);
    expect((await get('/telemessage')).body).toContain('name="trouble-gone" checked');
    const { status, body } = await post('/telemessage/conditions', { ...fields, sessionSeconds: '0' });
    expect(status).toBe(400);
    expect(body).toContain('<a href="#f-sessionSeconds">A session lasts, s</a>: Whole seconds from 1 ');
    expect(body).toMatch(/name="settleLagSeconds"[^>]* value="300"/);
    expect(site.conditions.inForce).toEqual(changed);

    await post('/telemessage/accounts', { username: 'archive.admin@alderbyrne.example', state: 'suspended' });
    expect(site.accounts.find('archive.admin@alderbyrne.example')?.state).toBe('suspended');
    await post('/telemessage/reset');
    expect(site.accounts.find('archive.admin@alderbyrne.example')?.state).toBe('good');
    expect(site.conditions.inForce).toMatchObject({ settleLagSeconds: 60, troubles: [] });
  });

  it('shows images and plays audio and video of a phone, and only ever downloads the rest', async () => {
    const { get } = await startPages();
    const phones = alderByrne.people.filter((one) => one.mobile !== null && one.telemessageStatus === 'activated');
    const shown: string[] = [];
    for (const { mobile } of phones) {
      const { body } = await get(`/telemessage/phones/${encodeURIComponent(mobile ?? '')}`);
      shown.push(...links(body, /(?:<img|<(?:audio|video) controls preload="none") src="([^"]+)"/g));
      for (const url of links(body, /<small><a href="([^"]+&amp;download)"/g)) {
        const { headers } = await get(url);
        expect(headers['content-type']).toBe('application/octet-stream');
        expect(headers['content-disposition']).toMatch(/^attachment; filename\*=UTF-8''/);
        expect(headers['content-security-policy']).toBe("sandbox; default-src 'none'");
      }
    }
    const types = await Promise.all(
      shown.map(async (url) => {
        const { status, headers } = await get(url);
        expect([status, headers['x-content-type-options']]).toEqual([200, 'nosniff']);
        return headers['content-type'];
      }),
    );
    expect(new Set(types)).toEqual(new Set(['image/jpeg', 'image/png', 'audio/wav', 'video/mp4']));
    const [one = ''] = shown;
    expect((await get(one.replace(/attachments\/[^?]+/, 'attachments/none'))).status).toBe(404);
  });
});
