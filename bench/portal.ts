/**
 * How fast the portal's pages are after two years with 1,000 connectors, against the same portal with a tenth of its
 * history: the production build, signed in, one page after the other and in turns between both databases.
 *
 * `npm run bench:portal` measures 10,000,000 ledger rows (item and delivery); `-- --rows=1000000` fewer, and
 * `-- --only=server` some of `server`, `scripts`, `browser`. Everything that is compared is measured in the same run. No
 * test waits for it.
 */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { scriptKb, vitals } from './portal/in-browser.ts';
import { PAGES, p95, snapshotOf, timesOf } from './portal/server-time.ts';
import { type Portal, type PortalSite, startPortals } from './portal/site.ts';

const { values: given } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000000' },
    connectors: { type: 'string', default: '1000' },
    only: { type: 'string', default: 'server,scripts,browser' },
    /** keeps both portals until the process is ended, to profile them; says how to reach them */
    stay: { type: 'boolean', default: false },
  },
});
const only = new Set(given.only.split(','));

const DAYS = 730;
const USERS = 1_000;
/** Few requests and many turns: what else the machine does for a while meets both portals alike. */
const ROUNDS = 20;
const REQUESTS_A_ROUND = 2;
const WARM_ROUNDS = 3;
/** The live view reads an organization's connectors at most every 250 ms: a request that comes sooner waits. */
const BETWEEN_SNAPSHOTS_MS = 400;
const MAIN_PAGES = ['Connectors tab', 'Catalogue', 'Summary', 'Imports', 'Not imported'];

const missed: string[] = [];
/** A line that says whether a demand is met; what is not met ends the run with an error, at its end. */
function demand(what: string, value: number, most: number): void {
  const met = value <= most;
  console.log(`${met ? 'met' : 'MISSED'}: ${what}: ${value.toFixed(2)}, at most ${most}`);
  if (!met) missed.push(what);
}

async function open(site: PortalSite, name: string, share: number): Promise<Portal> {
  const portal = await site.open(name, {
    connectors: Number(given.connectors),
    rows: Number(given.rows) * share,
    days: DAYS * share,
    users: USERS,
  });
  const { rows, seconds, steps } = portal.filled;
  console.log(`${name}: ${rows.toLocaleString('en')} ledger rows, filled in ${seconds.toFixed(0)} s, ${portal.base}`);
  console.log(`  ${steps.map(([step, took]) => `${step} ${took.toFixed(0)} s`).join(', ')}`);
  return portal;
}

interface Portals {
  readonly whole: Portal;
  readonly tenth: Portal;
}

async function serverTimes({ whole, tenth }: Portals): Promise<void> {
  const rows: Record<string, Record<string, string>> = {};
  const ratios: [string, number][] = [];
  const take = async (name: string, measure: (portal: Portal) => Promise<number[]>): Promise<void> => {
    for (let round = 0; round < WARM_ROUNDS; round += 1) {
      for (const portal of [whole, tenth]) await measure(portal);
    }
    const times = { whole: [] as number[], tenth: [] as number[] };
    for (let round = 0; round < ROUNDS; round += 1) {
      times.tenth.push(...(await measure(tenth)));
      times.whole.push(...(await measure(whole)));
    }
    console.log(`  ${name}: measured`);
    const [most, least] = [p95(times.whole), p95(times.tenth)];
    ratios.push([name, most / least]);
    rows[name] = {
      'p95, ms': most.toFixed(0),
      'p50, ms': (times.whole.toSorted((a, b) => a - b)[times.whole.length >> 1] ?? Number.NaN).toFixed(0),
      'a tenth, p95, ms': least.toFixed(0),
      'a tenth, p50, ms': (times.tenth.toSorted((a, b) => a - b)[times.tenth.length >> 1] ?? Number.NaN).toFixed(0),
      ratio: (most / least).toFixed(2),
    };
  };
  for (const page of PAGES) await take(page.name, (portal) => timesOf(portal, page, REQUESTS_A_ROUND));
  const sizes = new Map<string, number>();
  const snapshots = (name: string, known: (portal: Portal) => string | null) =>
    take(name, async (portal) => {
      const times: number[] = [];
      for (let at = 0; at < REQUESTS_A_ROUND; at += 1) {
        await sleep(BETWEEN_SNAPSHOTS_MS);
        const { ms, bytes } = await snapshotOf(portal, known(portal));
        times.push(ms);
        sizes.set(name, bytes);
      }
      return times;
    });
  await snapshots('Snapshot of the event stream', () => null);
  const had = new Map<Portal, string>();
  for (const portal of [whole, tenth]) had.set(portal, (await snapshotOf(portal, null)).known);
  await snapshots('The same after a break', (portal) => had.get(portal) ?? null);
  console.log(
    `\nServer time of each page, from the request to its last byte, ${ROUNDS * REQUESTS_A_ROUND} requests each`,
  );
  console.table(rows);
  for (const [name, bytes] of sizes) console.log(`${name}: ${(bytes / 1_024).toFixed(1)} KB, not compressed`);
  for (const [name, ratio] of ratios) demand(`${name}, p95 against a tenth of the rows`, ratio, 1.5);
}

async function scripts({ whole }: Portals): Promise<void> {
  const kb = await scriptKb(whole, '/data-connectors/connectors');
  console.log(`\nJavaScript of the first page (Connectors tab), compressed: ${kb.toFixed(0)} KB; the aim is 200`);
  demand('JavaScript of the first page, KB', kb, 300);
}

async function inBrowser({ whole }: Portals): Promise<void> {
  const measured = await vitals(
    whole,
    PAGES.filter(({ name }) => MAIN_PAGES.includes(name)),
  );
  console.log('\nIn Chromium, nothing cached, beside the server on the same machine');
  console.table(
    Object.fromEntries(
      Object.entries(measured).map(([name, { lcp, cls, tbt }]) => [
        name,
        { 'LCP, ms': lcp.toFixed(0), CLS: cls.toFixed(3), 'TBT, ms': tbt.toFixed(0) },
      ]),
    ),
  );
}

/** What else the machine does makes every figure here larger. */
const cores = `${availableParallelism()} cores of ${cpus()[0]?.model}`;
console.log(
  `${new Date().toISOString()}, ${cores}, Node ${process.version}, load average ${loadavg()[0]?.toFixed(1)} before it began`,
);
const site = await startPortals();
try {
  const tenth = await open(site, 'tenth', 0.1);
  const whole = await open(site, 'whole', 1);
  if (given.stay) console.log(JSON.stringify({ whole, tenth }));
  if (only.has('server')) await serverTimes({ whole, tenth });
  if (only.has('scripts')) await scripts({ whole, tenth });
  if (only.has('browser')) await inBrowser({ whole, tenth });
  if (given.stay) {
    await new Promise((resolve) => process.once('SIGTERM', resolve));
  }
} finally {
  await site.stop();
}
if (missed.length > 0) {
  console.log(`\nmissed: ${missed.join('; ')}`);
  process.exitCode = 1;
}
