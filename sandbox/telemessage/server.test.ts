import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { tenants } from '../world/tenants.ts';
import { ADMIN, itemsUrl, startSite } from './site-under-contract.ts';

describe('signing in', () => {
  it.each([
    ['an unknown user', { username: 'nobody@alderbyrne.example', password: 'x' }, 401, 300],
    ['a wrong password', { ...ADMIN, password: 'wrong' }, 401, 301],
    [
      'a suspended account',
      { username: 'archive.suspended@alderbyrne.example', password: 'sandbox-archive-4' },
      403,
      309,
    ],
    ['an account with a PIN', { username: 'archive.pin@alderbyrne.example', password: 'sandbox-archive-5' }, 403, 310],
  ])('refuses %s', async (_name, payload, status, resultCode) => {
    const site = await startSite();
    const answer = await site.call({ method: 'POST', url: '/v1/sessions', payload });
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ resultCode });
  });

  it('locks after five wrong passwords, sessions too, and stays locked over a restart', async () => {
    const site = await startSite();
    const token = await site.signIn();
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const { body } = await site.call({
        method: 'POST',
        url: '/v1/sessions',
        payload: { ...ADMIN, password: 'wrong' },
      });
      expect(body).toMatchObject({ resultCode: 301 });
    }
    const locked = await site.call({ method: 'POST', url: '/v1/sessions', payload: ADMIN });
    expect(locked).toMatchObject({ status: 403, body: { resultCode: 309 } });
    expect((await site.call({ url: itemsUrl({}) }, token)).status).toBe(403);
    const again = await startSite({}, site.database);
    expect((await again.call({ method: 'POST', url: '/v1/sessions', payload: ADMIN })).status).toBe(403);
  });

  it('forgets wrong passwords after a right one', async () => {
    const site = await startSite();
    for (let round = 0; round < 2; round += 1) {
      for (let attempt = 0; attempt < 4; attempt += 1) {
        await site.call({ method: 'POST', url: '/v1/sessions', payload: { ...ADMIN, password: 'wrong' } });
      }
      expect(await site.signIn()).toMatch(/^\S{40,}$/);
    }
  });

  it('gives sessions that live beside each other and end', async () => {
    const site = await startSite({ sessionSeconds: 600 });
    const first = await site.signIn();
    site.pass(400_000);
    const second = await site.signIn();
    const status = { url: '/v1/archives/android-archiver/status' };
    expect((await site.call(status, first)).status).toBe(200);
    site.pass(300_000);
    expect(await site.call(status, first)).toMatchObject({ status: 401, body: { resultCode: 302 } });
    expect((await site.call(status, second)).status).toBe(200);
  });

  it('throttles each name by itself, in any case, and all unknown names together', async () => {
    const site = await startSite({ limitsScale: 0.01 });
    const attempt = async (username: string) =>
      (await site.call({ method: 'POST', url: '/v1/sessions', payload: { ...ADMIN, username } })).status;
    expect([await attempt('a@b.example'), await attempt('c@d.example')]).toEqual([401, 401]);
    expect(await attempt('e@f.example')).toBe(429);
    expect([await attempt(ADMIN.username), await attempt(ADMIN.username.toUpperCase())]).toEqual([201, 201]);
    expect(await attempt(ADMIN.username.replace('archive', 'Archive'))).toBe(429);
  });

  it.each([
    { ...ADMIN, username: 'x'.repeat(257) },
    { ...ADMIN, password: 'x'.repeat(257) },
  ])('reads no endless names and passwords', async (payload) => {
    const site = await startSite();
    const answer = await site.app.inject({ method: 'POST', url: '/v1/sessions', payload });
    expect([answer.statusCode, answer.json()]).toEqual([400, { resultCode: 400, resultDescription: 'GENERAL_ERROR' }]);
  });

  it.each(['not JSON', '[]', '{"username":1,"password":"x"}', '{"username":"a"}'])('survives %s', async (payload) => {
    const site = await startSite();
    const answer = await site.app.inject({
      method: 'POST',
      url: '/v1/sessions',
      payload,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toEqual({ resultCode: 400, resultDescription: 'GENERAL_ERROR' });
  });
});

describe('without a session', () => {
  it.each([
    ['GET', '/v1/archives/android-archiver/status'],
    ['GET', '/v1/archives/android-archiver/items'],
    ['GET', '/v1/archives/android-archiver/manifest'],
    ['GET', '/v1/archives/android-archiver/users'],
    ['GET', '/v1/attachments/x'],
    ['GET', '/v1/connectors/x'],
    ['DELETE', '/v1/connectors/x'],
    ['POST', '/v1/connectors'],
  ] as const)('%s %s is refused', async (method, url) => {
    const site = await startSite();
    for (const token of [undefined, 'made-up']) {
      expect(await site.call({ method, url }, token)).toMatchObject({ status: 401, body: { resultCode: 302 } });
    }
  });
});

describe('connectors', () => {
  const payload = { kind: 'android-archiver', clientReference: 'draft-1' };

  it('are registered once for a reference, and found by their own account only', async () => {
    const site = await startSite();
    const token = await site.signIn();
    const first = await site.call({ method: 'POST', url: '/v1/connectors', payload }, token);
    const second = await site.call({ method: 'POST', url: '/v1/connectors', payload }, token);
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body).toEqual(first.body);
    const { id } = z.object({ id: z.string() }).parse(first.body);
    const other = await site.signIn({ username: 'archive.admin@kestrelbank.example', password: 'sandbox-archive-6' });
    expect((await site.call({ url: `/v1/connectors/${id}` }, other)).status).toBe(404);
    expect((await site.call({ method: 'DELETE', url: `/v1/connectors/${id}` }, other)).status).toBe(404);
    expect((await site.call({ url: `/v1/connectors/${id}` }, token)).body).toMatchObject({
      id,
      kind: 'android-archiver',
      status: 'active',
      devices: 39,
      dormantDevices: 2,
    });
    expect((await site.call({ method: 'DELETE', url: `/v1/connectors/${id}` }, token)).status).toBe(204);
    expect((await site.call({ method: 'DELETE', url: `/v1/connectors/${id}` }, token)).status).toBe(404);
  });

  it('are remembered over a restart', async () => {
    const site = await startSite();
    const { body } = await site.call({ method: 'POST', url: '/v1/connectors', payload }, await site.signIn());
    const { id } = z.object({ id: z.string() }).parse(body);
    const again = await startSite({}, site.database);
    expect((await again.call({ url: `/v1/connectors/${id}` }, await again.signIn())).status).toBe(200);
  });

  it('say that they are suspended, over a restart too, while their account is good', async () => {
    const site = await startSite();
    const token = await site.signIn();
    const { body } = await site.call({ method: 'POST', url: '/v1/connectors', payload }, token);
    const { id } = z.object({ id: z.string() }).parse(body);
    const { registrations } = await site.site();
    expect(registrations.setStatus('cn-none', 'suspended')).toBeUndefined();
    expect(registrations.setStatus(id, 'suspended')).toMatchObject({ id, status: 'suspended' });
    const told = async (one: typeof site) => (await one.call({ url: `/v1/connectors/${id}` }, await one.signIn())).body;
    expect(await told(site)).toMatchObject({ id, status: 'suspended' });
    expect((await site.call({ url: itemsUrl({ limit: '1' }) }, token)).status).toBe(200);
    expect(await told(await startSite({}, site.database))).toMatchObject({ status: 'suspended' });
  });

  it('are active in a database of an earlier version', async () => {
    const database = new DatabaseSync(':memory:');
    database.exec(`CREATE TABLE telemessage_connector (
      id TEXT PRIMARY KEY, account TEXT NOT NULL, kind TEXT NOT NULL, reference TEXT NOT NULL, created TEXT NOT NULL,
      UNIQUE (account, kind, reference)) STRICT`);
    database.exec(`INSERT INTO telemessage_connector VALUES
      ('cn-1', 'TM-40117', 'android-archiver', 'draft-0', '2026-11-01T00:00:00.000Z')`);
    const site = await startSite({}, database);
    const token = await site.signIn();
    expect((await site.call({ url: '/v1/connectors/cn-1' }, token)).body).toMatchObject({ status: 'active' });
    expect((await site.call({ method: 'POST', url: '/v1/connectors', payload }, token)).status).toBe(201);
  });

  it('are of a kind that the account ordered', async () => {
    const site = await startSite();
    const token = await site.signIn({ username: 'archive.basic@alderbyrne.example', password: 'sandbox-archive-3' });
    expect(await site.call({ method: 'POST', url: '/v1/connectors', payload }, token)).toMatchObject({
      status: 403,
      body: { resultCode: 320 },
    });
    for (const part of ['status', 'items', 'manifest', 'users']) {
      expect(await site.call({ url: `/v1/archives/android-archiver/${part}` }, token)).toMatchObject({
        status: 403,
        body: { resultCode: 320 },
      });
    }
    expect((await site.call({ url: '/v1/archives/verizon-network/status' }, token)).status).toBe(200);
  });
});

describe('users', () => {
  it('are listed in pages, each once', async () => {
    const site = await startSite();
    const token = await site.signIn();
    const users: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body } = await site.call(
        { url: `/v1/archives/android-archiver/users${cursor === '' ? '' : `?cursor=${cursor}`}` },
        token,
      );
      const read = z
        .object({ users: z.array(z.object({ mobile: z.string() })), nextCursor: z.string().nullable() })
        .parse(body);
      users.push(...read.users.map((one) => one.mobile));
      cursor = read.nextCursor;
    }
    const registered = tenants[0]?.people.flatMap((one) => one.mobile ?? []) ?? [];
    expect(users.toSorted()).toEqual(registered.toSorted());
    expect(users.length).toBeGreaterThan(25);
  });
});
