/** Simulates many seeds in threads of their own: each loads the product anew, changed where it is to be broken. */
import { Worker } from 'node:worker_threads';
import type { Work } from './seeds-worker.ts';
import type { Verdict } from './simulate.ts';

export interface Run {
  readonly seeds: readonly number[];
  /** name of a breakage; null: the product as it is */
  readonly broken?: string | null;
  readonly threads?: number;
  /** prints every event */
  readonly trace?: boolean;
  /** told of each seed as it is done; false: that was enough */
  readonly onVerdict?: (verdict: Verdict) => boolean;
}

/**
 * What a thread simulates before another takes its place. Node keeps a signal of `AbortSignal.any` for as long as somebody
 * listens to it, and a simulated process that is killed, or whose world ends, stops listening to none: half a megabyte a world.
 */
const SEEDS_A_THREAD = 2_000;

/** @returns the verdicts of the seeds that were simulated, in the order in which they were done */
export async function simulateAll({
  seeds,
  broken = null,
  threads = 1,
  trace = false,
  onVerdict,
}: Run): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const workers = new Set<Worker>();
  let enough = false;
  const take = (verdict: Verdict): void => {
    if (enough) return;
    verdicts.push(verdict);
    if (onVerdict?.(verdict) !== false) return;
    enough = true;
    for (const worker of workers) void worker.terminate();
  };
  const thread = (of: readonly number[]): Promise<void> =>
    new Promise((resolve, reject) => {
      const workerData: Work = { seeds: of, broken, trace };
      const worker = new Worker(new URL('./seeds-worker.ts', import.meta.url), { workerData });
      workers.add(worker);
      worker.on('message', take);
      worker.on('error', reject);
      worker.on('exit', () => resolve());
    });
  const inTurn = async (share: readonly number[]): Promise<void> => {
    for (let at = 0; at < share.length && !enough; at += SEEDS_A_THREAD)
      await thread(share.slice(at, at + SEEDS_A_THREAD));
  };
  await Promise.all(
    Array.from({ length: threads }, (_, index) => inTurn(seeds.filter((_, place) => place % threads === index))),
  );
  return verdicts;
}
