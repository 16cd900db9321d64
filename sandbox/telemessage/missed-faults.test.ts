/** A fault rule that found nothing to do waits for the next request. */
import { expect, it } from 'vitest';
import type { Fault } from '../control/fault.ts';
import { ADMIN, hour, itemsUrl, type Site, startSite } from './site-under-contract.ts';

const STATUS = '/v1/archives/android-archiver/status';

const once = (site: Site, route: string, fault: Fault): void => {
  site.faults.add({ service: 'telemessage', route, rate: 1, after: 0, count: 1, fault });
};
const struck = (site: Site): readonly number[] => site.faults.rules().map((rule) => rule.struck);

it('a page is repeated from when it has an item', async () => {
  const site = await startSite();
  const token = await site.signIn();
  once(site, 'GET */items', { kind: 'duplicate' });
  const empty = { from: hour(-1), to: new Date(Date.parse(hour(-1)) + 1).toISOString() };
  expect((await site.call({ url: itemsUrl(empty) }, token)).body).toEqual({ items: [], nextCursor: null });
  expect((await site.call({ url: itemsUrl({ limit: '0' }) }, token)).status).toBe(400);
  expect((await site.call({ url: itemsUrl({}) }, 'nobody’s')).status).toBe(401);
  expect(struck(site)).toEqual([0]);
  const { body } = await site.call({ url: itemsUrl({ limit: '3' }) }, token);
  expect(body).toMatchObject({ items: { length: 4 } });
  expect(struck(site)).toEqual([1]);
});

it('a session ends when one is opened', async () => {
  const site = await startSite();
  once(site, 'POST /v1/sessions', { kind: 'expire' });
  for (const wrong of [{ username: 'nobody@alderbyrne.example' }, { password: 'wrong' }]) {
    const payload = { ...ADMIN, ...wrong };
    expect((await site.call({ method: 'POST', url: '/v1/sessions', payload })).status).toBe(401);
  }
  expect(struck(site)).toEqual([0]);
  expect((await site.call({ url: STATUS }, await site.signIn())).status).toBe(401);
  expect(struck(site)).toEqual([1]);
});

it('a session ends when it is one that lasts', async () => {
  const site = await startSite();
  (await site.site()).conditions.change({ sessionSeconds: 60 });
  const over = await site.signIn();
  site.pass(61_000);
  once(site, 'GET *', { kind: 'expire' });
  for (const none of [undefined, 'nobody’s', over]) {
    expect((await site.call({ url: STATUS }, none)).status).toBe(401);
  }
  expect(struck(site)).toEqual([0]);
  expect((await site.call({ url: STATUS }, await site.signIn())).status).toBe(401);
  expect(struck(site)).toEqual([1]);
});
