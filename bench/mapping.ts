/**
 * How fast a mapping file of 1,000,000 rows (64 MB) is parsed, validated and stored, against a bare loop over the same
 * file in the same run; how fast participants are resolved by it; and how long the preview blocks the browser's page.
 *
 * `npm run bench:mapping` runs all of it; `-- --only=store,resolve,preview` some; `-- --rows=200000` takes a smaller file.
 */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startDatabases } from './mapping/database.ts';
import { writeMappingFile } from './mapping/file.ts';
import { measurePreview } from './mapping/preview.ts';
import { type Run, run } from './mapping/run.ts';
import { report } from './report.ts';

const TURNS = 2;
const ITEMS = 20_000;
/** of the rows of the file that is previewed, one in so many is wrong */
const WRONG_EVERY = 1_000;

const { values: given } = parseArgs({
  options: { only: { type: 'string', default: 'store,resolve,preview' }, rows: { type: 'string', default: '1000000' } },
});
const only = new Set(given.only.split(','));
const rows = Number(given.rows);

const rateOf = ({ rows: count, seconds }: Run): number => count / seconds;
const mean = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0) / all.length;
const each = (runs: readonly Run[]): string =>
  runs.map((one) => Math.round(rateOf(one)).toLocaleString('en')).join(', ');

/** A line that says whether a demand is met; what is not met ends the run with an error, at its end. */
const missed: string[] = [];
function demand(what: string, value: number, limit: number, most = false): void {
  const met = most ? value <= limit : value >= limit;
  console.log(`${met ? 'met' : 'MISSED'}: ${what}: ${value.toFixed(2)}, at ${most ? 'most' : 'least'} ${limit}`);
  if (!met) missed.push(what);
}

console.log(
  `${new Date().toISOString()}, ${availableParallelism()} cores of ${cpus()[0]?.model}, Node ${process.version}, load average ${loadavg()[0]?.toFixed(1)} before it began`,
);
const databases = await startDatabases();
try {
  const file = join(databases.folder, 'mapping.csv');
  const bytes = writeMappingFile(file, rows);
  console.log(`The file: ${rows.toLocaleString('en')} rows, ${(bytes / 1024 / 1024).toFixed(1)} MB`);
  if (only.has('store') || only.has('resolve')) await store(file);
  if (only.has('preview')) await preview();
} finally {
  await databases.stop();
}
if (missed.length > 0) {
  console.log(`\nmissed: ${missed.join('; ')}`);
  process.exitCode = 1;
}

interface Turn extends Run {
  /** processor seconds of PostgreSQL meanwhile */
  readonly postgres: number;
}

async function turn(script: string, file: string, url: string): Promise<Turn> {
  const before = databases.cpuSeconds();
  const ran = await run(script, file, url);
  return { ...ran, postgres: databases.cpuSeconds() - before };
}

async function store(file: string): Promise<void> {
  const bare: Turn[] = [];
  const ours: Turn[] = [];
  let url = '';
  for (let at = 0; at < (only.has('store') ? TURNS : 1); at += 1) {
    if (only.has('store')) bare.push(await turn('bare-loop.ts', file, await databases.open()));
    url = await databases.open();
    ours.push(await turn('upload.ts', file, url));
  }
  if (new Set([...bare, ...ours].map(({ sum }) => sum)).size !== 1) throw new Error('the two stored different rows');
  if (only.has('store')) {
    const microseconds = (runs: readonly Turn[], of: (one: Turn) => number): string =>
      mean(runs.map((one) => (of(one) * 1e6) / one.rows)).toFixed(1);
    const row = (name: string, runs: readonly Turn[]) => ({
      name,
      perSecond: mean(runs.map(rateOf)),
      more: {
        turns: each(runs),
        'most memory, MB': Math.max(...runs.map(({ peakMb }) => peakMb)).toFixed(0),
        'µs of processor a row': microseconds(runs, ({ cpuSeconds }) => cpuSeconds),
        'of PostgreSQL': microseconds(runs, ({ postgres }) => postgres),
      },
    });
    report('Parsed, validated and stored', 'rows', [
      row('bare loop: papaparse, libphonenumber, inserts in sets', bare),
      row('ours', ours),
    ]);
    demand('rows/s against the bare loop', mean(ours.map(rateOf)) / mean(bare.map(rateOf)), 0.6);
  }
  if (only.has('resolve')) await resolve(url);
}

/** By the version that the last turn has stored. */
async function resolve(url: string): Promise<void> {
  await databases.putInForce(url);
  const before = databases.cpuSeconds();
  const resolved = await run('resolve.ts', url, String(rows), String(ITEMS));
  report(`Participants of ${ITEMS.toLocaleString('en')} items resolved, three each, of all the file`, 'participants', [
    {
      name: 'one process, pages of 500 items',
      perSecond: rateOf(resolved),
      more: {
        'µs of processor': ((resolved.cpuSeconds * 1e6) / resolved.rows).toFixed(1),
        'of PostgreSQL': (((databases.cpuSeconds() - before) * 1e6) / resolved.rows).toFixed(1),
      },
    },
  ]);
}

async function preview(): Promise<void> {
  const file = join(databases.folder, 'wrong.csv');
  writeMappingFile(file, rows, WRONG_EVERY);
  const { idle, checked } = await measurePreview(databases.folder, file);
  console.log(`\nThe page while ${rows.toLocaleString('en')} rows are previewed, every ${WRONG_EVERY}th of them wrong`);
  const row = (of: typeof idle) => ({
    seconds: of.seconds.toFixed(1),
    'longest block of the main thread, ms': of.longestMs.toFixed(0),
    'tasks over 50 ms': of.longTasks,
    'longest task, ms of processor': of.longestCpuMs.toFixed(0),
  });
  console.table({ 'with nothing to do': row(idle), preview: row(checked) });
  demand('longest block of the main thread, ms', checked.longestMs, 50, true);
}
