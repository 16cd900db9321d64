import { request as httpsRequest } from 'node:https';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { telemessageSite } from '../telemessage/site.ts';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { portalApp } from '../world/portal-app.ts';
import type { Fault, ServiceName } from './fault.ts';

/** a working day whose last 24 hours have large attachments; from there the sandbox's clock runs as any other */
const NOON = Date.parse('2026-03-03T12:00:00Z');
const began = Date.now();
const now = (): number => NOON + Date.now() - began;

let sandbox: TestSandbox;
let session: string;

beforeAll(async () => {
  sandbox = await startTestSandbox({ itemsPerDay: 400 }, () => new Date(now()));
  sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
  session = await signIn();
});
afterEach(() => sandbox.parts.faults.clear());
afterAll(() => sandbox.stop());

const once = (service: ServiceName, route: string, fault: Fault): void =>
  sandbox.fault({ service, route, count: 1, fault });

const telemessage = (path: string, init: RequestInit = {}) =>
  fetch(`${sandbox.urls.telemessage}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${session}`, 'content-type': 'application/json', ...init.headers },
  });

async function signIn(): Promise<string> {
  const response = await fetch(`${sandbox.urls.telemessage}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'archive.admin@alderbyrne.example', password: 'sandbox-archive-1' }),
  });
  return (await response.json()).token;
}

/** What arrives of an answer, and whether it ended as it should: `whole`, `cut`, or `open` after a second. */
function receive(path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number | undefined; announced: number; bytes: Buffer; end: 'whole' | 'cut' | 'open' }>(
    (resolve, reject) => {
      const url = new URL(path, sandbox.urls.telemessage);
      const asked = httpsRequest(url, { headers: { authorization: `Bearer ${session}`, ...headers } }, (response) => {
        const pieces: Buffer[] = [];
        const done = (end: 'whole' | 'cut' | 'open') => () => {
          const announced = Number(response.headers['content-length']);
          resolve({ status: response.statusCode, announced, bytes: Buffer.concat(pieces), end });
          asked.destroy();
        };
        const silent = setTimeout(done('open'), 1_000);
        response.on('data', (piece: Buffer) => {
          pieces.push(piece);
          silent.refresh();
        });
        response.once('end', done('whole'));
        response.once('error', done('cut'));
      });
      asked.once('error', reject).end();
    },
  );
}

async function attachment(atLeast: number): Promise<{ id: string; size: number }> {
  const query = new URLSearchParams({
    from: new Date(NOON - 86_400_000).toISOString(),
    to: new Date(NOON - 120_000).toISOString(),
    limit: '1000',
  });
  const { items } = await (await telemessage(`/v1/archives/android-archiver/items?${query}`)).json();
  const all: { id: string; size: number }[] = items.flatMap((item: { attachments: unknown[] }) => item.attachments);
  const found = all.find((one) => one.size >= atLeast);
  if (!found) throw new Error(`no attachment of ${atLeast} bytes`);
  return found;
}

describe('an answer that breaks off', () => {
  it.each([
    ['a small attachment', 1_000],
    ['a large one', 10_000_000],
  ])('truncate: %s has its full length announced, half of its bytes, and an end', async (_name, atLeast) => {
    const { id, size } = await attachment(atLeast);
    const whole = await receive(`/v1/attachments/${id}`);
    once('telemessage', 'GET /v1/attachments/*', { kind: 'truncate' });
    const half = await receive(`/v1/attachments/${id}`);
    expect(half).toMatchObject({ status: 200, announced: size, end: 'cut' });
    expect(half.bytes.equals(whole.bytes.subarray(0, Math.floor(size / 2)))).toBe(true);
  });

  it('truncate: a range too', async () => {
    const { id } = await attachment(1_000);
    once('telemessage', 'GET /v1/attachments/*', { kind: 'truncate' });
    const half = await receive(`/v1/attachments/${id}`, { range: 'bytes=100-299' });
    expect(half).toMatchObject({ status: 206, announced: 200, end: 'cut' });
    expect(half.bytes).toHaveLength(100);
    const rest = await receive(`/v1/attachments/${id}`, { range: 'bytes=200-299' });
    expect(rest).toMatchObject({ status: 206, announced: 100, end: 'whole' });
  });

  it('stall: half comes, and the connection stays open', async () => {
    const { id, size } = await attachment(10_000_000);
    once('telemessage', 'GET /v1/attachments/*', { kind: 'stall' });
    const half = await receive(`/v1/attachments/${id}`);
    expect(half).toMatchObject({ status: 200, announced: size, end: 'open' });
    expect(half.bytes).toHaveLength(Math.floor(size / 2));
  });

  it('answer-late: a stream comes whole after its time', async () => {
    const { id, size } = await attachment(10_000_000);
    once('telemessage', 'GET /v1/attachments/*', { kind: 'answer-late', ms: 100 });
    expect(await receive(`/v1/attachments/${id}`)).toMatchObject({ announced: size, end: 'whole' });
  });
});

describe('a registration whose answer is lost', () => {
  const register = (clientReference: string, signal?: AbortSignal) =>
    telemessage('/v1/connectors', {
      method: 'POST',
      body: JSON.stringify({ kind: 'android-archiver', clientReference }),
      ...(signal && { signal }),
    });

  it.each<[string, Fault]>([
    ['reset-after', { kind: 'reset-after' }],
    ['no-answer', { kind: 'no-answer' }],
    ['answer-late', { kind: 'answer-late', ms: 60_000 }],
    ['truncate', { kind: 'truncate' }],
    ['stall', { kind: 'stall' }],
  ])('%s: it happened', async (name, fault) => {
    once('telemessage', 'POST /v1/connectors', fault);
    const lost = register(name, AbortSignal.timeout(1_000)).then((response) => response.text());
    await expect(lost).rejects.toThrow();
    // 200, not 201: it is there already
    expect((await register(name)).status).toBe(200);
  });

  it('commit-late: it happens when nobody waits any more', async () => {
    const site = await telemessageSite(sandbox.parts);
    const known = () => site.registrations.all().some((one) => one.clientReference === 'late');
    once('telemessage', 'POST /v1/connectors', { kind: 'commit-late', ms: 300 });
    await expect(register('late')).rejects.toThrow();
    expect(known()).toBe(false);
    await expect.poll(known).toBe(true);
  });

  it('reset-before: it did not', async () => {
    once('telemessage', 'POST /v1/connectors', { kind: 'reset-before' });
    await expect(register('before')).rejects.toThrow();
    expect((await register('before')).status).toBe(201);
  });
});

describe('TeleMessage', () => {
  it('gives out a session that is over', async () => {
    once('telemessage', 'POST /v1/sessions', { kind: 'expire' });
    const authorization = `Bearer ${await signIn()}`;
    const refused = await telemessage('/v1/archives/android-archiver/status', { headers: { authorization } });
    expect([refused.status, await refused.json()]).toEqual([
      401,
      { resultCode: 302, resultDescription: 'SESSION_EXPIRED' },
    ]);
  });

  it('throttles in the contract’s words', async () => {
    once('telemessage', '*', { kind: 'throttle', retryAfter: 7 });
    const refused = await telemessage('/v1/archives/android-archiver/status');
    expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toEqual([
      429,
      '7',
      { resultCode: 429, resultDescription: 'TOO_MANY_REQUESTS' },
    ]);
  });
});

describe('Entra ID', () => {
  const askToken = (signal?: AbortSignal) =>
    fetch(`${sandbox.urls.entra}/${alderByrne.id}/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: portalApp.clientId,
        client_secret: portalApp.clientSecret,
        scope: 'https://graph.microsoft.com/.default',
      }),
      ...(signal && { signal }),
    });

  it('expire: gives out a token that Graph refuses, the next one works', async () => {
    once('entra', 'POST */token', { kind: 'expire' });
    const graph = (token: string) =>
      fetch(`${sandbox.urls.graph}/v1.0/users?$top=1`, { headers: { authorization: `Bearer ${token}` } });
    const refused = await graph(await sandbox.token());
    expect(refused.status).toBe(401);
    expect((await refused.json()).error.message).toContain('expired');
    expect((await graph(await sandbox.token())).status).toBe(200);
  });

  it('expire: waits for a request that is given a token', async () => {
    once('entra', 'POST */token', { kind: 'expire' });
    const scopes = ['https://graph.microsoft.com/.default'];
    await expect(
      sandbox.msal(alderByrne, 'wrong').acquireTokenByClientCredential({ scopes, skipCache: true }),
    ).rejects.toMatchObject({ errorCode: 'invalid_client' });
    expect(sandbox.parts.faults.rules()).toMatchObject([{ seen: 1, struck: 0 }]);
    await sandbox.token();
    expect(sandbox.parts.faults.rules()).toMatchObject([{ seen: 2, struck: 1 }]);
  });

  it.each<[string, Fault]>([
    ['reset-after', { kind: 'reset-after' }],
    ['truncate', { kind: 'truncate' }],
    ['no-answer', { kind: 'no-answer' }],
    ['stall', { kind: 'stall' }],
  ])('%s: a token is not given out whole', async (_name, fault) => {
    once('entra', 'POST */token', fault);
    await expect(askToken(AbortSignal.timeout(1_000)).then((response) => response.json())).rejects.toThrow();
    expect((await askToken()).status).toBe(200);
  });

  it('answer-late: the token comes after its time', async () => {
    once('entra', 'POST */token', { kind: 'answer-late', ms: 60_000 });
    await expect(askToken(AbortSignal.timeout(500))).rejects.toThrow();
    once('entra', 'POST */token', { kind: 'answer-late', ms: 20 });
    expect((await (await askToken()).json()).access_token).toMatch(/^ey/);
  });

  it('throttles with a number that people search for', async () => {
    once('entra', '*', { kind: 'throttle', retryAfter: 60 });
    const refused = await askToken();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
    expect(await refused.json()).toMatchObject({ error: 'temporarily_unavailable', error_codes: [90055] });
  });

  it.each([
    ['/oauth2/v2.0/authorize?client_id=x', 'GET */oauth2/v2.0/authorize'],
    ['/v2.0/adminconsent?client_id=x', 'GET */v2.0/adminconsent'],
  ])('is struck on its pages for browsers: %s', async (path, route) => {
    once('entra', route, { kind: 'refuse', status: 503, code: 'temporarily_unavailable' });
    const page = await fetch(`${sandbox.urls.http}/${alderByrne.id}${path}`);
    expect([page.status, page.headers.get('content-type')]).toEqual([503, 'text/html']);
    expect(await page.text()).toContain('temporarily_unavailable: Refused by a fault rule of the sandbox.');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('consents late, when nobody waits any more', async () => {
    const query = new URLSearchParams({
      client_id: portalApp.clientId,
      redirect_uri: 'http://localhost/after',
      scope: 'https://graph.microsoft.com/.default',
      by: alderByrne.people.find((one) => one.directoryRoles.includes('Global Administrator'))?.id ?? '',
    });
    sandbox.parts.consents.revoke(alderByrne.id);
    once('entra', 'POST */v2.0/adminconsent', { kind: 'commit-late', ms: 200 });
    const url = `${sandbox.urls.http}/${alderByrne.id}/v2.0/adminconsent?${query}`;
    const answer = fetch(url, {
      method: 'POST',
      body: new URLSearchParams({ decision: 'accept' }),
      redirect: 'manual',
    });
    await expect(answer).rejects.toThrow();
    await expect.poll(() => sandbox.parts.consents.granted(alderByrne.id)).toContain('Mail.ReadWrite');
  });

  it('leaves the sandbox’s own pages and the control API alone', async () => {
    sandbox.fault({ service: 'entra', fault: { kind: 'refuse', status: 503, code: 'x' } });
    for (const path of ['/', '/faults', '/telemessage', '/sandbox/control/faults', '/style.css']) {
      expect((await fetch(sandbox.urls.http + path)).status, path).toBe(200);
    }
  });
});
