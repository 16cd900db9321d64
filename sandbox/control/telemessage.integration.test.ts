import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';

const ADMIN = 'archive.admin@alderbyrne.example';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

const control = async (path: string, method = 'GET', body?: unknown) => {
  const response = await fetch(`${sandbox.urls.http}/sandbox/control/${path}`, {
    method,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  return { status: response.status, body: response.status === 204 ? undefined : await response.json() };
};

const signIn = async (password = 'sandbox-archive-1') => {
  const response = await fetch(`${sandbox.urls.telemessage}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: ADMIN, password }),
  });
  return response.json();
};

const change = (body: unknown, username = ADMIN) =>
  control(`telemessage/accounts/${encodeURIComponent(username)}`, 'PATCH', body);

describe('the conditions of TeleMessage', () => {
  it('are shown, changed in part, and put back', async () => {
    const before = await control('telemessage');
    expect(before.body).toMatchObject({
      troubles: [],
      settleLagSeconds: 60,
      sessionSeconds: 1_800,
      requestsPerSecond: 100,
    });
    const changed = await control('telemessage', 'PATCH', { troubles: ['gone'], sessionSeconds: 5 });
    expect(changed.body).toEqual({ ...before.body, troubles: ['gone'], sessionSeconds: 5 });
    expect(await signIn()).toMatchObject({ expiresIn: 5 });
    expect((await control('telemessage', 'DELETE')).status).toBe(204);
    expect((await control('telemessage')).body).toEqual(before.body);
  });

  it.each([{ troubles: ['nonsense'] }, { sessionSeconds: 0 }, { settleLagSeconds: -1 }, { unknown: 1 }, []])(
    'are not changed by %j',
    async (body) => {
      const refused = await control('telemessage', 'PATCH', body);
      expect(refused).toMatchObject({ status: 400, body: { error: expect.any(String) } });
    },
  );
});

describe('an account of TeleMessage', () => {
  it('is suspended, and good again with a reset', async () => {
    expect((await change({ state: 'suspended' })).body).toMatchObject({ username: ADMIN, state: 'suspended' });
    expect(await signIn()).toMatchObject({ resultCode: 309 });
    await control('telemessage', 'PATCH', { troubles: ['gone'] });
    await control('reset', 'POST');
    expect(await signIn()).toMatchObject({ account: { id: 'TM-40117' } });
    expect((await control('telemessage')).body.troubles).toEqual([]);
  });

  it('is unlocked', async () => {
    for (let time = 0; time < 5; time += 1) await signIn('wrong');
    const { body } = await control('telemessage');
    expect(body.accounts).toContainEqual(expect.objectContaining({ username: ADMIN, locked: true }));
    expect((await change({ unlock: true })).body).toMatchObject({ locked: false });
    expect(await signIn()).toMatchObject({ account: { id: 'TM-40117' } });
  });

  it('orders other kinds', async () => {
    expect((await change({ kinds: ['o2-network'] })).body).toMatchObject({ kinds: ['o2-network'], state: 'good' });
    await control('telemessage', 'DELETE');
  });

  it('is not changed by nonsense', async () => {
    expect((await change({ state: 'good' }, 'nobody@alderbyrne.example')).status).toBe(404);
    for (const body of [{ state: 'odd' }, { kinds: ['nonsense'] }, { colour: 'red' }]) {
      expect((await change(body)).status).toBe(400);
    }
  });
});

describe('a connector of TeleMessage', () => {
  it('is suspended by itself, and active again', async () => {
    const { token } = await signIn();
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const registered = await fetch(`${sandbox.urls.telemessage}/v1/connectors`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ kind: 'android-archiver', clientReference: 'control' }),
    });
    const { id } = await registered.json();
    const told = async () =>
      (await (await fetch(`${sandbox.urls.telemessage}/v1/connectors/${id}`, { headers })).json()).status;
    for (const status of ['suspended', 'active']) {
      expect(await control(`telemessage/connectors/${id}`, 'PATCH', { status })).toMatchObject({
        status: 200,
        body: { id, status },
      });
      expect(await told()).toBe(status);
      expect((await control('telemessage')).body.connectors).toContainEqual(expect.objectContaining({ id, status }));
    }
  });

  it('is not changed by nonsense', async () => {
    expect((await control('telemessage/connectors/cn-none', 'PATCH', { status: 'active' })).status).toBe(404);
    for (const body of [{}, { status: 'odd' }, { status: 'active', colour: 'red' }]) {
      expect((await control('telemessage/connectors/cn-none', 'PATCH', body)).status).toBe(400);
    }
  });
});
