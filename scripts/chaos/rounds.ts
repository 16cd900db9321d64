/** Rounds one after the other, on services that are started once. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../services/place.ts';
import type { Doubts, Outcome } from './outcome.ts';
import { type RoundReport, roundLines } from './report.ts';
import { startServices } from './services.ts';
import { stepsRound } from './steps.ts';
import { stormRound } from './storm.ts';

/** Every so many rounds one goes through the steps of a message; the others are storms. */
const STEPS_EVERY = 10;

export interface RunSettings {
  readonly seed: number;
  /** number of the first round; rounds count from 1 and each follows from the seed and its number alone */
  readonly from: number;
  readonly rounds: number;
}

const NO_DOUBTS: Doubts = { inDoubt: 0, lookedUp: 0, found: 0, absent: 0, sentAgain: 0 };

/**
 * Runs them all, also after one that failed.
 *
 * @param print gets every line
 * @param interrupted ends the run after the round under way has been cleared up
 */
export async function runRounds(
  settings: RunSettings,
  print: (line: string) => void,
  interrupted?: AbortSignal,
): Promise<readonly RoundReport[]> {
  const { seed, from, rounds } = settings;
  const folder = join(PROJECT, '.test', `chaos-${process.pid}`);
  const services = await startServices(folder, join(PROJECT, '.test', 'chaos', 'tools'));
  const reports: RoundReport[] = [];
  try {
    for (let round = from; round < from + rounds && !interrupted?.aborted; round++) {
      const kind = round % STEPS_EVERY === 0 ? 'steps' : 'storm';
      const began = performance.now();
      const play = kind === 'steps' ? stepsRound : stormRound;
      const outcome = await play(services, seed, round).catch((error: unknown): Outcome => {
        const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
        return { lines: [], doubts: NO_DOUBTS, verdict: null, wrong: [`the round broke off: ${what}`] };
      });
      if (interrupted?.aborted) break;
      const report = { round, kind, seconds: (performance.now() - began) / 1000, outcome } as const;
      reports.push(report);
      const logs = outcome.wrong.length > 0 ? keepLogs(folder, seed, round, outcome) : null;
      const repeat = `npm run chaos -- --seed ${seed} --from ${round} --rounds 1`;
      for (const line of roundLines(report, seed, repeat, logs)) print(line);
    }
    return reports;
  } finally {
    await services.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns where, from the project's folder */
function keepLogs(folder: string, seed: number, round: number, outcome: Outcome): string {
  const kept = join('.test', 'chaos', `seed-${seed}-round-${round}`);
  const to = join(PROJECT, kept);
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  cpSync(join(folder, 'logs'), to, { recursive: true });
  writeFileSync(join(to, 'outcome.json'), `${JSON.stringify(outcome, null, 2)}\n`);
  return kept;
}
