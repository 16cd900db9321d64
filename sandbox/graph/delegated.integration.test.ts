/** Graph on behalf of a signed-in person: `/me`, and what the person's scopes open. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { graphAs } from '../test-delegated.ts';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { findPerson } from '../world/tenants.ts';

const GRACE = 'grace.adeyemi@alderbyrne.example';
/** nobody else asks for her mailbox here */
const LENA = 'lena.fischer@alderbyrne.example';
const SAM = 'sam.okafor@alderbyrne.example';
const denied = { statusCode: 403, code: 'Authorization_RequestDenied' };

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
});
beforeEach(() => sandbox.parts.consents.revokeAll());
afterAll(() => sandbox.stop());

describe('/me', () => {
  it('is the signed-in person', async () => {
    const graph = await graphAs(sandbox, { account: GRACE, scopes: ['User.Read'] });
    const me = await graph.api('/me').select('id,userPrincipalName').get();
    expect(me).toEqual({
      '@odata.context': `${sandbox.urls.graph}/v1.0/$metadata#users(id,userPrincipalName)/$entity`,
      id: findPerson(alderByrne, GRACE)?.id,
      userPrincipalName: GRACE,
    });
    expect(await graph.api(`/users/${GRACE}`).select('id').get()).toMatchObject({ id: me.id });
  });

  it('is nobody to the app itself, at any path', async () => {
    sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite', 'Directory.Read.All']);
    for (const path of ['/me', '/me/memberOf', '/me/messages']) {
      await expect(sandbox.graph().api(path).get()).rejects.toMatchObject({
        statusCode: 400,
        code: 'BadRequest',
        message: '/me request is only valid with delegated authentication flow.',
      });
    }
  });

  it('works inside a batch', async () => {
    const graph = await graphAs(sandbox, { account: SAM, scopes: ['User.Read'] });
    const { responses } = await graph.api('/$batch').post({ requests: [{ id: '1', method: 'GET', url: '/me' }] });
    expect(responses).toMatchObject([{ status: 200, body: { userPrincipalName: SAM } }]);
  });

  it('needs a scope that has to do with users', async () => {
    const graph = await graphAs(sandbox, { account: SAM, scopes: ['Mail.ReadWrite'] });
    await expect(graph.api('/me').get()).rejects.toMatchObject(denied);
  });
});

describe('other people', () => {
  it('are closed to User.Read, and open to what an administrator consented to', async () => {
    const signIn = { account: SAM, scopes: ['User.Read'] };
    const closed = await graphAs(sandbox, signIn);
    await expect(closed.api('/users').get()).rejects.toMatchObject(denied);
    await expect(closed.api(`/users/${GRACE}`).get()).rejects.toMatchObject(denied);
    await expect(closed.api('/directoryRoles').get()).rejects.toMatchObject(denied);
    sandbox.parts.consents.grantDelegated(alderByrne.id, ['Directory.Read.All']);
    const open = await graphAs(sandbox, signIn);
    expect(await open.api(`/users/${GRACE}`).get()).toMatchObject({ displayName: 'Grace Adeyemi' });
    expect((await open.api('/directoryRoles').get()).value).toHaveLength(2);
  });

  it('are not opened by what the app itself was granted', async () => {
    sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
    const graph = await graphAs(sandbox, { account: SAM, scopes: ['User.Read'] });
    await expect(graph.api('/users').get()).rejects.toMatchObject(denied);
    await expect(graph.api('/me/mailFolders').get()).rejects.toMatchObject({
      statusCode: 403,
      code: 'ErrorAccessDenied',
    });
  });

  it('leave their mailboxes closed to whoever may write mail', async () => {
    const graph = await graphAs(sandbox, { account: SAM, scopes: ['Mail.ReadWrite'] });
    const { id } = await graph.api('/me/mailFolders').post({ displayName: 'Mine' });
    expect(await graph.api(`/users/${SAM}/mailFolders/${id}`).get()).toMatchObject({ displayName: 'Mine' });
    await expect(graph.api(`/users/${GRACE}/mailFolders`).get()).rejects.toMatchObject({
      statusCode: 403,
      code: 'ErrorAccessDenied',
    });
  });
});

describe('the organization', () => {
  it('shows its public side to User.Read', async () => {
    const graph = await graphAs(sandbox, { account: SAM, scopes: ['User.Read'] });
    const { value } = await graph.api('/organization').get();
    expect(value).toMatchObject([{ id: alderByrne.id, displayName: 'Alder & Byrne', tenantType: null }]);
  });
});

describe('limits', () => {
  it('of a mailbox count requests through /me, and no others of the person', async () => {
    const limits = (method: string, body?: object) =>
      fetch(`${sandbox.urls.http}/sandbox/control/limits`, {
        method,
        ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
    await limits('PATCH', { mailboxRequests: 2 });
    try {
      const graph = await graphAs(sandbox, { account: LENA, scopes: ['Mail.ReadWrite', 'User.Read'] });
      await graph.api('/me/memberOf').get();
      await graph.api('/me/mailFolders').get();
      await graph.api('/me/mailFolders').get();
      // in a batch, where the client does not wait and try again
      const requests = [{ id: '1', method: 'GET', url: `/users/${LENA}/mailFolders` }];
      const { responses } = await graph.api('/$batch').post({ requests });
      const message = 'Application is over its RequestsPerMailbox limit.';
      expect(responses).toMatchObject([{ status: 429, body: { error: { message } } }]);
    } finally {
      await limits('DELETE');
    }
  });
});
