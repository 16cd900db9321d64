/** Access tokens on behalf of people, by msal-node and by the client that next-auth uses. */
import { decodeJwt } from 'jose';
import { generators, Issuer } from 'openid-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Browser } from '../test-browser.ts';
import { CALLBACK, signInAs } from '../test-delegated.ts';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { portalApp } from '../world/portal-app.ts';
import { findPerson, kestrelBank } from '../world/tenants.ts';

const GRACE = 'grace.adeyemi@alderbyrne.example';
const SAM = 'sam.okafor@alderbyrne.example';
const GRAPH = 'https://graph.microsoft.com';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
});
beforeEach(() => sandbox.parts.consents.revokeAll());
afterAll(() => sandbox.stop());

describe('a token by acquireTokenByCode', () => {
  it('is for Graph, on behalf of the person, with what was asked', async () => {
    const result = await signInAs(sandbox, { account: GRACE, scopes: ['User.Read'] });
    const grace = findPerson(alderByrne, GRACE);
    expect(decodeJwt(result.accessToken)).toMatchObject({
      aud: '00000003-0000-0000-c000-000000000000',
      ver: '1.0',
      iss: `https://sts.windows.net/${alderByrne.id}/`,
      idtyp: 'user',
      scp: 'openid profile User.Read',
      oid: grace?.id,
      tid: alderByrne.id,
      upn: GRACE,
      appid: portalApp.clientId,
      appidacr: '1',
      wids: ['62e90394-69f5-4237-9190-012177145e10', 'b79fbf4d-3ef9-4689-8143-76b194e85509'],
    });
    expect(decodeJwt(result.accessToken).roles).toBeUndefined();
    expect(result.account?.homeAccountId).toBe(`${grace?.id}.${alderByrne.id}`);
    expect(result.scopes).toContain('User.Read');
  });

  it('names Graph as it was asked for', async () => {
    const byHost = await signInAs(sandbox, { account: SAM, scopes: [`${GRAPH}/User.Read`] });
    expect(decodeJwt(byHost.accessToken)).toMatchObject({ aud: GRAPH, scp: 'openid profile User.Read' });
    expect(byHost.scopes).toContain(`${GRAPH}/User.Read`);
    const here = await signInAs(sandbox, { account: SAM, scopes: [`${sandbox.urls.graph}/User.Read`] });
    expect(decodeJwt(here.accessToken).aud).toBe(sandbox.urls.graph);
  });

  it('has what the organization consented to beside what was asked', async () => {
    sandbox.parts.consents.grantDelegated(alderByrne.id, ['Directory.Read.All']);
    const byName = await signInAs(sandbox, { account: SAM, scopes: ['User.Read'] });
    expect(decodeJwt(byName.accessToken).scp).toBe('openid profile User.Read Directory.Read.All');
    const byDefault = await signInAs(sandbox, { account: SAM, scopes: [`${GRAPH}/.default`] });
    expect(decodeJwt(byDefault.accessToken).scp).toBe('openid profile User.Read Directory.Read.All');
  });

  it('is renewed by the refresh token that msal keeps, and loses what was taken back', async () => {
    sandbox.parts.consents.grantDelegated(alderByrne.id, ['Directory.Read.All']);
    const msal = sandbox.msal();
    const { account, accessToken } = await signInAs(sandbox, { account: SAM, scopes: ['User.Read'], msal });
    if (!account) throw new Error('msal knows no account');
    const again = () => msal.acquireTokenSilent({ account, scopes: ['User.Read'], forceRefresh: true });
    const second = await again();
    expect(second?.accessToken).not.toBe(accessToken);
    expect(decodeJwt(second?.accessToken ?? '').scp).toContain('Directory.Read.All');
    sandbox.parts.consents.revoke(alderByrne.id);
    expect(decodeJwt((await again())?.accessToken ?? '').scp).toBe('openid profile User.Read');
  });
});

describe('scopes that are refused', () => {
  const refused = async (scopes: readonly string[]): Promise<Record<string, string>> => {
    const browser = new Browser();
    const url = await sandbox.msal().getAuthCodeUrl({ scopes: [...scopes], redirectUri: CALLBACK, state: 'mine' });
    await browser.open(url);
    return Object.fromEntries(new URL(browser.location).searchParams);
  };

  it.each([
    [
      ['Nonsense.Read'],
      'invalid_client',
      "AADSTS650053: The application 'Compliance portal' asked for scope 'Nonsense",
    ],
    [['User.Read', `${GRAPH}/.default`], 'invalid_scope', 'AADSTS70011'],
    [[`${GRAPH}/User.Read`, '00000003-0000-0000-c000-000000000000/User.Read'], 'invalid_scope', 'AADSTS70011'],
    [['https://vault.example/Read'], 'invalid_resource', 'AADSTS500011'],
    [['Directory.Read.All'], 'access_denied', 'AADSTS90094'],
  ])('%j go back to the app as %s', async (scopes, error, description) => {
    const answer = await refused(scopes);
    expect(answer).toMatchObject({ error, state: 'mine' });
    expect(answer.error_description).toContain(description);
  });

  it('are those that an administrator has not consented to, until one has', async () => {
    const browser = new Browser();
    const query = new URLSearchParams({
      client_id: portalApp.clientId,
      scope: `${GRAPH}/Directory.Read.All`,
      redirect_uri: CALLBACK,
    });
    await browser.open(`${sandbox.urls.http}/${alderByrne.id}/v2.0/adminconsent?${query}`);
    await browser.submit({ account: GRACE });
    await browser.submit({ decision: 'accept' });
    const { accessToken } = await signInAs(sandbox, { account: SAM, scopes: ['Directory.Read.All'] });
    expect(decodeJwt(accessToken).scp).toContain('Directory.Read.All');
  });

  it('are refused by the token endpoint as not consented', async () => {
    const msal = sandbox.msal();
    const { account } = await signInAs(sandbox, { account: SAM, scopes: ['User.Read'], msal });
    if (!account) throw new Error('msal knows no account');
    await expect(msal.acquireTokenSilent({ account, scopes: ['Directory.Read.All'] })).rejects.toMatchObject({
      errorCode: 'invalid_grant',
      errorMessage: expect.stringContaining('AADSTS65001'),
      subError: 'consent_required',
    });
    await expect(msal.acquireTokenSilent({ account, scopes: ['Nonsense'] })).rejects.toMatchObject({
      errorMessage: expect.stringContaining('AADSTS650053'),
    });
  });
});

describe('by the client that next-auth uses, with its own default scope', () => {
  const relyingParty = async () => {
    const at = `${sandbox.urls.entra}/${alderByrne.id}/v2.0/.well-known/openid-configuration`;
    const issuer = await Issuer.discover(at);
    return new issuer.Client({
      client_id: portalApp.clientId,
      client_secret: portalApp.clientSecret,
      redirect_uris: [CALLBACK],
      token_endpoint_auth_method: 'client_secret_post',
    });
  };

  it('gives an ID token and an access token, and tells about the person', async () => {
    const client = await relyingParty();
    const browser = new Browser();
    const nonce = generators.nonce();
    await browser.open(client.authorizationUrl({ scope: 'openid profile email User.Read', nonce }));
    await browser.submit({ account: GRACE });
    const tokens = await client.callback(CALLBACK, client.callbackParams(browser.location), { nonce });
    expect(tokens.claims()).toMatchObject({ tid: alderByrne.id, name: 'Grace Adeyemi' });
    expect(tokens.refresh_token).toBeUndefined();
    expect(await client.userinfo(tokens)).toEqual({
      sub: tokens.claims().sub,
      name: 'Grace Adeyemi',
      given_name: 'Grace',
      family_name: 'Adeyemi',
      email: GRACE,
    });
  });

  it('refreshes, in its own tenant only', async () => {
    const client = await relyingParty();
    const browser = new Browser();
    await browser.open(client.authorizationUrl({ scope: 'openid offline_access User.Read' }));
    await browser.submit({ account: SAM });
    const tokens = await client.callback(CALLBACK, client.callbackParams(browser.location));
    const again = await client.refresh(tokens);
    expect(decodeJwt(again.access_token ?? '').scp).toBe('openid User.Read');
    expect(again.claims().sub).toBe(tokens.claims().sub);
    const elsewhere = await Issuer.discover(
      `${sandbox.urls.entra}/${kestrelBank.id}/v2.0/.well-known/openid-configuration`,
    );
    const stranger = new elsewhere.Client({
      client_id: portalApp.clientId,
      client_secret: portalApp.clientSecret,
      token_endpoint_auth_method: 'client_secret_post',
    });
    await expect(stranger.refresh(tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
      error_description: expect.stringContaining('AADSTS9002313'),
    });
  });

  it('says who nobody is to userinfo', async () => {
    const client = await relyingParty();
    await expect(client.userinfo('nonsense')).rejects.toThrow();
    await expect(client.userinfo(await sandbox.token())).rejects.toThrow();
  });
});
