/**
 * `npm run chaos -- --rounds N --seed S`: imports on real parts that are killed, paused, emptied and cut off, each
 * compared with the source afterwards. docs/chaos.md says what its lines mean. Ends with 1 at any difference.
 */
import { parseArgs } from 'node:util';
import { summaryLines } from './chaos/report.ts';
import { runRounds } from './chaos/rounds.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '1' },
  },
});

/** @throws where it is no whole number from `least` to 32 bits */
function whole(name: keyof typeof values, least: number): number {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number >= least && number <= 0xffff_ffff) return number;
  console.error(`--${name} must be a whole number from ${least} on, not "${values[name]}".`);
  process.exit(2);
}

const settings = { rounds: whole('rounds', 1), seed: whole('seed', 0), from: whole('from', 1) };
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interruption.abort());

const reports = await runRounds(settings, console.log, interruption.signal);
console.log(['', ...summaryLines(reports, settings.seed)].join('\n'));
process.exitCode =
  reports.length === settings.rounds && reports.every(({ outcome }) => outcome.wrong.length === 0) ? 0 : 1;

// Whatever is left open must not keep a run that is over from ending; it says what that was.
setTimeout(() => {
  console.error(`ended by force, still open: ${process.getActiveResourcesInfo().join(', ')}`);
  process.exit();
}, 10_000).unref();
