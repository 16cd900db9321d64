/**
 * Who may do what: every route and every server action of the build, as Next's own manifests list them, for every kind of
 * person, held against the tables of docs/security.md.
 */
import { readFileSync } from 'node:fs';
import { type APIRequestContext, type APIResponse, type Browser, expect, test } from '@playwright/test';
import pg from 'pg';
import { z } from 'zod';
import { ensureConnector, SHOWN } from './pages/ensure-connector.ts';
import { signIn } from './pages/sign-in.ts';
import { ALDER_BYRNE, KESTREL, type PersonOfTest } from './world.ts';

const BUILD = '.test/next';
const NOBODY = '00000000-0000-4000-8000-000000000000';
const FOREIGN_TENANT = 'e2946c07-5b8f-4d3a-a1c6-70f3d85b2e19';

const document = readFileSync('docs/security.md', 'utf8');

/** Rows of the table under a heading, cells without their marks. */
function table(heading: string): string[][] {
  const [, after = ''] = document.split(`## ${heading}\n`);
  const [section = ''] = after.split('\n## ');
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(2, -2)
        .split(' | ')
        .map((cell) => cell.trim()),
    );
}

const bare = (cell: string | undefined): string => (cell ?? '').replaceAll('`', '');
const granted = new Map(table('Roles').map(([role, permissions]) => [bare(role), bare(permissions).split(' ')]));
const routes = table('Who may: pages and route handlers').map(([route, method, needs]) => ({
  route: bare(route),
  method: bare(method),
  needs: bare(needs),
}));
const actions = new Map(table('Who may: server actions').map(([name, needs]) => [bare(name), bare(needs)]));

const PEOPLE: readonly { readonly person: PersonOfTest | null; readonly role: string | null }[] = [
  { person: null, role: null },
  { person: ALDER_BYRNE.sam, role: null },
  { person: ALDER_BYRNE.tomasz, role: 'DataConnectors.Reader' },
  { person: ALDER_BYRNE.grace, role: 'DataConnectors.Admin' },
  { person: ALDER_BYRNE.ingrid, role: 'DataConnectors.Auditor' },
  { person: ALDER_BYRNE.marcus, role: 'DataConnectors.ContentViewer' },
];

async function connectorId(): Promise<string> {
  const client = new pg.Client({ connectionString: process.env.E2E_DATABASE_URL });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>(
      `SELECT c.id FROM connector c WHERE c.organization_id = $1 AND c.name = $2 AND c.status = 'live' LIMIT 1`,
      [ALDER_BYRNE.id, SHOWN.name],
    );
    return rows[0]?.id ?? '';
  } finally {
    await client.end();
  }
}

function pathOf(route: string, id: string): string {
  const filled = route
    .replace('[id]', id)
    .replace('[kind]', 'android-archiver')
    .replace('[step]', 'terms')
    .replace('[version]', '1')
    .replace('[correctionId]', NOBODY)
    .replace('[...nextauth]', 'providers');
  return route === '/api/events' ? `${filled}?person=${NOBODY}` : filled;
}

type Outcome = 'let in' | 'sign in' | 'no role' | 'not found';

/** What an answer means to who asked. */
async function outcomeOf(answer: APIResponse): Promise<Outcome> {
  const status = answer.status();
  if (status === 401) return 'sign in';
  if (status === 403) return 'no role';
  // A page that was begun already says where to go in itself.
  const target = answer.headers().location ?? answer.headers()['x-action-redirect'] ?? redirectIn(await textOf(answer));
  if (/\/sign-in\b/.test(target)) return 'sign in';
  if (/\/missing-role\b/.test(target)) return 'no role';
  return status === 404 ? 'not found' : 'let in';
}

const redirectIn = (html: string): string => /NEXT_REDIRECT;\w+;([^;]+);/.exec(html)?.[1] ?? '';

/** Nothing of an event stream, which does not end. */
async function textOf(answer: APIResponse): Promise<string> {
  return /html|component/.test(answer.headers()['content-type'] ?? '') ? answer.text() : '';
}

function ask(request: APIRequestContext, method: string, path: string): Promise<APIResponse> {
  const own = { origin: new URL(process.env.E2E_PORTAL_URL ?? '').origin };
  const options = { maxRedirects: 0, headers: method === 'page' || method === 'GET' ? {} : own, timeout: 60_000 };
  return request.fetch(path, { ...options, method: method === 'page' ? 'GET' : method });
}

function expected(needs: string, role: string | null, isSignedIn: boolean): Outcome {
  if (needs === 'open') return 'let in';
  if (!isSignedIn || needs === 'program') return 'sign in';
  if (needs === 'role') return 'let in';
  return granted.get(role ?? '')?.includes(needs) ? 'let in' : 'no role';
}

async function signedIn(browser: Browser, person: PersonOfTest | null): Promise<APIRequestContext> {
  const context = await browser.newContext();
  if (person !== null) await signIn(await context.newPage(), person);
  return context.request;
}

const manifest = <T>(path: string, schema: z.ZodType<T>): T =>
  schema.parse(JSON.parse(readFileSync(`${BUILD}/${path}`, 'utf8')));

test('every route of the build and every action is in the tables of docs/security.md, and nothing else', () => {
  const built = Object.values(manifest('app-path-routes-manifest.json', z.record(z.string(), z.string())));
  expect(built.length).toBeGreaterThan(30);
  expect(routes.map(({ route }) => route).toSorted()).toEqual(built.toSorted());
  expect([...actions.keys()].toSorted()).toEqual(
    builtActions()
      .map(({ name }) => name)
      .toSorted(),
  );
});

function builtActions(): { readonly id: string; readonly name: string; readonly page: string }[] {
  const action = z.object({ exportedName: z.string(), workers: z.record(z.string(), z.unknown()) });
  const { node } = manifest('server/server-reference-manifest.json', z.object({ node: z.record(z.string(), action) }));
  return Object.entries(node).map(([id, { exportedName, workers }]) => ({
    id,
    name: exportedName,
    page: (Object.keys(workers)[0] ?? '').replace(/^app|\/page$|\/\([\w-]+\)/g, ''),
  }));
}

for (const { person, role } of PEOPLE) {
  test(`${person?.name ?? 'nobody'} (${role ?? 'no role'}) gets what the table says, everywhere`, async ({
    browser,
  }) => {
    test.setTimeout(300_000);
    await ensureConnector(browser);
    const id = await connectorId();
    const request = await signedIn(browser, person);
    const found: Record<string, Outcome> = {};
    const wanted: Record<string, Outcome> = {};
    for (const { route, method, needs } of routes) {
      // What is there only for errors has no address of its own.
      if (route.startsWith('/_')) continue;
      const outcome = await outcomeOf(await ask(request, method, pathOf(route, id)));
      const allowed = expected(needs, role, person !== null);
      // A correction, or a version, that never was: whoever may come in does not find it.
      const isMadeUp = route.includes('[correctionId]') || route.includes('[version]');
      found[`${method} ${route}`] = outcome === 'not found' && isMadeUp ? 'let in' : outcome;
      // Who is not signed in is sent from the page about roles to the sign-in.
      const moves = person === null && route === '/missing-role';
      wanted[`${method} ${route}`] = moves ? 'sign in' : allowed;
    }
    expect(found).toEqual(wanted);

    for (const { id: action, name, page } of builtActions()) {
      const outcome = await outcomeOf(
        await request.post(pathOf(page, id), {
          headers: {
            'next-action': action,
            'content-type': 'text/plain;charset=UTF-8',
            origin: new URL(process.env.E2E_PORTAL_URL ?? '').origin,
          },
          // Nothing that any action takes: who is let in changes nothing.
          data: '[null]',
          maxRedirects: 0,
        }),
      );
      expect(outcome, name).toBe(expected(actions.get(name) ?? '', role, person !== null));
    }
  });
}

test("another organization's administrator finds nothing, as if it had never been", async ({ browser }) => {
  test.setTimeout(240_000);
  await ensureConnector(browser);
  const id = await connectorId();
  const request = await signedIn(browser, KESTREL.amara);
  for (const { route, method } of routes.filter((one) => one.route.includes('[id]') && one.method !== 'PUT')) {
    const [theirs, nobodys] = await Promise.all(
      [id, NOBODY].map(async (one) => {
        const answer = await ask(request, method, pathOf(route, one));
        return { status: answer.status(), outcome: await outcomeOf(answer) };
      }),
    );
    expect(theirs, `${method} ${route}`).toEqual(nobodys);
    expect(theirs?.outcome, `${method} ${route}`).not.toBe('sign in');
    if (method !== 'POST') expect(['not found', 'no role'], `${method} ${route}`).toContain(theirs?.outcome);
  }
});

test('nobody of a tenant that is not listed is sent to Microsoft at all', async ({ request }) => {
  const token = z.object({ csrfToken: z.string() }).parse(await (await request.get('/api/auth/csrf')).json());
  const answer = await request.post(`/api/auth/signin/${FOREIGN_TENANT}`, { form: token, maxRedirects: 0 });
  expect(answer.headers().location ?? '').not.toContain(FOREIGN_TENANT);
  expect(answer.headers().location ?? '').toContain(new URL(process.env.E2E_PORTAL_URL ?? '').host);
});
