/** What is wrong or missing at Entra ID gets its own number, and never a sentence of the library behind it. */
import { generators } from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../test-browser.ts';
import { CALLBACK } from '../test-delegated.ts';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { portalApp } from '../world/portal-app.ts';

const GRACE = 'grace.adeyemi@alderbyrne.example';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

interface Refused {
  readonly status: number;
  readonly error: string;
  readonly error_codes: readonly number[];
  readonly error_description: string;
}

async function send(init: RequestInit, tenant: string = alderByrne.id): Promise<Refused> {
  const response = await fetch(`${sandbox.urls.entra}/${tenant}/oauth2/v2.0/token`, { method: 'POST', ...init });
  return { status: response.status, ...(await response.json()) };
}

const app = { client_id: portalApp.clientId, client_secret: portalApp.clientSecret };
const form = (fields: Record<string, string | undefined>): URLSearchParams =>
  new URLSearchParams(Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
const appToken = { ...app, grant_type: 'client_credentials', scope: 'https://graph.microsoft.com/.default' };

describe('the token endpoint', () => {
  it.each([
    ['nothing', {}, 400, 'invalid_request', 900_144, "'grant_type'"],
    ['no grant_type', { ...appToken, grant_type: undefined }, 400, 'invalid_request', 900_144, "'grant_type'"],
    ['an empty grant_type', { ...appToken, grant_type: '' }, 400, 'invalid_request', 900_144, "'grant_type'"],
    ['another grant_type', { ...appToken, grant_type: 'magic' }, 400, 'unsupported_grant_type', 70_003, "'magic'"],
    ['a name of Object', { ...appToken, grant_type: 'toString' }, 400, 'unsupported_grant_type', 70_003, "'toString'"],
    ['no client_id', { ...appToken, client_id: undefined }, 400, 'invalid_request', 900_144, "'client_id'"],
    ['another app', { ...appToken, client_id: 'x' }, 400, 'unauthorized_client', 700_016, "'x'"],
    ['no proof', { ...appToken, client_secret: undefined }, 401, 'invalid_client', 7_000_218, 'client_assertion'],
    ['a wrong secret', { ...appToken, client_secret: 'wrong' }, 401, 'invalid_client', 7_000_215, 'client secret'],
    ['no scope', { ...appToken, scope: undefined }, 400, 'invalid_request', 900_144, "'scope'"],
    ['no code', { ...app, grant_type: 'authorization_code' }, 400, 'invalid_request', 900_144, "'code'"],
    ['no redirect', { ...app, grant_type: 'authorization_code', code: 'x' }, 400, 'invalid_request', 900_144, 'redir'],
    ['no refresh token', { ...app, grant_type: 'refresh_token' }, 400, 'invalid_request', 900_144, 'refresh_token'],
    [
      'a code of nobody',
      { ...app, grant_type: 'authorization_code', code: 'x', redirect_uri: CALLBACK },
      400,
      'invalid_grant',
      9_002_313,
      'malformed',
    ],
    [
      'a refresh token of nobody',
      { ...app, grant_type: 'refresh_token', refresh_token: 'x' },
      400,
      'invalid_grant',
      9_002_313,
      'malformed',
    ],
    [
      'another kind of assertion',
      { ...appToken, client_assertion_type: 'urn:saml', client_assertion: 'x' },
      400,
      'invalid_request',
      90_023,
      'client_assertion_type',
    ],
  ])('refuses %s', async (_, fields, status, error, code, words) => {
    const refused = await send({ body: form(fields) });
    expect(refused).toMatchObject({ status, error, error_codes: [code] });
    expect(refused.error_description).toMatch(new RegExp(`^AADSTS${code}: `));
    expect(refused.error_description).toContain(words);
    expect(refused).toMatchObject({ trace_id: expect.any(String), correlation_id: expect.any(String) });
  });

  it.each([
    ['JSON', { body: JSON.stringify(appToken), headers: { 'content-type': 'application/json' } }, 900_144],
    ['text without a type', { body: new Uint8Array([0, 255, 1]) }, 900_144],
    ['a broken type', { body: 'a=b', headers: { 'content-type': 'nonsense' } }, 9_002_313],
    ['a form that is none', { body: '%%%=&&=%ff', headers: formType() }, 900_144],
    ['a parameter twice', { body: 'grant_type=a&grant_type=b', headers: formType() }, 9_000_411],
    ['megabytes', { body: `grant_type=${'x'.repeat(9_000_000)}`, headers: formType() }, 9_002_313],
    ['broken credentials in a header', { body: 'grant_type=a', headers: basic('%') }, 9_002_313],
  ])('refuses %s as a body', async (_, init, code) => {
    expect(await send(init)).toMatchObject({ status: 400, error: 'invalid_request', error_codes: [code] });
  });

  it.each([
    ['nowhere.example', 90_002],
    ['00000000-0000-0000-0000-00000000dead', 90_002],
    ['non sense!', 900_023],
    ['common', 50_059],
  ])('refuses the tenant %j', async (tenant, code) => {
    const refused = await send({ body: form(appToken) }, encodeURIComponent(tenant));
    expect(refused).toMatchObject({ status: 400, error: 'invalid_request', error_codes: [code] });
  });

  it('takes POST alone', async () => {
    expect(await send({ method: 'GET' })).toMatchObject({ status: 400, error_codes: [900_561] });
  });

  it('takes the secret in a header too, as discovery says', async () => {
    const { client_id, client_secret, ...rest } = appToken;
    expect((await send({ body: form(rest), headers: basic(`${client_id}:${client_secret}`) })).status).toBe(200);
  });

  it('has no other address', async () => {
    const response = await fetch(`${sandbox.urls.entra}/${alderByrne.id}/oauth2/v2.0/nonsense`);
    expect([response.status, await response.text()]).toEqual([404, '']);
  });
});

describe('a code', () => {
  const verifier = generators.codeVerifier();
  const newCode = async (): Promise<string> => {
    const browser = new Browser();
    await browser.open(
      authorizeUrl({ code_challenge: generators.codeChallenge(verifier), code_challenge_method: 'S256' }),
    );
    await browser.submit({ account: GRACE });
    return new URL(browser.location).searchParams.get('code') ?? '';
  };
  const redeem = (fields: Record<string, string | undefined>): Promise<Refused> =>
    send({
      body: form({
        ...app,
        grant_type: 'authorization_code',
        redirect_uri: CALLBACK,
        code_verifier: verifier,
        ...fields,
      }),
    });

  it.each([
    ['another redirect', { redirect_uri: 'http://localhost:3999/other' }, 401, 'invalid_client', 500_112],
    ['another verifier', { code_verifier: generators.codeVerifier() }, 400, 'invalid_grant', 501_481],
    ['no verifier', { code_verifier: undefined }, 400, 'invalid_grant', 501_481],
    ['an unknown scope', { scope: 'Nonsense.Read' }, 400, 'invalid_client', 650_053],
    ['a scope without consent', { scope: 'Directory.Read.All' }, 400, 'invalid_grant', 65_001],
  ])('is refused with %s, and good afterwards', async (_, fields, status, error, code) => {
    const value = await newCode();
    expect(await redeem({ ...fields, code: value })).toMatchObject({ status, error, error_codes: [code] });
    expect(await redeem({ code: value })).toMatchObject({ status: 200, token_type: 'Bearer' });
  });

  it('is spent once, by one of two at the same time; then its refresh token is worth nothing', async () => {
    const code = await newCode();
    const answers = await Promise.all([redeem({ code, scope: 'offline_access' }), redeem({ code })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
    expect(await redeem({ code })).toMatchObject({ error: 'invalid_grant', error_codes: [54_005] });
    const good = answers.find(({ status }) => status === 200);
    const token = Object.entries(good ?? {}).find(([name]) => name === 'refresh_token')?.[1];
    const refreshed = await send({ body: form({ ...app, grant_type: 'refresh_token', refresh_token: String(token) }) });
    expect(refreshed).toMatchObject({ error: 'invalid_grant' });
  });

  it('is for its tenant', async () => {
    const code = await newCode();
    const fields = { ...app, grant_type: 'authorization_code', redirect_uri: CALLBACK, code_verifier: verifier, code };
    expect(await send({ body: form(fields) }, 'kestrelbank.example')).toMatchObject({ error_codes: [9_002_313] });
  });
});

describe('a sign-in', () => {
  const page = async (url: string): Promise<{ status: number; text: string }> => {
    const browser = new Browser();
    await browser.open(url);
    return { status: browser.status, text: browser.text };
  };

  it.each([
    ['no app', { client_id: '' }, 'AADSTS900144'],
    ['another app', { client_id: 'x' }, 'AADSTS700016'],
    ['no address to go back to', { redirect_uri: '' }, 'AADSTS900144'],
    ['an address elsewhere', { redirect_uri: 'https://attacker.example/' }, 'AADSTS50011'],
    ['a refusal that only a form could carry', { scope: 'Nonsense', response_mode: 'form_post' }, 'AADSTS650053'],
  ])('with %s ends on a page', async (_, change, code) => {
    const { status, text } = await page(authorizeUrl(change));
    expect(status).toBe(400);
    expect(text).toContain(code);
    expect(text).toContain('This is not Microsoft.');
  });

  it('with a parameter twice ends on a page', async () => {
    expect((await page(`${authorizeUrl({})}&scope=openid`)).text).toContain('AADSTS9000411');
  });

  it('in a tenant that does not exist ends on a page', async () => {
    const { status, text } = await page(authorizeUrl({}).replace(alderByrne.id, 'nowhere.example'));
    expect(status).toBe(400);
    expect(text).toContain('AADSTS90002');
  });

  it.each([
    ['no response_type', { response_type: '' }, 'invalid_request', 'AADSTS900144'],
    ['an ID token alone', { response_type: 'id_token' }, 'unsupported_response_type', 'AADSTS700054'],
    ['another response_type', { response_type: 'magic' }, 'unsupported_response_type', 'AADSTS70005'],
    ['no scope', { scope: '' }, 'invalid_request', 'AADSTS900144'],
    ['another prompt', { prompt: 'magic' }, 'invalid_request', 'AADSTS90023'],
    ['another response_mode', { response_mode: 'magic' }, 'invalid_request', 'AADSTS90023'],
    ['a request object', { request: 'x' }, 'invalid_request', 'AADSTS9002313'],
    ['a challenge of the wrong size', { code_challenge: 'x' }, 'invalid_request', 'AADSTS501491'],
    ['nobody signed in and no page allowed', { prompt: 'none' }, 'login_required', 'AADSTS50058'],
    ['something that the library refuses', { max_age: 'x' }, 'invalid_request', 'AADSTS9002313'],
  ])('with %s goes back to the app', async (_, change, error, code) => {
    const browser = new Browser();
    await browser.open(authorizeUrl({ ...change, state: 'mine' }));
    const answer = Object.fromEntries(new URL(browser.location).searchParams);
    expect(answer).toMatchObject({ error, state: 'mine' });
    expect(answer.error_description).toMatch(new RegExp(`^${code}: `));
  });

  it('comes back in a fragment where that was asked', async () => {
    const browser = new Browser();
    await browser.open(authorizeUrl({ scope: 'Nonsense', response_mode: 'fragment' }));
    expect(new URLSearchParams(new URL(browser.location).hash.slice(1)).get('error')).toBe('invalid_client');
  });

  it('may be asked for by a form, with the consent page that nobody needs', async () => {
    const [address = '', query = ''] = authorizeUrl({ prompt: 'consent' }).split('?');
    const asked = await fetch(address, { method: 'POST', body: new URLSearchParams(query), redirect: 'manual' });
    expect(asked.status).toBe(303);
    const browser = new Browser();
    await browser.open(new URL(asked.headers.get('location') ?? '', address).href);
    await browser.submit({ account: GRACE });
    expect(new URL(browser.location).searchParams.get('code')).toEqual(expect.any(String));
  });
});

function authorizeUrl(change: Record<string, string>): string {
  const query = new URLSearchParams({
    client_id: portalApp.clientId,
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: 'openid profile',
    ...change,
  });
  return `${sandbox.urls.http}/${alderByrne.id}/oauth2/v2.0/authorize?${query}`;
}

function formType(): Record<string, string> {
  return { 'content-type': 'application/x-www-form-urlencoded' };
}

function basic(credentials: string): Record<string, string> {
  return { ...formType(), authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}
