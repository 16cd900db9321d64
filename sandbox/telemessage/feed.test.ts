import { describe, expect, it } from 'vitest';
import { everything, hour, itemsUrl, page, START, startSite } from './site-under-contract.ts';

describe('the feed', () => {
  it.each(['android-archiver', 'whatsapp-archiver', 'verizon-network', 'o2-network', 'enterprise-number-archiver'])(
    'of %s is the same in pages of any size',
    async (kind) => {
      const site = await startSite();
      const token = await site.signIn();
      const whole = page.parse((await site.call({ url: itemsUrl({ limit: '1000' }, kind) }, token)).body);
      expect(whole.items.length).toBeGreaterThan(100);
      expect(whole.nextCursor).toBeNull();
      const paged: unknown[] = [];
      let cursor: string | null = null;
      do {
        const query = { limit: '7', ...(cursor === null ? {} : { cursor }) };
        const read = page.parse((await site.call({ url: itemsUrl(query, kind) }, token)).body);
        expect(read.items.length).toBeLessThanOrEqual(7);
        paged.push(...read.items);
        cursor = read.nextCursor;
      } while (cursor !== null);
      expect(paged).toEqual(whole.items);
    },
  );

  it('goes on with the same cursor after a restart', async () => {
    const site = await startSite();
    const url = itemsUrl({ limit: '20' });
    const first = page.parse((await site.call({ url }, await site.signIn())).body);
    const next = `${url}&cursor=${first.nextCursor}`;
    const second = await site.call({ url: next }, await site.signIn());
    const again = await startSite({}, site.database);
    expect((await again.call({ url: next }, await again.signIn())).body).toEqual(second.body);
  });

  it('binds a cursor to its window, limit and kind, and for 24 hours', async () => {
    const site = await startSite({ sessionSeconds: 200_000 });
    const token = await site.signIn();
    const { nextCursor } = page.parse((await site.call({ url: itemsUrl({ limit: '20' }) }, token)).body);
    const cursor = nextCursor ?? '';
    const refused = { status: 400, body: { resultCode: 410 } };
    expect(await site.call({ url: itemsUrl({ limit: '21', cursor }) }, token)).toMatchObject(refused);
    expect(await site.call({ url: itemsUrl({ limit: '20', from: hour(-23), cursor }) }, token)).toMatchObject(refused);
    expect(await site.call({ url: itemsUrl({ limit: '20', to: hour(-2), cursor }) }, token)).toMatchObject(refused);
    expect(await site.call({ url: itemsUrl({ limit: '20', cursor }, 'o2-network') }, token)).toMatchObject(refused);
    expect(await site.call({ url: itemsUrl({ limit: '20', cursor: `x${cursor}` }) }, token)).toMatchObject(refused);
    expect(await site.call({ url: itemsUrl({ limit: '20', cursor: 'nonsense' }) }, token)).toMatchObject(refused);
    site.pass(23 * 3_600_000);
    expect((await site.call({ url: itemsUrl({ limit: '20', cursor }) }, token)).status).toBe(200);
    site.pass(2 * 3_600_000);
    expect(await site.call({ url: itemsUrl({ limit: '20', cursor }) }, token)).toMatchObject(refused);
  });

  it.each([
    ['from after to', { from: hour(-1), to: hour(-2) }, 400, 411],
    ['an empty window', { from: hour(-2), to: hour(-2) }, 400, 411],
    ['more than 31 days', { from: hour(-24 * 31 - 2), to: hour(-1) }, 400, 411],
    ['no time', { from: 'yesterday' }, 400, 411],
    ['a window that is not settled', { to: hour(0) }, 412, 412],
    ['no items a page', { limit: '0' }, 400, 400],
    ['too many items a page', { limit: '1001' }, 400, 400],
  ])('refuses %s', async (_name, query, status, resultCode) => {
    const site = await startSite();
    expect(await site.call({ url: itemsUrl(query) }, await site.signIn())).toMatchObject({
      status,
      body: { resultCode },
    });
  });

  it('settles behind its own clock', async () => {
    const site = await startSite({ settleLagSeconds: 90 });
    const token = await site.signIn();
    const { body } = await site.call({ url: '/v1/archives/android-archiver/status' }, token);
    expect(body).toEqual({
      now: new Date(START).toISOString(),
      settledThrough: new Date(START - 90_000).toISOString(),
      earliestRetained: '2026-08-24T00:00:00.000Z',
    });
    expect((await site.call({ url: itemsUrl({ to: new Date(START - 90_000).toISOString() }) }, token)).status).toBe(
      200,
    );
  });

  it('lists nothing older than it retains', async () => {
    const site = await startSite();
    const token = await site.signIn();
    const window = { from: '2026-08-10T00:00:00.000Z', to: '2026-08-26T00:00:00.000Z', limit: '1000' };
    const items = await everything(site, token, window);
    expect(items[0]?.archivedTime.slice(0, 10)).toBe('2026-08-24');
  });
});

describe('the manifest', () => {
  it('counts distinct items and the bytes of their attachments', async () => {
    const site = await startSite({ itemsPerDay: 1_500 });
    const token = await site.signIn();
    const items = await everything(site, token);
    const distinct = [...new Map(items.map((one) => [one.id, one])).values()];
    expect(distinct.length).toBeLessThan(items.length);
    const { body } = await site.call({ url: itemsUrl({}).replace('/items?', '/manifest?') }, token);
    expect(body).toEqual({
      count: distinct.length,
      attachmentBytes: distinct.flatMap((one) => one.attachments).reduce((sum, one) => sum + one.size, 0),
    });
  });

  it('refuses what the feed refuses', async () => {
    const site = await startSite();
    const token = await site.signIn();
    const answer = await site.app.inject({
      url: itemsUrl({ to: hour(1) }).replace('/items?', '/manifest?'),
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.json()).toEqual({ resultCode: 412, resultDescription: 'NOT_SETTLED' });
  });
});
