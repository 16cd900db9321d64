/** What `npm test` consists of, in order. A stage never throws for a failing test; it counts it. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../services/place.ts';
import { runBrowserTests } from './browser.ts';
import { type Counts, sum, vitestCounts, withExitCode } from './counts.ts';
import { packageCommand, runNode } from './run.ts';
import { findSecrets } from './secret-scan.ts';
import { findForbiddenText } from './tracked-files.ts';

export interface Stage {
  readonly name: string;
  /** minutes on two cores that it may take before somebody should look why */
  readonly budget: number;
  run(args: readonly string[]): Promise<Counts>;
}

export const STAGES: readonly Stage[] = [
  { name: 'static', budget: 3, run: runStatic },
  { name: 'unit', budget: 3, run: (args) => runVitest('unit', args) },
  { name: 'integration', budget: 12, run: (args) => runVitest('integration', args) },
  { name: 'browser', budget: 25, run: runBrowserTests },
];

/** What `npm run test:full` adds: long randomized suites and large data. */
export const FULL_STAGES: readonly Stage[] = [
  ...STAGES,
  { name: 'full', budget: 60, run: (args) => runVitest('full', args) },
];

async function runStatic(): Promise<Counts> {
  const checks: readonly (readonly [string, () => Promise<{ code: number | null; output: string }>])[] = [
    ['format, lint and layering', () => runNode([packageCommand('biome'), 'check', '.'], { capture: true })],
    ['types', () => runNode([packageCommand('tsc'), '--noEmit', '-p', 'tsconfig.json'], { capture: true })],
    ['nothing unused', () => runNode([packageCommand('knip')], { capture: true })],
    ['no address of a registry, no path of a machine', async () => outcomeOf(findForbiddenText())],
    ['no secret in a tracked file', async () => outcomeOf(await findSecrets())],
  ];
  const counts = await Promise.all(
    checks.map(async ([name, check]) => {
      const { code, output } = await check().catch((error: unknown) => ({ code: null, output: String(error) }));
      console.log(code === 0 ? `  ok      ${name}` : `  failed  ${name}\n${output.trimEnd()}`);
      return withExitCode({ passed: code === 0 ? 1 : 0, failed: 0, skipped: 0 }, code);
    }),
  );
  return sum(counts);
}

function outcomeOf(found: readonly string[]): { code: number; output: string } {
  return { code: found.length === 0 ? 0 : 1, output: found.join('\n') };
}

async function runVitest(project: string, args: readonly string[]): Promise<Counts> {
  const report = join(PROJECT, '.test', `${project}.json`);
  rmSync(report, { force: true });
  const { code } = await runNode([
    packageCommand('vitest'),
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...args,
  ]);
  const counts = existsSync(report) ? vitestCounts(JSON.parse(readFileSync(report, 'utf8'))) : undefined;
  return withExitCode(counts, code);
}
