import { type BaseClient, generators, Issuer } from 'openid-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../test-browser.ts';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import type { Tenant } from '../world/people.ts';
import { portalApp } from '../world/portal-app.ts';
import { findPerson, kestrelBank } from '../world/tenants.ts';

const CALLBACK = 'http://localhost:3999/api/auth/callback/azure-ad';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

/** As next-auth's AzureAD provider is set up in the portal. */
async function relyingParty(tenant: Tenant): Promise<BaseClient> {
  const issuer = await Issuer.discover(`${sandbox.urls.entra}/${tenant.id}/v2.0/.well-known/openid-configuration`);
  return new issuer.Client({
    client_id: portalApp.clientId,
    client_secret: portalApp.clientSecret,
    redirect_uris: [CALLBACK],
    token_endpoint_auth_method: 'client_secret_post',
  });
}

interface Attempt {
  readonly client: BaseClient;
  readonly checks: { state: string; nonce: string; code_verifier: string };
  readonly url: string;
}

async function attempt(tenant: Tenant, extra: Record<string, string> = {}): Promise<Attempt> {
  const client = await relyingParty(tenant);
  const checks = { state: generators.state(), nonce: generators.nonce(), code_verifier: generators.codeVerifier() };
  const url = client.authorizationUrl({
    scope: 'openid profile email',
    state: checks.state,
    nonce: checks.nonce,
    code_challenge: generators.codeChallenge(checks.code_verifier),
    code_challenge_method: 'S256',
    ...extra,
  });
  return { client, checks, url };
}

async function signIn(tenant: Tenant, account: string, browser = new Browser()) {
  const { client, checks, url } = await attempt(tenant, { prompt: 'select_account' });
  await browser.open(url);
  await browser.submit({ account });
  const tokens = await client.callback(CALLBACK, client.callbackParams(browser.location), checks);
  return { claims: tokens.claims(), tokens, client, browser };
}

describe('signing in, by the client that next-auth uses', () => {
  it('gives the claims that the portal lives on', async () => {
    const { claims } = await signIn(alderByrne, 'grace.adeyemi@alderbyrne.example');
    const grace = findPerson(alderByrne, 'grace.adeyemi@alderbyrne.example');
    expect(claims).toMatchObject({
      iss: `${sandbox.urls.entra}/${alderByrne.id}/v2.0`,
      aud: portalApp.clientId,
      oid: grace?.id,
      tid: alderByrne.id,
      name: 'Grace Adeyemi',
      preferred_username: 'grace.adeyemi@alderbyrne.example',
      email: 'grace.adeyemi@alderbyrne.example',
      roles: ['DataConnectors.Admin'],
      wids: expect.arrayContaining(['62e90394-69f5-4237-9190-012177145e10']),
    });
    expect(claims.sub).not.toBe(grace?.id);
  });

  it('leaves roles out for people without one', async () => {
    const { claims } = await signIn(alderByrne, 'Sam.Okafor@alderbyrne.example');
    expect(claims.roles).toBeUndefined();
  });

  it('says what it is, and offers people with a role first', async () => {
    const browser = new Browser();
    await browser.open((await attempt(alderByrne)).url);
    expect(browser.text).toContain('Sandbox sign-in.');
    expect(browser.text).toContain('This is not Microsoft.');
    expect(browser.html.indexOf('Grace Adeyemi')).toBeLessThan(browser.html.indexOf('Sam Okafor'));
    expect(browser.html).not.toContain('Henrik Dahl');
    expect(browser.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('fills in the hinted account', async () => {
    const browser = new Browser();
    await browser.open((await attempt(alderByrne, { login_hint: 'ben.carter@alderbyrne.example' })).url);
    expect(browser.html).toContain('value="ben.carter@alderbyrne.example"');
    expect(browser.html.indexOf('Ben Carter')).toBeLessThan(browser.html.indexOf('Grace Adeyemi'));
  });

  it.each([
    ['henrik.dahl@alderbyrne.example', 'AADSTS50057'],
    ['frontdesk@alderbyrne.example', 'AADSTS50057'],
    ['nobody@alderbyrne.example', 'AADSTS50034'],
    ['amara.mensah@kestrelbank.example', 'AADSTS50034'],
  ])('refuses %s with a sentence and lets the person try again', async (account, code) => {
    const browser = new Browser();
    const { client, checks, url } = await attempt(alderByrne);
    await browser.open(url);
    await browser.submit({ account });
    expect(browser.status).toBe(403);
    expect(browser.text).toContain(code);
    await browser.submit({ account: 'lena.fischer@alderbyrne.example' });
    const tokens = await client.callback(CALLBACK, client.callbackParams(browser.location), checks);
    expect(tokens.claims().name).toBe('Lena Fischer');
  });

  it('remembers the browser until another account is asked for', async () => {
    const { browser } = await signIn(alderByrne, 'grace.adeyemi@alderbyrne.example');
    const again = await attempt(alderByrne);
    await browser.open(again.url);
    expect(browser.location).toContain(CALLBACK);
    const { claims } = await signIn(alderByrne, 'lena.fischer@alderbyrne.example', browser);
    expect(claims.name).toBe('Lena Fischer');
  });

  it('keeps the tenants apart in one browser', async () => {
    const { browser } = await signIn(alderByrne, 'grace.adeyemi@alderbyrne.example');
    const { claims } = await signIn(kestrelBank, 'amara.mensah@kestrelbank.example', browser);
    expect(claims.tid).toBe(kestrelBank.id);
  });

  it('spends a code once', async () => {
    const { client, checks, url } = await attempt(alderByrne);
    const browser = new Browser();
    await browser.open(url);
    await browser.submit({ account: 'grace.adeyemi@alderbyrne.example' });
    const parameters = client.callbackParams(browser.location);
    await client.callback(CALLBACK, parameters, checks);
    await expect(client.callback(CALLBACK, parameters, checks)).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it('does not send a code to another host', async () => {
    const browser = new Browser();
    const { url } = await attempt(alderByrne);
    await browser.open(url.replace(encodeURIComponent(CALLBACK), encodeURIComponent('https://attacker.example/')));
    expect(browser.status).toBe(400);
    expect(browser.text).toContain('This is not Microsoft.');
  });

  it('signs out and goes back to the portal', async () => {
    const { browser, client, tokens } = await signIn(alderByrne, 'grace.adeyemi@alderbyrne.example');
    await browser.open(
      client.endSessionUrl({ id_token_hint: tokens, post_logout_redirect_uri: 'http://localhost:3999/' }),
    );
    await browser.submit({ logout: 'yes' });
    expect(browser.location).toContain('http://localhost:3999/');
    await browser.open((await attempt(alderByrne)).url);
    expect(browser.text).toContain('Pick an account');
  });
});

describe('while the directory changes', () => {
  const GRACE = 'grace.adeyemi@alderbyrne.example';
  const LENA = 'lena.fischer@alderbyrne.example';
  const idOf = (name: string): string => sandbox.parts.directory.find(name)?.person.id ?? '';
  afterEach(() => sandbox.parts.directory.reset());

  it('the next ID token has the roles in force, without another sign-in', async () => {
    const { browser } = await signIn(alderByrne, GRACE);
    sandbox.parts.directory.change(idOf(GRACE), { appRoles: ['DataConnectors.Reader'], directoryRoles: [] });
    const { client, checks, url } = await attempt(alderByrne);
    await browser.open(url);
    const claims = (await client.callback(CALLBACK, client.callbackParams(browser.location), checks)).claims();
    expect(claims).toMatchObject({ name: 'Grace Adeyemi', roles: ['DataConnectors.Reader'] });
    expect(claims.wids).toEqual(['b79fbf4d-3ef9-4689-8143-76b194e85509']);
  });

  it('a new sign-in name works, and the old one does not', async () => {
    sandbox.parts.directory.change(idOf(LENA), {
      userPrincipalName: 'lena.f@alderbyrne.example',
      mail: 'lena.f@alderbyrne.example',
    });
    const { claims } = await signIn(alderByrne, 'lena.f@alderbyrne.example');
    expect(claims).toMatchObject({
      preferred_username: 'lena.f@alderbyrne.example',
      email: 'lena.f@alderbyrne.example',
    });
  });

  it.each([
    ['disabled', (id: string) => void sandbox.parts.directory.change(id, { accountEnabled: false }), 'AADSTS50057'],
    ['deleted', (id: string) => sandbox.parts.directory.remove(id), 'AADSTS50034'],
  ])('an account that was %s signs in neither silently nor by choice', async (_, end, code) => {
    const { browser } = await signIn(alderByrne, LENA);
    end(idOf(LENA));
    await browser.open((await attempt(alderByrne)).url);
    expect(browser.text).toContain('Pick an account');
    expect(browser.text).not.toContain('Lena Fischer');
    await browser.submit({ account: LENA });
    expect([browser.status, browser.text]).toEqual([403, expect.stringContaining(code)]);
    await browser.submit({ account: GRACE });
    expect(browser.location).toContain(`${CALLBACK}?code=`);
    const silent = await attempt(alderByrne, { prompt: 'none' });
    sandbox.parts.directory.remove(idOf(GRACE));
    await browser.open(silent.url);
    expect(browser.location).toContain('error=login_required');
  });

  it('a code is worth nothing when its account is gone', async () => {
    const { client, checks, url } = await attempt(alderByrne);
    const browser = new Browser();
    await browser.open(url);
    await browser.submit({ account: LENA });
    sandbox.parts.directory.change(idOf(LENA), { accountEnabled: false });
    const spent = client.callback(CALLBACK, client.callbackParams(browser.location), checks);
    await expect(spent).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it('who is new signs in, and who lost the role consents no more', async () => {
    const { id } = sandbox.parts.directory.add(kestrelBank.id, {
      givenName: 'Nadia',
      surname: 'Haddad',
      directoryRoles: ['Global Administrator'],
    });
    const { claims } = await signIn(kestrelBank, 'nadia.haddad@kestrelbank.example');
    expect(claims).toMatchObject({ oid: id, wids: expect.arrayContaining(['62e90394-69f5-4237-9190-012177145e10']) });
    sandbox.parts.directory.change(id, { directoryRoles: ['User Administrator'] });
    const browser = new Browser();
    const scope = 'https://graph.microsoft.com/.default';
    const query = new URLSearchParams({ client_id: portalApp.clientId, redirect_uri: CALLBACK, scope });
    await browser.open(`${sandbox.urls.http}/${kestrelBank.id}/v2.0/adminconsent?${query}`);
    await browser.submit({ account: 'nadia.haddad@kestrelbank.example' });
    expect(browser.text).toContain('Nadia Haddad cannot grant this.');
  });
});

it('gives no tokens where browsers go: a token is only to be had over TLS', async () => {
  const answer = await fetch(`${sandbox.urls.http}/${alderByrne.id}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id: portalApp.clientId }),
  });
  expect(answer.status).toBe(404);
  expect(await answer.text()).not.toContain('invalid_request');
});
