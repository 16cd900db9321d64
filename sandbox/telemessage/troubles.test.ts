import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ADMIN, everything, hour, itemsUrl, START, startSite } from './site-under-contract.ts';

describe('trouble', () => {
  it('an item changes after it was listed, where that is asked for', async () => {
    const site = await startSite({ telemessageTroubles: ['changed'], itemsPerDay: 5_000 });
    const token = await site.signIn();
    const query = { from: hour(-1), to: new Date(START - 60_000).toISOString(), limit: '1000' };
    const before = await everything(site, token, query);
    site.pass(3_600_000);
    const after = await everything(site, await site.signIn(), query);
    expect(after.map((one) => one.id)).toEqual(before.map((one) => one.id));
    expect(after).not.toEqual(before);
  });

  it('too many requests are told when to come back', async () => {
    const site = await startSite({ limitsScale: 0.02 });
    const token = await site.signIn();
    const status = { url: '/v1/archives/android-archiver/status' };
    const statuses: number[] = [];
    for (let at = 0; at < 5; at += 1) statuses.push((await site.call(status, token)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 429]);
    expect((await site.call(status, token)).headers['retry-after']).toBe('1');
    site.pass(1_000);
    expect((await site.call(status, token)).status).toBe(200);
  });

  it('faults strike these routes: a session ends early, an item comes once more', async () => {
    const site = await startSite();
    const token = await site.signIn();
    const status = { url: '/v1/archives/android-archiver/status' };
    site.faults.add({
      service: 'telemessage',
      route: 'GET /v1/archives/*/status',
      rate: 1,
      after: 0,
      count: 1,
      fault: { kind: 'expire' },
    });
    expect((await site.call(status, token)).status).toBe(401);
    expect((await site.call(status, token)).status).toBe(401);
    const fresh = await site.signIn();
    const before = await everything(site, fresh, { limit: '1000' });
    site.faults.add({
      service: 'telemessage',
      route: 'GET */items',
      rate: 1,
      after: 0,
      count: 1,
      fault: { kind: 'duplicate' },
    });
    expect(await everything(site, fresh, { limit: '1000' })).toEqual([...before, before.at(-1)]);
  });

  it.each([
    ['purged', 410, 413],
    ['gone', 404, 404],
  ] as const)('%s: some attachments answer so, always the same ones, until it ends', async (trouble, status, code) => {
    const site = await startSite({ telemessageTroubles: [trouble] });
    const token = await site.signIn();
    const ids = (await everything(site, token)).flatMap((item) => item.attachments.map((one) => one.id)).slice(0, 40);
    const read = async () =>
      Promise.all(ids.map(async (id) => (await site.call({ url: `/v1/attachments/${id}` }, token)).status));
    const first = await read();
    expect(new Set(first)).toEqual(new Set([200, status]));
    expect(first.filter((one) => one !== 200).length).toBeLessThan(20);
    expect(await read()).toEqual(first);
    const struck = ids[first.indexOf(status)];
    expect((await site.call({ url: `/v1/attachments/${struck}` }, token)).body).toMatchObject({ resultCode: code });
    (await site.site()).conditions.change({ troubles: [] });
    expect(new Set(await read())).toEqual(new Set([200]));
  });

  it('miscounted: the manifest counts more than the feed lists, the same in parts and as a whole', async () => {
    const site = await startSite({ itemsPerDay: 1_000 });
    const token = await site.signIn();
    const counted = async (from: number, to: number): Promise<number> => {
      const url = itemsUrl({ from: hour(from), to: hour(to) }).replace('/items?', '/manifest?');
      return z.object({ count: z.number() }).parse((await site.call({ url }, token)).body).count;
    };
    const honest = await counted(-4, -1);
    (await site.site()).conditions.change({ troubles: ['miscounted'] });
    const more = await counted(-4, -1);
    expect(more).toBeGreaterThan(honest);
    expect((await counted(-4, -2)) + (await counted(-2, -1))).toBe(more);
  });

  it('are those that there are', async () => {
    await expect(startSite({ telemessageTroubles: ['gone', 'nonsense'] })).rejects.toThrow(
      'SANDBOX_TELEMESSAGE_TROUBLES: there is no trouble nonsense; there are wrongSize, ',
    );
  });
});

describe('conditions', () => {
  it('a shorter session ends those that are open, a longer one none', async () => {
    const site = await startSite({ sessionSeconds: 600 });
    const status = { url: '/v1/archives/android-archiver/status' };
    const token = await site.signIn();
    site.pass(100_000);
    (await site.site()).conditions.change({ sessionSeconds: 90 });
    expect((await site.call(status, token)).body).toMatchObject({ resultCode: 302 });
    const second = await site.signIn();
    (await site.site()).conditions.change({ sessionSeconds: 600 });
    site.pass(89_000);
    expect((await site.call(status, second)).status).toBe(200);
    site.pass(1_000);
    expect((await site.call(status, second)).status).toBe(401);
  });

  it('another lag and another rate are in force at once', async () => {
    const site = await startSite();
    const status = { url: '/v1/archives/android-archiver/status' };
    const token = await site.signIn();
    (await site.site()).conditions.change({ settleLagSeconds: 3_600, requestsPerSecond: 1 });
    expect((await site.call(status, token)).body).toMatchObject({
      settledThrough: new Date(START - 3_600_000).toISOString(),
    });
    expect((await site.call(status, token)).status).toBe(200);
    expect((await site.call(status, token)).status).toBe(429);
  });
});

describe('an account', () => {
  it('is suspended while a session is open, and open again', async () => {
    const site = await startSite();
    const token = await site.signIn();
    const { accounts } = await site.site();
    const status = { url: '/v1/archives/android-archiver/status' };
    accounts.change(ADMIN.username, { state: 'suspended' });
    expect(await site.call(status, token)).toMatchObject({ status: 403, body: { resultCode: 309 } });
    expect(await site.call({ method: 'POST', url: '/v1/sessions', payload: ADMIN })).toMatchObject({
      status: 403,
      body: { resultCode: 309 },
    });
    accounts.change(ADMIN.username, { state: 'pinRequired' });
    expect((await site.call({ method: 'POST', url: '/v1/sessions', payload: ADMIN })).body).toMatchObject({
      resultCode: 310,
    });
    accounts.change(ADMIN.username, { state: 'good', kinds: ['o2-network'] });
    expect((await site.call(status, token)).body).toMatchObject({ resultCode: 320 });
    accounts.reset();
    expect((await site.call(status, token)).status).toBe(200);
  });

  it('stays as it was changed over a restart, and nobody else is kept', async () => {
    const site = await startSite();
    const { accounts } = await site.site();
    expect(accounts.change(ADMIN.username.toUpperCase(), { state: 'pinRequired' })).toBe(true);
    expect(accounts.change(ADMIN.username, { kinds: ['o2-network'] })).toBe(true);
    expect(accounts.change('nobody@alderbyrne.example', { state: 'suspended' })).toBe(false);
    const kept = site.database.prepare('SELECT username FROM telemessage_account').all();
    expect(kept).toEqual([{ username: ADMIN.username }]);
    const again = await (await startSite({}, site.database)).site();
    expect(again.accounts.find(ADMIN.username)).toMatchObject({ state: 'pinRequired', kinds: ['o2-network'] });
    site.database.exec(`UPDATE telemessage_account SET change = '{"state":"of another version"}'`);
    expect(again.accounts.find(ADMIN.username)).toMatchObject({ state: 'good' });
    again.reset();
    expect(site.database.prepare('SELECT * FROM telemessage_account').all()).toEqual([]);
  });
});
