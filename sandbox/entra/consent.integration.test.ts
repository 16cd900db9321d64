import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Browser } from '../test-browser.ts';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { portalApp } from '../world/portal-app.ts';
import { kestrelBank } from '../world/tenants.ts';

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
    expect(answered(browser)).toMatchObject({ error: 'access_denied', state: 'signed-state' });
    expect(answered(browser).error_description).toContain('AADSTS65004');
    expect(sandbox.parts.consents.granted(alderByrne.id)).toEqual([]);
  });

  it('asked for through “organizations” goes to the tenant of who accepts', async () => {
    const browser = await decide('organizations', 'amara.mensah@kestrelbank.example', 'accept');
    expect(answered(browser).tenant).toBe(kestrelBank.id);
    expect(sandbox.parts.consents.granted(alderByrne.id)).toEqual([]);
  });

  it('is limited to what the scope names', async () => {
    await decide(alderByrne.id, 'grace.adeyemi@alderbyrne.example', 'accept', {
      scope: 'https://graph.microsoft.com/User.Read.All',
    });
    expect(sandbox.parts.consents.granted(alderByrne.id)).toEqual(['User.Read.All']);
  });

  it('lists what is asked for, to whom', async () => {
    const browser = new Browser();
    await browser.open(consentUrl('alderbyrne.example'));
    await browser.submit({ account: 'grace.adeyemi@alderbyrne.example' });
    for (const text of [
      'This is not Microsoft.',
      'Compliance portal',
      'User.Read.All',
      'Mail.ReadWrite',
      'Alder &#38; Byrne',
    ]) {
      expect(browser.html).toContain(text);
    }
  });

  it.each([
    ['another host as redirect', { redirect_uri: 'https://attacker.example/' }, 'AADSTS50011'],
    ['another app', { client_id: '00000000-0000-0000-0000-000000000000' }, 'AADSTS700016'],
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
