/** A measurement in a process of its own: what it prints, and how it is started. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { PROJECT } from '../../scripts/services/place.ts';

const runSchema = z.object({
  rows: z.number(),
  seconds: z.number(),
  /** over what was stored: equal for equal rows */
  sum: z.string(),
  /** of the process, from the first byte of the file to the commit */
  cpuSeconds: z.number(),
  /** most memory that the process ever had, megabytes */
  peakMb: z.number(),
});
export type Run = z.infer<typeof runSchema>;

/** Begins the measurement of this process. @returns what ends it */
export function measured(): () => Pick<Run, 'seconds' | 'cpuSeconds'> {
  const begun = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { seconds: (performance.now() - begun) / 1_000, cpuSeconds: (user + system) / 1e6 };
  };
}

export function printRun(run: Omit<Run, 'peakMb'>): void {
  console.log(JSON.stringify({ ...run, peakMb: process.resourceUsage().maxRSS / 1024 }));
}

/** For a profile of each process: `BENCH_NODE_OPTIONS='--cpu-prof --cpu-prof-dir=.test'`. */
const PROFILED = (process.env.BENCH_NODE_OPTIONS ?? '').split(' ').filter((option) => option !== '');

/** @throws where the script fails; what it says on stderr is shown */
export async function run(script: string, ...args: readonly string[]): Promise<Run> {
  const child = spawn(process.execPath, [...PROFILED, `bench/mapping/${script}`, ...args], {
    cwd: PROJECT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new Error(`${script} ended with ${code}`);
  return runSchema.parse(JSON.parse(said.trim().split('\n').at(-1) ?? ''));
}
