/**
 * How fast an import is, and what it costs, against what it must cost: worker processes as an operator starts them, real
 * PostgreSQL, Redis and Azurite that write to the disk, and the sandbox with bodies dropped to hashes.
 *
 * `npm run bench:import` runs every part; `-- --only=cost,script` some; `-- --items=60000` takes fewer for cost, months and workers.
 * Everything that is compared is measured in the same run, in turns. No test waits for it.
 */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { runBare } from './import/bare-run.ts';
import { type EngineOptions, type EngineRun, runEngine } from './import/engine-run.ts';
import { runStages } from './import/engine-stages.ts';
import { type OthersRate, rateOfOthers } from './import/rate-of-others.ts';
import { runScript } from './import/sequential-script.ts';
import { type Cloud, type CloudPlan, type Site, startSite } from './import/site.ts';

const PARTS = ['cost', 'script', 'limits', 'months', 'workers', 'memory', 'recovery'] as const;
type Part = (typeof PARTS)[number];

const { values: given } = parseArgs({
  options: {
    only: { type: 'string', default: PARTS.join(',') },
    items: { type: 'string', default: '240000' },
  },
});
const only = new Set(given.only.split(','));

/** What `facts` of the project's toolchain say of these parts, measured elsewhere and before: none may be far below. */
const KNOWN: Readonly<Record<string, string>> = {
  'insert rows': '82,000 (item and delivery, sets of 500)',
  'claim and settle rows': '53,000 in sets of 100, 75,000 in sets of 500',
  'post batches': '45,000 to 56,000 to a server that only hashes; 3,500 to 5,500 to the sandbox',
};

async function within<T>(site: Site, plan: CloudPlan, work: (cloud: Cloud) => Promise<T>): Promise<T> {
  const cloud = await site.open(plan);
  try {
    return await work(cloud);
  } finally {
    await cloud.close();
  }
}

const engine = (site: Site, plan: CloudPlan, options: EngineOptions = {}): Promise<EngineRun> =>
  within(site, plan, (cloud) => runEngine(site, cloud, options));

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const mean = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0) / all.length;
const rateOf = (run: { readonly items: number; readonly seconds: number }): number => run.items / run.seconds;

function print(title: string, rows: Readonly<Record<string, Readonly<Record<string, string>>>>): void {
  console.log(`\n${title}`);
  console.table(rows);
}

/** A line that says whether a demand is met; what is not met ends the run with an error, at its end. */
const missed: string[] = [];
function demand(
  what: string,
  ratio: number,
  { least, most }: { readonly least?: number; readonly most?: number },
): void {
  const met = ratio >= (least ?? Number.NEGATIVE_INFINITY) && ratio <= (most ?? Number.POSITIVE_INFINITY);
  const wanted = least === undefined ? `at most ${most}` : `at least ${least}`;
  console.log(`${met ? 'met' : 'MISSED'}: ${what}: ${ratio.toFixed(3)}, ${wanted}`);
  if (!met) missed.push(what);
}

const COST: CloudPlan = { items: Number(given.items), people: 100, latencyMs: 0 };

/** Against a loop that does the same durable work and nothing else, in turns. */
async function cost(site: Site): Promise<void> {
  const { items } = COST;
  const apart = await within(site, COST, (cloud) => runBare(cloud, 'apart'));
  const of = (...names: readonly string[]): number =>
    items / names.reduce((sum, name) => sum + (apart.parts[name] ?? Number.NaN), 0);
  const parts = { ...apart.parts, 'claim and settle rows': items / of('claim rows', 'settle rows') };
  print(
    `The bare loop's parts, one after the other, ${whole(items)} items`,
    Object.fromEntries(
      Object.entries(parts).map(([name, seconds]) => [
        name,
        { 'items/s': whole(items / seconds), 'known from elsewhere': KNOWN[name] ?? '' },
      ]),
    ),
  );
  const stages = await within(site, COST, runStages);
  const runs: EngineRun[] = [];
  const bare: number[] = [];
  for (let turn = 0; turn < 2; turn += 1) {
    bare.push(rateOf({ items, ...(await within(site, COST, (cloud) => runBare(cloud, 'whole'))) }));
    runs.push(await engine(site, COST));
  }
  const row = (bareRate: number, engineRate: number) => ({
    'bare loop, items/s': whole(bareRate),
    'engine, items/s': whole(engineRate),
    ratio: (engineRate / bareRate).toFixed(2),
  });
  const seconds = (value: number) => ({
    'bare loop, items/s': '-',
    'engine, items/s': `${value.toFixed(2)} s in all`,
    ratio: '',
  });
  print(`An import of ${whole(items)} items into ${COST.people} mailboxes, stage by stage`, {
    plan: seconds(stages.plan),
    collect: row(of('read and parse pages', 'seal', 'put blobs', 'insert rows'), items / stages.collect),
    deliver: row(of('get and open blobs', 'claim rows', 'post batches', 'settle rows'), items / stages.deliver),
    reconcile: seconds(stages.reconcile),
    'collect to reconciled, stages overlapping': row(mean(bare), mean(runs.map(rateOf))),
  });
  console.log(
    `turns: bare loop ${bare.map(whole).join(', ')}; engine ${runs.map(rateOf).map(whole).join(', ')} items/s`,
  );
  console.log(
    `the sandbox takes ${whole(of('post batches'))} messages/s in $batch here: nobody can be faster than that`,
  );
  printCosts(runs);
  demand('items/s against the bare loop', mean(runs.map(rateOf)) / mean(bare), { least: 0.5 });
}

function printCosts(runs: readonly EngineRun[]): void {
  const of = (pick: (run: EngineRun) => number): string => mean(runs.map(pick)).toFixed(0);
  print('What an item costs', {
    'worker, µs of processor': { '': of(({ cpu }) => cpu.worker) },
    'PostgreSQL, µs of processor': { '': of(({ cpu }) => cpu.postgres) },
    'Azurite, µs of processor': { '': of(({ cpu }) => cpu.azurite) },
    'the sandbox, µs of processor': { '': of(({ cpu }) => cpu.sandbox) },
    'rows written': { '': mean(runs.map(({ rows }) => rows)).toFixed(1) },
    'bytes of WAL': { '': of(({ walBytes }) => walBytes) },
    'items a transaction, those that only read included': { '': of(({ items, transactions }) => items / transactions) },
  });
}

/** Against one POST a message, with 50 ms for each request. */
async function script(site: Site): Promise<void> {
  const plan: CloudPlan = { items: 240_000, people: 500, latencyMs: 50 };
  const alone = await within(site, plan, (cloud) => runScript(cloud, 200));
  const run = await engine(site, plan);
  const ratio = rateOf(run) / alone;
  print('50 ms for each request to Graph, 500 mailboxes', {
    'one POST a message, one after the other (200 messages)': { 'items/s': alone.toFixed(1), ratio: '1' },
    [`the engine, one worker (${whole(plan.items)} items)`]: { 'items/s': whole(rateOf(run)), ratio: ratio.toFixed(0) },
  });
  printCosts([run]);
  demand('times as fast as a script', ratio, { least: 200 });
}

/** Against what four requests at once in every mailbox allow. */
async function limits(site: Site): Promise<void> {
  const plan: CloudPlan = { items: 240_000, people: 100, latencyMs: 200 };
  const allowed = (plan.people * 4 * 1_000) / plan.latencyMs;
  const minute = 60;
  const free: OthersRate = { perSecond: Number.NaN };
  const throttled: OthersRate = { perSecond: Number.NaN };
  const run = await engine(site, plan, { beside: rateOfOthers(free, minute, false) });
  const second = await engine(site, plan, { beside: rateOfOthers(throttled, minute, true) });
  const allowedToOthers = (allowed * (plan.people - 1)) / plan.people;
  const row = (perSecond: number, most: number) => ({
    'items/s': whole(perSecond),
    'of what is allowed': (perSecond / most).toFixed(3),
  });
  print(
    `200 ms for each request to Graph, four at once in each of 100 mailboxes: ${whole(allowed)} a second are allowed`,
    {
      [`${whole(plan.items)} items in ${run.seconds.toFixed(0)} s, first page to reconciled`]: row(
        rateOf(run),
        allowed,
      ),
      'a minute in the middle of it, 99 mailboxes': row(free.perSecond, allowedToOthers),
      'the same while the 100th is throttled for that minute': row(throttled.perSecond, allowedToOthers),
      [`that import in all, ${second.seconds.toFixed(0)} s`]: row(rateOf(second), allowed),
    },
  );
  demand('of what the limits allow', rateOf(run) / allowed, { least: 0.9 });
  demand('the others’ rate while one is throttled', throttled.perSecond / free.perSecond, { least: 0.95 });
}

async function workers(site: Site): Promise<void> {
  const rows: Record<string, Record<string, string>> = {};
  let first = Number.NaN;
  for (const count of [1, 2, 3]) {
    const run = await engine(site, COST, { workers: count });
    if (count === 1) first = rateOf(run);
    rows[`${count} ${count === 1 ? 'worker' : 'workers'}`] = {
      'items/s': whole(rateOf(run)),
      ratio: (rateOf(run) / first).toFixed(2),
      'worker, µs an item': run.cpu.worker.toFixed(0),
    };
  }
  print(`Further workers on the same ${availableParallelism()} cores`, rows);
}

/** After seven years, for which evidence is kept, an import must not take longer than in the first month. */
async function months(site: Site): Promise<void> {
  const years = 7;
  const rates = { first: [] as number[], late: [] as number[] };
  const cost = { first: [] as number[], late: [] as number[] };
  for (let turn = 0; turn < 2; turn += 1) {
    for (const age of ['first', 'late'] as const) {
      const run = await engine(site, { ...COST, monthsBefore: age === 'late' ? years * 12 - 1 : 0 });
      rates[age].push(rateOf(run));
      cost[age].push(run.cpu.postgres);
    }
  }
  const row = (age: 'first' | 'late') => ({
    'items/s': whole(mean(rates[age])),
    ratio: (mean(rates[age]) / mean(rates.first)).toFixed(2),
    'PostgreSQL, µs an item': mean(cost[age]).toFixed(0),
  });
  print('A ledger of so many months', { '1 month': row('first'), [`${years * 12} months`]: row('late') });
  demand('items/s after seven years against the first month', mean(rates.late) / mean(rates.first), { least: 0.85 });
}

/** A worker's memory must not follow the size of an import. */
async function memory(site: Site): Promise<void> {
  const runs: EngineRun[] = [];
  for (const items of [100_000, 1_000_000]) runs.push(await engine(site, { ...COST, items }));
  print(
    'The most memory that a worker process ever had (VmHWM)',
    Object.fromEntries(
      runs.map((run) => [
        `${whole(run.items)} items`,
        {
          MB: run.peakMb.toFixed(0),
          ratio: (run.peakMb / (runs[0]?.peakMb ?? 1)).toFixed(2),
          'items/s': whole(rateOf(run)),
        },
      ]),
    ),
  );
  const [small, large] = runs;
  if (!small || !large) throw new Error('nothing was measured');
  demand('memory at 1,000,000 items against 100,000', large.peakMb / small.peakMb, { most: 1.2 });
}

/** After a restore every copy is looked for before it is sent (`docs/backup.md`): found in its mailbox, or not and so sent. */
async function recovery(site: Site): Promise<void> {
  const plan = { ...COST, items: COST.items / 10 };
  const restored = async (cloud: Cloud): Promise<EngineRun> => {
    await cloud.pool.query(
      `INSERT INTO recovery (cause, found_at, doubtful_until, ended_at)
       VALUES ('by_operator', now() - interval '1 hour', now() + interval '1 day', now())`,
    );
    return runEngine(site, cloud, { env: { LATE_COMMIT_SECONDS: '1' } });
  };
  const [first, found] = await within(site, plan, async (cloud) => {
    const sent = await runEngine(site, cloud);
    const forgotten = await site.forgotten(cloud);
    try {
      return [sent, await restored(forgotten)] as const;
    } finally {
      await forgotten.close();
    }
  });
  const absent = await within(site, plan, restored);
  const row = (run: EngineRun) => ({
    'items/s': whole(rateOf(run)),
    ratio: (rateOf(run) / rateOf(first)).toFixed(2),
    'worker, µs an item': run.cpu.worker.toFixed(0),
  });
  print(`An import of ${whole(plan.items)} items after a restore, one worker`, {
    'nothing was restored': row(first),
    'every copy is in its mailbox': row(found),
    'none is: looked for twice, then sent': row(absent),
  });
}

const RUN: Readonly<Record<Part, (site: Site) => Promise<void>>> = {
  cost,
  script,
  limits,
  months,
  workers,
  memory,
  recovery,
};

/** What else the machine does makes every figure here smaller, and not all by the same factor. */
const load = (): string => `load average ${loadavg()[0]?.toFixed(1)}`;
const cores = `${availableParallelism()} cores of ${cpus()[0]?.model}`;
console.log(`${new Date().toISOString()}, ${cores}, Node ${process.version}, ${load()} before it began`);
const site = await startSite();
try {
  for (const part of PARTS) if (only.has(part)) await RUN[part](site);
} finally {
  await site.stop();
}
if (missed.length > 0) {
  console.log(`\nmissed: ${missed.join('; ')}`);
  process.exitCode = 1;
}
