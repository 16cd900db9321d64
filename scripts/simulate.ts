/**
 * Simulates imports, one a seed, and checks each (`docs/simulation.md`).
 *
 *     npm run simulate -- --seeds 10000 [--from 1] [--threads 2]
 *     npm run simulate -- --seed 4711 --trace
 *     npm run simulate -- --break send-again-without-looking [--seeds 10000]     must find something
 *     npm run simulate -- --break all                                          after how many seeds each is found
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { breakages } from '#simulation/breakages.ts';
import { simulateAll } from '#simulation/run.ts';
import type { Verdict } from '#simulation/simulate.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    threads: { type: 'string', default: String(availableParallelism()) },
    break: { type: 'string' },
  },
});

function whole(name: 'seeds' | 'from' | 'threads' | 'seed'): number {
  const number = Number(values[name]);
  if (!Number.isSafeInteger(number) || number < 0) throw new RangeError(`--${name} must be a whole number`);
  return number;
}

const seeds =
  values.seed === undefined
    ? Array.from({ length: whole('seeds') }, (_, place) => whole('from') + place)
    : [whole('seed')];
const threads = Math.max(1, Math.min(seeds.length, whole('threads')));

function print({ seed, found }: Verdict, broken: string | null): void {
  console.log(`seed ${seed}: ${found.length} found`);
  for (const line of found.slice(0, 10)) console.log(`  ${line}`);
  const again = broken === null ? '' : ` --break ${broken}`;
  console.log(`  again: npm run simulate -- --seed ${seed} --trace${again}`);
}

/** The product as it is: nothing may be found. @returns whether that is so */
async function simulateProduct(): Promise<boolean> {
  const began = performance.now();
  let done = 0;
  const verdicts = await simulateAll({
    seeds,
    threads,
    trace: values.trace,
    onVerdict: (verdict) => {
      if (verdict.found.length > 0) print(verdict, null);
      if (++done % 1_000 === 0)
        console.log(`${done} imports after ${((performance.now() - began) / 1000).toFixed(0)} s`);
      return true;
    },
  });
  const seconds = (performance.now() - began) / 1000;
  const sum = (of: (verdict: Verdict) => number): number => verdicts.reduce((total, one) => total + of(one), 0);
  const failed = verdicts.filter(({ found }) => found.length > 0).length;
  console.log(
    `${verdicts.length} imports, ${sum(({ events }) => events)} events, ${sum(({ imported }) => imported)} copies in their mailboxes, ${sum(({ handedOver }) => handedOver)} handed over: ${failed === 0 ? 'nothing found' : `${failed} failed`}`,
  );
  console.log(
    `${seconds.toFixed(1)} s in ${threads} threads, ${((seconds * 1000 * threads) / verdicts.length).toFixed(1)} ms an import and thread`,
  );
  return failed === 0 && verdicts.length === seeds.length;
}

/** A broken product: the first seed that finds it out ends the run. @returns whether there was one */
async function simulateBroken(broken: string): Promise<boolean> {
  let finder: Verdict | undefined;
  const verdicts = await simulateAll({
    seeds,
    threads,
    broken,
    trace: values.trace,
    onVerdict: (verdict) => {
      if (verdict.found.length > 0) finder = verdict;
      return finder === undefined;
    },
  });
  if (values.break !== 'all' && finder) print(finder, broken);
  const result = finder
    ? `seed ${finder.seed}: ${finder.found[0]?.split('\n')[0]?.replace(/[0-9a-f]{16}\.[0-9a-f]{16}:/, '')}`
    : 'NOT FOUND';
  console.log(`| ${broken} | ${verdicts.length} | ${result} |`);
  return finder !== undefined;
}

let good = true;
if (values.break === undefined) good = await simulateProduct();
else {
  const chosen = breakages.filter(({ name }) => values.break === 'all' || values.break === name);
  if (chosen.length === 0) throw new RangeError(`--break: all, ${breakages.map(({ name }) => name).join(', ')}`);
  for (const { name } of chosen) good = (await simulateBroken(name)) && good;
}
process.exitCode = good ? 0 : 1;
