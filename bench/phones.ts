/**
 * How the phones bear a million items a day. `node bench/phones.ts` walks 24 hours of the feed in pages of 1,000, signed
 * in and over HTTP as a client does, at four sizes, each against a site in a process of its own. Memory and the slowest
 * page must not grow with the number of items: the last column says how a row compares with the one above it.
 *
 * Then single requests at the largest size: how long the site could answer nobody else meanwhile.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import Fastify from 'fastify';
import { z } from 'zod';
import { openDirectory } from '#sandbox/world/directory.ts';
import { readSettings } from '../sandbox/settings.ts';
import { administrationAccounts } from '../sandbox/telemessage/accounts.ts';
import { telemessageRoutes } from '../sandbox/telemessage/server.ts';
import { tenants } from '../sandbox/world/tenants.ts';

const SIZES = [10, 1_000, 100_000, 1_000_000] as const;
const LARGEST = 1_000_000;
const NOW = Date.UTC(2026, 10, 22, 12);
const TO = NOW - 60_000;
const FROM = TO - 86_400_000;
const ARCHIVE = '/v1/archives/android-archiver';
/** so little that the garbage collector cannot put its work off: a site that kept what it listed would end here */
const HEAP = ['--max-old-space-size=64', '--max-semi-space-size=2'] as const;
/** requests before anything is measured, so that the heap has the size that any work gives it */
const WARM_UP = 60;

/** memory in bytes: now, and the most since the process began; the longest pause since it was last asked, ms */
const stateSchema = z.object({ port: z.number(), memory: z.number(), peak: z.number(), longestPause: z.number() });
type State = z.infer<typeof stateSchema>;
const pageSchema = z.object({ items: z.array(z.unknown()), nextCursor: z.string().nullable() });

const [, , serve, size] = process.argv;
if (serve === 'serve') await serveFeed(Number(size));
else await measure();

/** The site, answering its parent's messages with what it holds and how long it was busy at a stretch. */
async function serveFeed(itemsPerDay: number): Promise<void> {
  // 1000: nothing here is about being throttled
  const settings = { ...readSettings({ SANDBOX_DATA: 'memory' }), itemsPerDay, limitsScale: 1_000 };
  const app = Fastify();
  const clock = (): Date => new Date(NOW);
  const database = new DatabaseSync(':memory:');
  await app.register(telemessageRoutes({ settings, directory: openDirectory(database, tenants), clock, database }));
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
  const pauses = monitorEventLoopDelay({ resolution: 5 });
  pauses.enable();
  process.on('message', () => {
    const peak = process.resourceUsage().maxRSS * 1_024;
    const longestPause = pauses.max / 1e6;
    process.send?.({ port: Number(port), memory: process.memoryUsage.rss(), peak, longestPause });
    pauses.reset();
  });
}

interface Site {
  get(path: string): Promise<{ readonly body: unknown; readonly ms: number }>;
  /** registers a connector and gives its path */
  register(): Promise<string>;
  state(): Promise<State>;
  stop(): Promise<void>;
}

async function startSite(itemsPerDay: number): Promise<Site> {
  const child = fork(fileURLToPath(import.meta.url), ['serve', String(itemsPerDay)], { execArgv: [...HEAP] });
  const { port } = await ask(child);
  const base = `http://127.0.0.1:${port}`;
  const [{ username, password }] = administrationAccounts;
  const signedIn = await fetch(`${base}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  const { token } = z.object({ token: z.string() }).parse(await signedIn.json());
  return {
    get: async (path) => {
      const begun = performance.now();
      const response = await fetch(base + path, { headers: { authorization: `Bearer ${token}` } });
      const body: unknown = await response.json();
      if (!response.ok) throw new Error(`${response.status} ${path}`);
      return { body, ms: performance.now() - begun };
    },
    register: async () => {
      const response = await fetch(`${base}/v1/connectors`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ kind: 'android-archiver', clientReference: 'bench' }),
      });
      return `/v1/connectors/${z.object({ id: z.string() }).parse(await response.json()).id}`;
    },
    state: () => ask(child),
    stop: async () => {
      child.kill();
      await once(child, 'exit');
    },
  };
}

async function ask(child: ChildProcess): Promise<State> {
  child.send('state');
  const [answer]: unknown[] = await once(child, 'message');
  return stateSchema.parse(answer);
}

function windowOf(from: number, more: Readonly<Record<string, string>> = {}): string {
  return new URLSearchParams({ from: iso(from), to: iso(TO), ...more }).toString();
}

interface Walk {
  readonly items: number;
  readonly pages: number;
  readonly seconds: number;
  /** slowest page over median page */
  readonly slowest: number;
  /** highest resident memory over that at the beginning, bytes */
  readonly growth: number;
  /** an opaque place in the last tenth of the window */
  readonly deepCursor: string | null;
}

async function walk(site: Site): Promise<Walk> {
  const pathOf = (cursor: string | null): string =>
    `${ARCHIVE}/items?${windowOf(FROM, { limit: '1000', ...(cursor !== null && { cursor }) })}`;
  for (let time = 0; time < WARM_UP; time += 1) await site.get(pathOf(null));
  const before = await site.state();
  const begun = performance.now();
  const times: number[] = [];
  const cursors: string[] = [];
  let [items, cursor]: [number, string | null] = [0, null];
  do {
    const { body, ms } = await site.get(pathOf(cursor));
    const page = pageSchema.parse(body);
    items += page.items.length;
    times.push(ms);
    cursor = page.nextCursor;
    if (cursor !== null) cursors.push(cursor);
  } while (cursor !== null);
  const sorted = times.toSorted((a, b) => a - b);
  return {
    items,
    pages: times.length,
    seconds: (performance.now() - begun) / 1_000,
    slowest: (sorted.at(-1) ?? 0) / (sorted[Math.floor(sorted.length / 2)] ?? 1),
    growth: Math.max(0, (await site.state()).peak - before.memory),
    deepCursor: cursors.at(-Math.ceil(cursors.length / 10)) ?? null,
  };
}

async function measure(): Promise<void> {
  const rows: Record<string, string | number>[] = [];
  let above: Walk | undefined;
  for (const itemsPerDay of SIZES) {
    const site = await startSite(itemsPerDay);
    const walked = await walk(site);
    rows.push({
      'items a day': itemsPerDay.toLocaleString('en'),
      items: walked.items.toLocaleString('en'),
      pages: walked.pages,
      'items/s': Math.round(walked.items / walked.seconds).toLocaleString('en'),
      'slowest / median page': walked.slowest.toFixed(1),
      'peak growth, MB': (walked.growth / 1e6).toFixed(1),
      'against the row above': above === undefined ? '' : compared(walked, above),
    });
    above = walked;
    if (itemsPerDay === LARGEST) {
      console.table(rows);
      await measureSingle(site, walked.deepCursor ?? '');
    }
    await site.stop();
  }
}

function compared(walked: Walk, above: Walk): string {
  const items = `${(walked.items / above.items).toFixed(0)} x items`;
  // below a megabyte it is the page size of the allocator, not the feed
  const memory = (Math.max(walked.growth, 1e6) / Math.max(above.growth, 1e6)).toFixed(1);
  return `${items}, ${memory} x memory`;
}

/** Each request three times, since the first fills caches. The unit is the first page of the feed, the second time. */
async function measureSingle(site: Site, deep: string): Promise<void> {
  const items = (more: Record<string, string>): string =>
    `${ARCHIVE}/items?${windowOf(FROM, { limit: '1000', ...more })}`;
  const requests: readonly (readonly [string, string])[] = [
    ['first page', items({})],
    ['page deep in the window', items({ cursor: deep })],
    ['first page of 1 item', items({ limit: '1' })],
    ['manifest of an hour', `${ARCHIVE}/manifest?${windowOf(TO - 3_600_000)}`],
    ['manifest of 24 hours', `${ARCHIVE}/manifest?${windowOf(FROM)}`],
    ['users', `${ARCHIVE}/users`],
    ['connector status', await site.register()],
  ];
  const unit = await secondTime(site, items({}));
  const rows = [];
  for (const [name, path] of requests) {
    await site.state();
    const first = await site.get(path);
    const pause = (await site.state()).longestPause;
    rows.push({
      request: name,
      'first time / a page': (first.ms / unit).toFixed(2),
      'again / a page': ((await secondTime(site, path)) / unit).toFixed(2),
      'longest pause / a page': (pause / unit).toFixed(2),
    });
  }
  console.table(rows);
}

async function secondTime(site: Site, path: string): Promise<number> {
  await site.get(path);
  return (await site.get(path)).ms;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
