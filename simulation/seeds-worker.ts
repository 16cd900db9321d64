/** A thread that simulates seeds one after the other and reports each. */
import { parentPort, workerData } from 'node:worker_threads';
import { breakages } from './breakages.ts';
import { changeSources, SCALE } from './changed-sources.ts';

export interface Work {
  readonly seeds: readonly number[];
  /** name of a breakage; null: the product as it is */
  readonly broken: string | null;
  readonly trace: boolean;
}

const { seeds, broken, trace } = workerData as Work;
const breakage = broken === null ? [] : (breakages.find(({ name }) => name === broken)?.changes ?? []);
const made = changeSources([...SCALE, ...breakage]);
const { simulate } = await import('./simulate.ts');
made();
for (const seed of seeds) {
  // Written at once: a message would wait until the run is over.
  parentPort?.postMessage(await simulate(seed, trace ? (line) => process.stdout.write(`${line}\n`) : null));
}
