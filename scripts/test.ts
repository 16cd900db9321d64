/**
 * `npm test`: sets up what the tests need, runs all stages whatever fails, and closes with `N passed, N failed`.
 * Words choose stages, what follows `--` goes to their runner: `npm test unit`, `npm run test:browser -- -g wizard`.
 */
import { testSeed } from '#testing/seed.ts';
import { generate } from './generate.ts';
import { stopBrowserTests } from './test/browser.ts';
import { type Counts, closingLine, NOTHING, sum } from './test/counts.ts';
import { endRunning } from './test/run.ts';
import { FULL_STAGES, STAGES, type Stage } from './test/stages.ts';

const [words, runnerArgs] = splitArguments(process.argv.slice(2));
const known = words.includes('--full') ? FULL_STAGES : STAGES;
const names = words.filter((word) => word !== '--full');
const unknown = names.filter((name) => !FULL_STAGES.some((stage) => stage.name === name));
if (unknown.length > 0) {
  console.error(
    `No stage is called ${unknown.join(', ')}. There are: ${FULL_STAGES.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(2);
}
const stages = names.length > 0 ? FULL_STAGES.filter((stage) => names.includes(stage.name)) : known;

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    endRunning();
    void stopBrowserTests().finally(() => process.exit(130));
  });
}

// Read by every runner that is started, so that one seed holds for the whole run.
process.env.TEST_SEED = String(testSeed());
console.log(`Seed ${process.env.TEST_SEED} (TEST_SEED=${process.env.TEST_SEED} repeats this run's random choices)`);
generate();

const results: Counts[] = [];
const durations: string[] = [];
for (const stage of stages) {
  const start = performance.now();
  console.log(`\n── ${stage.name} ${'─'.repeat(60 - stage.name.length)}`);
  const counts = await runSafely(stage);
  const seconds = (performance.now() - start) / 1000;
  results.push(counts);
  durations.push(`${stage.name.padEnd(12)} ${closingLine(counts).padEnd(36)} ${describeDuration(seconds, stage)}`);
}
const total = sum(results);
console.log(`\n${durations.join('\n')}\n`);
console.log(closingLine(total));
process.exitCode = total.failed > 0 ? 1 : 0;

/** A stage that breaks has failed, and the others still run. */
async function runSafely(stage: Stage): Promise<Counts> {
  try {
    return await stage.run(runnerArgs);
  } catch (error) {
    console.error(error);
    return { ...NOTHING, failed: 1 };
  }
}

function describeDuration(seconds: number, { budget }: Stage): string {
  const over = seconds > budget * 60 ? ` (more than its ${budget} minutes)` : '';
  return `${seconds.toFixed(1)} s${over}`;
}

function splitArguments(args: readonly string[]): [string[], string[]] {
  const dashes = args.indexOf('--');
  return dashes < 0 ? [[...args], []] : [args.slice(0, dashes), args.slice(dashes + 1)];
}
