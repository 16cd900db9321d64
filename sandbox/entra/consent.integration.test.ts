import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Browser } from '../test-browser.ts';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { portalApp } from '../world/portal-app.ts';
import { findPerson, kestrelBank } from '../world/tenants.ts';

const CALLBACK = 'http://localhost:3999/consent';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
});
beforeEach(() => sandbox.parts.consents.revokeAll());
afterAll(() => sandbox.stop());

function consentUrl(tenant: string, change: Record<string, string> = {}): string {
  const query = new URLSearchParams({
    client_id: portalApp.clientId,
    scope: 'https://graph.microsoft.com/.default',
    redirect_uri: CALLBACK,
    state: 'signed-state',
    ...change,
  });
  return `${sandbox.urls.http}/${tenant}/v2.0/adminconsent?${query}`;
}

async function decide(
  tenant: string,
  account: string,
  decision: 'accept' | 'cancel',
  change: Record<string, string> = {},
): Promise<Browser> {
  const browser = new Browser();
  await browser.open(consentUrl(tenant, change));
  await browser.submit({ account });
  await browser.submit({ decision });
  return browser;
}

const answered = (browser: Browser) => Object.fromEntries(new URL(browser.location).searchParams);

describe('admin consent', () => {
  it.each(['grace.adeyemi', 'priya.nair'])('is given by %s, whose role allows it', async (name) => {
    const browser = await decide(alderByrne.id, `${name}@alderbyrne.example`, 'accept');
    expect(answered(browser)).toEqual({
      admin_consent: 'True',
      tenant: alderByrne.id,
      scope: 'https://graph.microsoft.com/.default',
      state: 'signed-state',
    });
    expect(sandbox.parts.consents.granted(alderByrne.id)).toEqual(['User.Read.All', 'Mail.ReadWrite']);
    expect(sandbox.parts.consents.granted(kestrelBank.id)).toEqual([]);
  });

  it('is refused to somebody else with a sentence, even when the form is sent by force', async () => {
    const browser = await decide(alderByrne.id, 'lena.fischer@alderbyrne.example', 'accept');
    expect(browser.status).toBe(403);
    expect(browser.text).toContain('takes a Global Administrator or a Privileged Role Administrator');
    expect(browser.html).not.toContain('value="accept"');
    expect(sandbox.parts.consents.granted(alderByrne.id)).toEqual([]);
  });

  it('comes back as declined when somebody cancels', async () => {
    const browser = await decide(alderByrne.id, 'grace.adeyemi@alderbyrne.example', 'cancel');
    expect(answered(browser)).toMatchObject({ admin_consent: 'True', error: 'access_denied', state: 'signed-state' });
    expect(answered(browser).error_description).toContain('AADSTS65004');
    expect(sandbox.parts.consents.granted(alderByrne.id)).toEqual([]);
  });

  it('asked for through “organizations” goes to the tenant of who accepts', async () => {
    const browser = await decide('organizations', 'amara.mensah@kestrelbank.example', 'accept');
    expect(answered(browser).tenant).toBe(kestrelBank.id);
    expect(sandbox.parts.consents.granted(alderByrne.id)).toEqual([]);
  });

  const GRACE = 'grace.adeyemi@alderbyrne.example';
  const GRAPH = 'https://graph.microsoft.com';
  /** both kinds, as they are in force */
  const inForce = () => [
    sandbox.parts.consents.granted(alderByrne.id),
    sandbox.parts.consents.delegated(alderByrne.id),
  ];

  it('adds what a scope names on behalf of people, and nothing of the app itself', async () => {
    sandbox.parts.consents.grant(alderByrne.id, ['Mail.ReadWrite']);
    sandbox.parts.consents.grantDelegated(alderByrne.id, ['User.Read']);
    const scope = `${GRAPH}/User.Read.All ${GRAPH}/directory.read.all`;
    const browser = await decide(alderByrne.id, GRACE, 'accept', { scope });
    expect(answered(browser)).toMatchObject({ admin_consent: 'True', scope });
    expect(inForce()).toEqual([['Mail.ReadWrite'], ['User.Read.All', 'User.Read', 'Directory.Read.All']]);
  });

  it('keeps what was granted otherwise, whatever is asked for', async () => {
    sandbox.parts.consents.grant(alderByrne.id, ['Directory.Read.All']);
    await decide(alderByrne.id, GRACE, 'accept');
    expect(inForce()).toEqual([['User.Read.All', 'Mail.ReadWrite', 'Directory.Read.All'], ['User.Read']]);
    const browser = await decide(alderByrne.id, GRACE, 'accept', { scope: 'openid profile' });
    expect(answered(browser)).toMatchObject({ admin_consent: 'True', scope: 'openid profile' });
    expect(inForce()).toEqual([['User.Read.All', 'Mail.ReadWrite', 'Directory.Read.All'], ['User.Read']]);
  });

  it.each([
    [`${GRAPH}/Nonsense.Read.World`, 'invalid_client', /^AADSTS650053: .* 'Nonsense.Read.World' that doesn't exist/],
    ['https://evil.example/.default', 'invalid_resource', /^AADSTS500011: .* https:\/\/evil.example was not found/],
    ['https://evil.example/User.Read.All', 'invalid_resource', /^AADSTS500011: /],
    [`${GRAPH}/.default ${GRAPH}/User.Read`, 'invalid_scope', /^AADSTS70011: /],
  ])('asked for with %s is refused to the app, and changes nothing', async (scope, error, description) => {
    await decide(alderByrne.id, GRACE, 'accept');
    const before = inForce();
    const browser = new Browser();
    await browser.open(consentUrl(alderByrne.id, { scope }));
    await browser.submit({ account: GRACE });
    const refusal = {
      admin_consent: 'True',
      error,
      error_description: expect.stringMatching(description),
      state: 'signed-state',
    };
    expect(answered(browser)).toEqual(refusal);

    const form = new URL(consentUrl(alderByrne.id, { scope, by: findPerson(alderByrne, GRACE)?.id ?? '' }));
    const body = new URLSearchParams({ decision: 'accept' });
    const forced = await fetch(form, { method: 'POST', body, redirect: 'manual' });
    const target = new URL(forced.headers.get('location') ?? '');
    expect(Object.fromEntries(target.searchParams), 'when the form is sent by force').toEqual(refusal);
    expect(inForce()).toEqual(before);
  });

  it('lists all that it grants, to whom', async () => {
    const shown = async (change: Record<string, string> = {}) => {
      const browser = new Browser();
      await browser.open(consentUrl('alderbyrne.example', change));
      await browser.submit({ account: GRACE });
      return browser.text;
    };
    const all = await shown({ scope: `openid ${GRAPH}/.default` });
    for (const text of ['This is not Microsoft.', 'Compliance portal', 'Alder &#38; Byrne'])
      expect(all).toContain(text);
    const [byItself = '', onBehalf = ''] = all
      .split('By itself, without a signed-in person')
      .slice(-1)
      .join('')
      .split('On behalf of');
    expect(byItself).toContain('Read all users’ full profiles User.Read.All');
    expect(byItself).toContain('Read and write mail in all mailboxes Mail.ReadWrite');
    expect(onBehalf).toContain('Sign in and read user profile User.Read ');
    expect(onBehalf).toContain('Sign users in openid');

    const named = await shown({ scope: `${GRAPH}/Mail.ReadWrite` });
    expect(named).toContain('Read and write access to user mail Mail.ReadWrite');
    expect(named).not.toContain('By itself');
  });

  it.each([
    ['another host as redirect', { redirect_uri: 'https://attacker.example/' }, 'AADSTS50011'],
    ['another app', { client_id: '00000000-0000-0000-0000-000000000000' }, 'AADSTS700016'],
    ['no scope', { scope: '' }, 'AADSTS900144'],
  ])('does not go on with %s', async (_, change, code) => {
    const browser = new Browser();
    await browser.open(consentUrl(alderByrne.id, change));
    expect(browser.status).toBe(400);
    expect(browser.text).toContain(code);
  });
});

describe('the control API', () => {
  const control = (method: string, body?: unknown) =>
    fetch(`${sandbox.urls.http}/sandbox/control/consents/alderbyrne.example`, {
      method,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });

  it('grants, shows and revokes', async () => {
    await control('PUT', { permissions: ['User.Read.All'], mailboxes: ['ben.carter@alderbyrne.example'] });
    expect(await (await control('GET')).json()).toEqual({
      permissions: ['User.Read.All'],
      mailboxes: [expect.any(String)],
    });
    expect((await control('DELETE')).status).toBe(204);
    expect(await (await control('GET')).json()).toEqual({ permissions: [] });
  });

  it('takes no form, which a foreign page could send', async () => {
    const response = await fetch(`${sandbox.urls.http}/sandbox/control/reset`, {
      method: 'POST',
      body: new URLSearchParams({ a: 'b' }),
    });
    expect(response.status).toBe(415);
  });
});
