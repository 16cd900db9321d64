import { decodeJwt, decodeProtectedHeader } from 'jose';
import { Issuer } from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { callingApp } from '../world/calling-app.ts';
import type { Tenant } from '../world/people.ts';
import { portalApp } from '../world/portal-app.ts';
import { foxglove, kestrelBank } from '../world/tenants.ts';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

const scopes = ['https://graph.microsoft.com/.default'];

describe('app tokens, by msal-node', () => {
  it('carry no role before consent, and the granted ones in that tenant only after it', async () => {
    expect(decodeJwt(await sandbox.token(alderByrne)).roles).toBeUndefined();
    sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
    expect(decodeJwt(await sandbox.token(alderByrne)).roles).toEqual(['User.Read.All', 'Mail.ReadWrite']);
    expect(decodeJwt(await sandbox.token(kestrelBank)).roles).toBeUndefined();
    sandbox.parts.consents.revoke(alderByrne.id);
    expect(decodeJwt(await sandbox.token(alderByrne)).roles).toBeUndefined();
  });

  it('name the tenant, the app and Graph, and last as long as set', async () => {
    const result = await sandbox.msal(foxglove).acquireTokenByClientCredential({ scopes });
    const claims = decodeJwt(result?.accessToken ?? '');
    expect(claims).toMatchObject({
      tid: foxglove.id,
      appid: expect.any(String),
      oid: expect.any(String),
      aud: 'https://graph.microsoft.com',
      ver: '1.0',
      iss: `https://sts.windows.net/${foxglove.id}/`,
    });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(3_599);
  });

  it('come from msal’s cache until it is skipped, so that a consent is not seen at once', async () => {
    const client = sandbox.msal(kestrelBank);
    const first = await client.acquireTokenByClientCredential({ scopes });
    sandbox.parts.consents.grant(kestrelBank.id, ['User.Read.All']);
    expect((await client.acquireTokenByClientCredential({ scopes }))?.accessToken).toBe(first?.accessToken);
    const fresh = await client.acquireTokenByClientCredential({ scopes, skipCache: true });
    expect(decodeJwt(fresh?.accessToken ?? '').roles).toEqual(['User.Read.All']);
  });

  it('are refused to a wrong secret with AADSTS7000215', async () => {
    const refused = sandbox.msal(alderByrne, 'wrong').acquireTokenByClientCredential({ scopes });
    await expect(refused).rejects.toMatchObject({
      errorCode: 'invalid_client',
      errorMessage: expect.stringContaining('AADSTS7000215'),
    });
  });

  it('are refused for a resource that is not Graph, and for scopes by name', async () => {
    const ask = (scope: string) => sandbox.msal().acquireTokenByClientCredential({ scopes: [scope] });
    await expect(ask('https://vault.example/.default')).rejects.toMatchObject({ errorCode: 'invalid_resource' });
    await expect(ask('https://graph.microsoft.com/Mail.Read')).rejects.toMatchObject({
      errorMessage: expect.stringContaining('AADSTS1002012'),
    });
  });
});

describe('app tokens for the portal', () => {
  const scope = `api://${portalApp.clientId}/.default`;
  const ask = async (tenant: Tenant, form: Readonly<Record<string, string>>) => {
    const body = new URLSearchParams({ grant_type: 'client_credentials', scope, ...form });
    const answer = await fetch(`${sandbox.urls.entra}/${tenant.id}/oauth2/v2.0/token`, { method: 'POST', body });
    return answer.json();
  };
  const personnel = { client_id: callingApp.clientId, client_secret: callingApp.clientSecret };

  it('are of version 2.0, for its client id, and carry what the tenant has granted to the app that asks', async () => {
    const claims = decodeJwt((await ask(alderByrne, personnel)).access_token);
    expect(claims).toMatchObject({
      iss: `${sandbox.urls.entra}/${alderByrne.id}/v2.0`,
      aud: portalApp.clientId,
      azp: callingApp.clientId,
      tid: alderByrne.id,
      ver: '2.0',
      roles: ['Mapping.Propose'],
    });
    expect(claims.oid).toBe(claims.sub);
    expect(decodeJwt((await ask(kestrelBank, personnel)).access_token).roles).toBeUndefined();
    const own = {
      client_id: portalApp.clientId,
      client_secret: portalApp.clientSecret,
      scope: `${portalApp.clientId}/.default`,
    };
    expect(decodeJwt((await ask(alderByrne, own)).access_token).roles).toBeUndefined();
  });

  it('leave the app that asks without Graph, and are refused to a wrong secret', async () => {
    sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
    const graph = await ask(alderByrne, { ...personnel, scope: 'https://graph.microsoft.com/.default' });
    expect(decodeJwt(graph.access_token)).toMatchObject({
      appid: callingApp.clientId,
      aud: 'https://graph.microsoft.com',
    });
    expect(decodeJwt(graph.access_token).roles).toBeUndefined();
    const wrong = await ask(alderByrne, { ...personnel, client_secret: portalApp.clientSecret });
    expect(wrong).toMatchObject({ error: 'invalid_client', error_codes: [7_000_215] });
    const code = await ask(alderByrne, {
      ...personnel,
      grant_type: 'authorization_code',
      code: 'x',
      redirect_uri: 'http://localhost/',
    });
    expect(code).toMatchObject({ error: 'invalid_grant' });
  });
});

describe('discovery', () => {
  const discovery = async (tenant: string): Promise<Response> =>
    fetch(`${sandbox.urls.entra}/${tenant}/v2.0/.well-known/openid-configuration`);

  it('sends browsers to http and programs to https, by tenant id or domain', async () => {
    const document = await (await discovery('alderbyrne-group.example')).json();
    expect(document).toMatchObject({
      issuer: `${sandbox.urls.entra}/${alderByrne.id}/v2.0`,
      authorization_endpoint: `${sandbox.urls.http}/${alderByrne.id}/oauth2/v2.0/authorize`,
      token_endpoint: `${sandbox.urls.entra}/${alderByrne.id}/oauth2/v2.0/token`,
    });
  });

  it.each(['organizations', 'common'])('has a document for %s, whose issuer is no tenant', async (name) => {
    const issuer = await Issuer.discover(`${sandbox.urls.entra}/${name}/v2.0/.well-known/openid-configuration`);
    expect(issuer.metadata).toMatchObject({
      issuer: `${sandbox.urls.entra}/{tenantid}/v2.0`,
      authorization_endpoint: `${sandbox.urls.http}/${name}/oauth2/v2.0/authorize`,
      token_endpoint: `${sandbox.urls.entra}/${name}/oauth2/v2.0/token`,
      jwks_uri: `${sandbox.urls.entra}/${name}/discovery/v2.0/keys`,
    });
    const { keys } = await (await fetch(issuer.metadata.jwks_uri ?? '')).json();
    expect(keys.map(({ kid }: { kid: string }) => kid)).toContain(decodeProtectedHeader(await sandbox.token()).kid);
  });

  it('knows no other tenant', async () => {
    const response = await discovery('nowhere.example');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error_codes: [90_002] });
  });
});
