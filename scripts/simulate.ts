/**
 * Simulates imports, one a seed, and checks each.
 *
 *     npm run simulate -- --seeds 10000 [--from 1] [--threads 2]
 *     npm run simulate -- --seed 4711 --trace
 *     npm run simulate -- --seeds 10000 --break send-again-at-once     must find something
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { breakages } from '#simulation/breakages.ts';
import type { Work } from '#simulation/seeds-worker.ts';
import type { Verdict } from '#simulation/simulate.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    threads: { type: 'string' },
    break: { type: 'string' },
  },
});

const whole = (text: string, name: string): number => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new RangeError(`--${name} must be a whole number`);
  return number;
};
const broken = values.break ?? null;
if (broken !== null && !breakages.some(({ name }) => name === broken)) {
  throw new RangeError(`--break must be one of ${breakages.map(({ name }) => name).join(', ')}`);
}
const from = values.seed === undefined ? whole(values.from, 'from') : whole(values.seed, 'seed');
const count = values.seed === undefined ? whole(values.seeds, 'seeds') : 1;
const threads = Math.max(1, Math.min(count, whole(values.threads ?? String(availableParallelism()), 'threads')));
const began = performance.now();
const total = { seeds: 0, events: 0, imported: 0, failed: 0 };

/** @returns whether to go on */
function tell({ seed, found, events, imported }: Verdict): boolean {
  total.seeds++;
  total.events += events;
  total.imported += imported;
  if (found.length === 0) return true;
  total.failed++;
  console.log(`seed ${seed}: ${found.length} found`);
  for (const line of found.slice(0, 10)) console.log(`  ${line}`);
  const again = broken === null ? '' : ` --break ${broken}`;
  console.log(`  again: npm run simulate -- --seed ${seed} --trace${again}`);
  // A broken protocol has been found out, and that was the question.
  return broken === null;
}

async function thread(seeds: readonly number[], workers: Set<Worker>): Promise<void> {
  const workerData: Work = { seeds, broken, trace: values.trace };
  const worker = new Worker(new URL('../simulation/seeds-worker.ts', import.meta.url), { workerData });
  workers.add(worker);
  await new Promise<void>((resolve, reject) => {
    worker.on('message', (verdict: Verdict) => {
      if (!tell(verdict)) for (const one of workers) void one.terminate();
    });
    worker.on('error', reject);
    worker.on('exit', () => resolve());
  });
}

const workers = new Set<Worker>();
const seedsOf = (index: number): number[] =>
  Array.from({ length: count }, (_, place) => from + place).filter((seed) => seed % threads === index);
await Promise.all(Array.from({ length: threads }, (_, index) => thread(seedsOf(index), workers)));
const seconds = (performance.now() - began) / 1000;
const rate = ((seconds * 1000 * threads) / Math.max(1, total.seeds)).toFixed(1);
console.log(
  `${total.seeds} seeds, ${total.events} events, ${total.imported} copies imported, in ${seconds.toFixed(1)} s (${rate} ms a seed and thread, ${threads} threads): ${
    total.failed === 0 ? 'nothing found' : `${total.failed} failed`
  }`,
);
process.exitCode = (total.failed === 0) === (broken === null) ? 0 : 1;
