/** `wids` in ID tokens, and what an app does without: ask Graph for the person's roles. */
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { graphAs, signInAs } from '../test-delegated.ts';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';

const GLOBAL_ADMINISTRATOR = '62e90394-69f5-4237-9190-012177145e10';
const signIn = { account: 'grace.adeyemi@alderbyrne.example', scopes: ['User.Read'] };

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
});
beforeEach(() => control('/reset', 'POST'));
afterAll(() => sandbox.stop());

const control = async (path: string, method: string, body: unknown = {}): Promise<unknown> => {
  const init = { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`${sandbox.urls.http}/sandbox/control${path}`, method === 'GET' ? {} : init);
  return response.status === 204 ? undefined : [response.status, await response.json()];
};
const wids = async () => decodeJwt((await signInAs(sandbox, signIn)).idToken).wids;

describe('the manifest of the app', () => {
  it('asks for wids in ID tokens, until it is changed', async () => {
    expect(await control('/app', 'GET')).toEqual([200, { wids: true }]);
    expect(await wids()).toContain(GLOBAL_ADMINISTRATOR);
    expect(await control('/app', 'PATCH', { wids: false })).toEqual([200, { wids: false }]);
    expect(await wids()).toBeUndefined();
    await control('/reset', 'POST');
    expect(await wids()).toContain(GLOBAL_ADMINISTRATOR);
  });

  it('without it, the person’s roles are to be had from Graph', async () => {
    await control('/app', 'PATCH', { wids: false });
    const me = await graphAs(sandbox, signIn);
    const { value } = await me.api('/me/memberOf').get();
    expect(value).toMatchObject([{ id: expect.any(String) }]);
    const { accessToken } = await signInAs(sandbox, signIn);
    expect(decodeJwt(accessToken).wids, 'in tokens for Graph they always are').toContain(GLOBAL_ADMINISTRATOR);
  });

  it.each([{}, { wids: 'no' }, { wids: true, other: 1 }])('is not changed by %j', async (body) => {
    expect(await control('/app', 'PATCH', body)).toEqual([400, { error: expect.any(String) }]);
    expect(await control('/app', 'GET')).toEqual([200, { wids: true }]);
  });
});
