/**
 * `npm run fuzz`: 100,000 inputs for every parser, each parser in a thread of its own, so that one that hangs is seen and
 * ended. `-- --cases 1000` feeds fewer, `-- --only "item feed"` one of them. The seed derives from the commit; TEST_SEED
 * repeats a run.
 */

import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { testSeed } from '#testing/seed.ts';
import { FUZZES } from './targets.ts';

/** No input takes so long by far: who has said nothing for that time hangs. */
const SILENT_MS = 120_000;
const TOLD_EVERY = 500;

const taskSchema = z.object({ name: z.string(), seed: z.number(), cases: z.number() });
const tellSchema = z.union([
  z.object({ fed: z.number() }),
  z.object({ failed: z.string() }),
  z.object({ done: z.literal(true) }),
]);

async function inThread(): Promise<void> {
  const { name, seed, cases } = taskSchema.parse(workerData);
  const fuzz = FUZZES.find((one) => one.name === name);
  try {
    await fuzz?.run(seed, cases, (number) => {
      if (number % TOLD_EVERY === 1) parentPort?.postMessage({ fed: number });
    });
    parentPort?.postMessage({ done: true });
  } catch (error) {
    parentPort?.postMessage({ failed: error instanceof Error ? error.message : String(error) });
  }
}

/** @returns why it failed; null where it did not */
function watched(name: string, seed: number, cases: number): Promise<string | null> {
  const thread = new Worker(new URL(import.meta.url), { workerData: { name, seed, cases } });
  let fed = 0;
  let heard = performance.now();
  return new Promise((resolve) => {
    const end = (outcome: string | null): void => {
      clearInterval(watch);
      void thread.terminate();
      resolve(outcome);
    };
    const watch = setInterval(() => {
      if (performance.now() - heard > SILENT_MS) end(`hangs at one of the inputs from ${fed} to ${fed + TOLD_EVERY}`);
    }, 1000);
    thread.on('message', (message: unknown) => {
      const told = tellSchema.parse(message);
      heard = performance.now();
      if ('fed' in told) fed = told.fed;
      else end('failed' in told ? told.failed : null);
    });
    thread.on('error', (error) => end(`ends its thread: ${error instanceof Error ? error.message : 'unknown'}`));
  });
}

async function all(): Promise<void> {
  const { values } = parseArgs({ options: { cases: { type: 'string', default: '100000' }, only: { type: 'string' } } });
  const seed = testSeed() | 0;
  console.log(`Seed ${seed} (TEST_SEED=${seed >>> 0} repeats this run)`);
  for (const { name } of FUZZES.filter((one) => values.only === undefined || one.name === values.only)) {
    const began = performance.now();
    const failure = await watched(name, seed, Number(values.cases));
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(
      failure === null ? `ok      ${name}: ${values.cases} inputs in ${seconds} s` : `failed  ${name}: ${failure}`,
    );
    if (failure !== null) process.exitCode = 1;
  }
}

await (isMainThread ? all() : inThread());
