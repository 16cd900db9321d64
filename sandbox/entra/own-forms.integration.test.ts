/** What another site's page may post to Entra ID's pages: the beginning of a sign-in, and nothing else. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Browser } from '../test-browser.ts';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { portalApp } from '../world/portal-app.ts';
import { findPerson } from '../world/tenants.ts';

const GRACE = 'grace.adeyemi@alderbyrne.example';
const query = new URLSearchParams({
  client_id: portalApp.clientId,
  redirect_uri: 'http://localhost:3999/consent',
  scope: 'https://graph.microsoft.com/.default',
  by: findPerson(alderByrne, GRACE)?.id ?? '',
});
const CONSENT = `/alderbyrne.example/v2.0/adminconsent?${query}`;

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
});
beforeEach(() => sandbox.parts.consents.revokeAll());
afterAll(() => sandbox.stop());

const post = (path: string, headers: Record<string, string>, fields: Record<string, string>) =>
  fetch(sandbox.urls.http + path, { method: 'POST', headers, body: new URLSearchParams(fields), redirect: 'manual' });

describe('another site’s form', () => {
  it.each([
    ['by its origin', { origin: 'http://evil.example' }],
    ['by what the browser says', { 'sec-fetch-site': 'cross-site' }],
    ['from another port of this machine', { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' }],
    ['from nowhere', { origin: 'null' }],
  ])('gives no consent, known %s', async (_name, headers) => {
    const refused = await post(CONSENT, headers, { decision: 'accept' });
    expect([refused.status, refused.headers.get('content-type')]).toEqual([403, 'text/html']);
    expect(refused.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await refused.text()).toContain('AADSTS165000');
    expect(sandbox.parts.consents.granted(alderByrne.id)).toEqual([]);
  });

  it.each(['/sign-in/x', '/oauth2/v2.0/logout/confirm', '/oauth2/v2.0/authorize/x'])('is no %s', async (path) => {
    const refused = await post(`/${alderByrne.id}${path}`, { origin: 'http://evil.example' }, { account: GRACE });
    expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining('AADSTS165000')]);
  });

  it('may begin a sign-in', async () => {
    const headers = { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' };
    const begun = await post(`/${alderByrne.id}/oauth2/v2.0/authorize`, headers, { client_id: portalApp.clientId });
    expect([begun.status, begun.headers.get('location')]).toEqual([
      303,
      `/${alderByrne.id}/oauth2/v2.0/authorize?client_id=${portalApp.clientId}`,
    ]);
  });
});

it('the page’s own form gives consent, from a browser that says where it comes from', async () => {
  const browser = new Browser();
  await browser.open(sandbox.urls.http + CONSENT);
  await browser.submit({ decision: 'accept' });
  expect(new URL(browser.location).searchParams.get('admin_consent')).toBe('True');
  expect(sandbox.parts.consents.granted(alderByrne.id)).toContain('Mail.ReadWrite');
});
