import { describe, expect, it } from 'vitest';
import { telemessageSite } from '../telemessage/site.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { links, startPages } from './pages.fixture.ts';

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

describe('what is posted to TeleMessage', () => {
  it.each([
    ['/telemessage/accounts', { username: 'nobody@alderbyrne.example', state: 'suspended' }, 404],
    ['/telemessage/accounts', { username: 'archive.admin@alderbyrne.example', state: 'odd' }, 400],
    ['/telemessage/accounts', { username: 'archive.admin@alderbyrne.example' }, 400],
    ['/telemessage/unlock', { username: 'nobody@alderbyrne.example' }, 404],
    ['/telemessage/unlock', {}, 400],
    ['/telemessage/connectors/cn-none', { status: 'suspended' }, 404],
    ['/telemessage/connectors/cn-none', { status: 'odd' }, 400],
  ])('%s with %j is refused in a page', async (url, fields, status) => {
    const { post } = await startPages();
    const answer = await post(url, fields);
    expect([answer.status, answer.body]).toEqual([status, expect.stringContaining('<h1>We can’t ')]);
  });

  it('suspends a connector by its button, and activates it', async () => {
    const { get, post, parts } = await startPages();
    const { registrations } = await telemessageSite(parts);
    const { registration } = registrations.register('TM-40117', 'android-archiver', 'draft-1');
    const [path = ''] = links((await get('/telemessage')).body, /action="(\/telemessage\/connectors\/[^"]+)"/g);
    for (const [status, shown] of [
      ['suspended', 'Suspended</span>'],
      ['active', 'Active</span>'],
    ] as const) {
      expect((await get('/telemessage')).body).toContain(`name="status" value="${status}"`);
      expect((await post(path, { status })).location).toBe('/telemessage#connectors');
      expect(registrations.find('TM-40117', registration.id)?.status).toBe(status);
      expect((await get('/telemessage')).body).toContain(shown);
    }
  });
});

describe('the archivers', () => {
  it('that a tenant’s accounts ordered can be looked at, and no others', async () => {
    const { get } = await startPages();
    const { body } = await get('/telemessage');
    const kinds = links(body, /href="\/telemessage\?kind=([^#"]+)#p-/g);
    expect(kinds.toSorted()).toEqual([
      'android-archiver',
      'android-archiver',
      'enterprise-number-archiver',
      'o2-network',
      'signal-archiver',
      'telegram-archiver',
      'verizon-network',
      'whatsapp-archiver',
      'whatsapp-archiver',
    ]);
    const chosen = (await get('/telemessage?kind=o2-network')).body;
    expect(chosen).toContain('Registered users of O2 Network');
    expect(chosen).toContain('Registered users of Android Archiver');
    const [phone = ''] = links(chosen, /href="(\/telemessage\/phones\/[^"]+)"/g);
    expect(phone).toContain('?kind=o2-network');
    const page = await get(phone);
    expect(page.body).toContain('O2 Network, latest first.');
    expect(page.body).toMatch(/kind=o2-network" aria-current="true"/);
    const others = links(page.body, /class="button" href="([^"]+)"/g);
    expect(others).toHaveLength(7);
    for (const other of others) expect((await get(other)).status).toBe(200);
  });

  it.each(['nonsense', 'wechat-archiver', ''])('that nobody ordered are not found: %j', async (kind) => {
    const { get } = await startPages();
    for (const url of [
      '/telemessage',
      '/telemessage/phones/%2B12125550101',
      '/telemessage/phones/%2B12125550101/attachments/x',
    ])
      expect((await get(`${url}?kind=${kind}`)).status, url).toBe(404);
  });
});

describe('the troubles', () => {
  it('say in a sentence what a client sees', async () => {
    const { get } = await startPages();
    const sentences = links((await get('/telemessage')).body, /name="trouble-\w+"> ([^<]+)<\/label>/g);
    expect(sentences).toHaveLength(6);
    for (const sentence of sentences) expect(sentence).toMatch(/^(An?|The) .+\.$/);
  });
});
