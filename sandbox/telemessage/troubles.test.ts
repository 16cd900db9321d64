import { describe, expect, it } from 'vitest';
import { everything, hour, START, startSite } from './site-under-contract.ts';

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
});
