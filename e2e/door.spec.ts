/** What the portal's listener says and refuses at the door: headers, cookies, other sites, too many, too much. */
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { expect, test } from '@playwright/test';
import { signIn } from './pages/sign-in.ts';
import { ALDER_BYRNE, KESTREL } from './world.ts';

const portal = new URL(process.env.E2E_PORTAL_URL ?? 'http://localhost:3000');
const ELSEWHERE = { origin: 'https://elsewhere.example' };
/** An address of its own for each test that is refused in the end: nobody else is counted with it. */
const from = (last: number) => ({ 'x-forwarded-for': `198.51.100.${last}` });
const NOBODY = '00000000-0000-4000-8000-000000000000';

/** Routes of docs/security.md with that method, for a connector that never was. */
const routes = (method: string): string[] =>
  [...readFileSync('docs/security.md', 'utf8').matchAll(/^\| `([^`]+)` \| (\w+) \|/gm)].flatMap(([, route, its]) =>
    route !== undefined && its === method ? [route.replace('[id]', NOBODY)] : [],
  );

test('every answer carries the headers that keep it to this portal', async ({ page }) => {
  await signIn(page, ALDER_BYRNE.ingrid);
  const html = await (await page.request.get('/evidence')).text();
  const script = /\/_next\/static\/[^"]+\.js/.exec(html)?.[0] ?? '';
  const answers = ['/sign-in', '/evidence', '/nothing/here', '/mapping-template.csv', '/theme.css', script].concat(
    '/api/v1/openapi.json',
    '/api/access-review',
    `/api/connectors/${NOBODY}/log`,
    '/api/auth/csrf',
  );
  for (const path of answers) {
    const answer = await page.request.get(path);
    const headers = answer.headers();
    expect(headers, path).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin-allow-popups',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
    });
    expect(headers['access-control-allow-origin'], path).toBeUndefined();
    expect(headers['x-powered-by'], path).toBeUndefined();
    if (path !== script) {
      expect(headers['content-security-policy'], path).toContain("frame-ancestors 'none'");
      expect(headers['content-security-policy'], path).toContain("base-uri 'none'");
    }
    if (/^text\//.test(headers['content-type'] ?? '')) expect(headers['content-type'], path).toMatch(/charset=utf-8/i);
    if (path === '/evidence' || path === '/api/access-review')
      expect(headers['cache-control'], path).toContain('no-store');
  }
  for (const cookie of await page.context().cookies(portal.href)) {
    expect(cookie, cookie.name).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
  }
});

test('a page runs scripts and takes styles by the nonce of its own answer alone', async ({ page }) => {
  const noncesOf = async () => {
    const answer = await page.goto('/sign-in');
    const policy = answer?.headers()['content-security-policy'] ?? '';
    return [/script-src 'nonce-([^']+)'/.exec(policy)?.[1], /style-src-elem 'self' 'nonce-([^']+)'/.exec(policy)?.[1]];
  };
  const [first, second] = [await noncesOf(), await noncesOf()];
  expect(new Set(first).size).toBe(1);
  expect(first[0]?.length).toBeGreaterThan(20);
  expect(second[0]).not.toBe(first[0]);
  // What text that somebody smuggled into a page could bring along: a handler in an attribute, a style of its own.
  const ran = await page.evaluate(() => {
    const root = document.documentElement;
    const button = document.createElement('button');
    button.setAttribute('onclick', "document.documentElement.dataset.ran = 'yes'");
    const style = document.createElement('style');
    style.textContent = 'html { --injected: yes }';
    document.head.append(button, style);
    button.click();
    return [root.dataset.ran ?? '', getComputedStyle(root).getPropertyValue('--injected')];
  });
  expect(ran).toEqual(['', '']);
});

test('another site changes nothing with the session of an administrator', async ({ page }) => {
  await signIn(page, ALDER_BYRNE.grace);
  const posted = routes('POST').filter((route) => !route.includes('/auth/'));
  expect(posted.length).toBeGreaterThan(4);
  for (const route of posted) {
    for (const headers of [ELSEWHERE, { origin: 'null', 'sec-fetch-site': 'cross-site' }])
      expect((await page.request.post(route, { headers, data: '' })).status(), route).toBe(403);
  }
  for (const route of routes('PUT')) expect((await page.request.put(route, { data: '' })).status(), route).toBe(401);
  const id = await actionId('setApprovalAction');
  const action = await page.request.post('/data-connectors', {
    headers: { ...ELSEWHERE, 'next-action': id, 'content-type': 'text/plain;charset=UTF-8' },
    data: '[true]',
  });
  expect(action.status()).toBe(500);
});

async function actionId(name: string): Promise<string> {
  const manifest = readFileSync('.test/next/server/server-reference-manifest.json', 'utf8');
  const { node }: { node: Record<string, { exportedName: string }> } = JSON.parse(manifest);
  const [id = ''] = Object.entries(node).find(([, action]) => action.exportedName === name) ?? [];
  expect(id).not.toBe('');
  return id;
}

test('nobody is signed in, and no consent recorded, by an address that somebody made up', async ({ request }) => {
  const once = { maxRedirects: 0, headers: from(1) };
  const begun = await request.post(`/api/auth/signin/${KESTREL.id}`, once);
  expect(new URL(begun.headers().location ?? '').origin).toBe(portal.origin);
  const answered = await request.get(`/api/auth/callback/${KESTREL.id}?code=made-up&state=made-up`, once);
  expect(answered.headers().location).toContain('error=OAuthCallback');
  expect((await request.storageState()).cookies.filter(({ name }) => name.includes('session-token'))).toEqual([]);
  const consent = await request.get('/api/consent/callback?admin_consent=True&state=bWFkZQ.dXA', once);
  expect(consent.headers().location).toContain('/consent-answer?answer=invalid');
});

test('a new sign-in ends the session that the browser had before', async ({ page, playwright }) => {
  await signIn(page, ALDER_BYRNE.ingrid);
  const kept = await playwright.request.newContext({
    baseURL: portal.href,
    storageState: await page.context().storageState(),
  });
  expect((await kept.get('/api/access-review')).status()).toBe(200);
  await page.goto('/sign-in?error=SessionRequired&callbackUrl=%2Fevidence');
  await page.getByLabel('Work e-mail').fill(ALDER_BYRNE.ingrid.address);
  // Microsoft knows who this browser is, and asks nothing.
  await page.getByRole('button', { name: 'Sign in with Microsoft' }).click();
  await expect(page).toHaveURL(/\/evidence$/);
  expect((await kept.get('/api/access-review')).status()).toBe(401);
  expect((await page.request.get('/api/access-review')).status()).toBe(200);
  await kept.dispose();
});

test('after the sign-out a cookie that somebody kept is worth nothing', async ({ page, playwright }) => {
  await signIn(page, ALDER_BYRNE.ingrid, '/evidence');
  await expect(page.getByRole('heading', { name: 'Find proof' })).toBeVisible();
  const kept = await playwright.request.newContext({
    baseURL: portal.href,
    storageState: await page.context().storageState(),
  });
  expect((await kept.get('/api/access-review')).status()).toBe(200);
  await page.getByRole('button', { name: /^Account:/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByText('You are signed out.')).toBeVisible();
  expect((await kept.get('/api/access-review')).status()).toBe(401);
  await kept.dispose();
});

test('who tries to sign in too often is told when to try again, and nobody else is', async ({ page }) => {
  // Without a cookie that anybody sent back, as a program does.
  const ask = (method: string, path: string, headers: Record<string, string>) =>
    fetch(new URL(path, portal), { method, headers, redirect: 'manual' });
  const ways = [
    {
      way: 'begun',
      method: 'POST',
      path: `/api/auth/signin/${KESTREL.id}`,
      status: 429,
      page: /\/sign-in\?error=TooMany&wait=\d+$/,
    },
    {
      way: 'answered',
      method: 'GET',
      path: `/api/auth/callback/${KESTREL.id}`,
      status: 303,
      page: /\/sign-in\?error=TooMany&wait=\d+$/,
    },
    {
      way: 'consent',
      method: 'GET',
      path: '/api/consent/callback',
      status: 303,
      page: /\/consent-answer\?answer=too_many$/,
    },
  ];
  for (const [index, { way, method, path, status, page: explained }] of ways.entries()) {
    for (let time = 1; time <= 30; time++)
      expect((await ask(method, path, from(10 + index))).headers.get('retry-after'), way).toBeNull();
    const refused = await ask(method, path, from(10 + index));
    expect(Number(refused.headers.get('retry-after')), way).toBeGreaterThan(0);
    expect(refused.status, way).toBe(status);
    expect(refused.headers.get('location') ?? (await refused.json()).url, way).toMatch(explained);
    expect((await ask(method, path, from(20 + index))).headers.get('retry-after'), way).toBeNull();
  }
  // One browser, wherever it comes from.
  const browser = (time: number) =>
    ask('POST', `/api/auth/signin/${KESTREL.id}`, {
      ...from(100 + time),
      cookie: `next-auth.csrf-token=${process.pid}`,
    });
  for (let time = 1; time <= 30; time++) expect((await browser(time)).headers.get('retry-after')).toBeNull();
  expect((await browser(31)).status).toBe(429);
  await page.goto('/sign-in?error=TooMany&wait=40');
  await expect(page.getByText('many tries in a short while from your network. Try again in 40 seconds.')).toBeVisible();
  await page.goto('/consent-answer?answer=too_many');
  await expect(page.getByText('open the consent link again. It was not used up.')).toBeVisible();
});

test('what is too long is refused before it is read, and TRACE is unknown', async ({ page }) => {
  await signIn(page, ALDER_BYRNE.marcus);
  const own = { origin: portal.origin };
  const long = 'x'.repeat(20_000);
  const form = { ...own, 'content-type': 'application/x-www-form-urlencoded' };
  const signInLong = await page.request.post(`/api/auth/signin/${KESTREL.id}`, {
    headers: { ...form, ...from(2) },
    data: long,
  });
  expect(signInLong.status()).toBe(413);
  const original = await page.request.post(`/api/connectors/${NOBODY}/original`, {
    headers: form,
    data: `reason=${long}`,
  });
  expect(original.status()).toBe(413);
  const id = await actionId('findOrganization');
  const action = async (length: number): Promise<number> => {
    const headers = { ...own, ...from(3), 'next-action': id, 'content-type': 'text/plain;charset=UTF-8' };
    return (await page.request.post('/sign-in', { headers, data: `["${'x'.repeat(length)}"]` })).status();
  };
  expect([await action(900_000), await action(1_200_000)]).toEqual([200, 500]);
  expect(await statusOf('TRACE', '/sign-in')).toBeGreaterThanOrEqual(400);
});

function statusOf(method: string, path: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  httpRequest({ method, host: portal.hostname, port: portal.port, path }, (answer) => {
    answer.resume();
    resolve(answer.statusCode ?? 0);
  })
    .on('error', reject)
    .end();
  return promise;
}
