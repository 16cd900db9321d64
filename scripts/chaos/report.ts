/** What a person reads of a round and of a run. */
import type { Doubts, Outcome } from './outcome.ts';

export interface RoundReport {
  readonly round: number;
  readonly kind: 'storm' | 'steps';
  readonly seconds: number;
  readonly outcome: Outcome;
}

/** Differences that are printed; the rest lies in the round's folder. */
const MOST_SHOWN = 12;

/** @param repeat the command that repeats the round */
export function roundLines(report: RoundReport, seed: number, repeat: string, logs: string | null): readonly string[] {
  const { round, kind, seconds, outcome } = report;
  const { verdict, wrong } = outcome;
  const good = wrong.length === 0;
  const held =
    verdict === null
      ? ''
      : `, ${verdict.owed} copies of ${verdict.items} items in ${verdict.mailboxes} mailboxes, ${verdict.attachments} attachments whole, surplus ${verdict.surplus}`;
  return [
    `round ${round} seed ${seed} (${kind})`,
    ...outcome.lines.map((line) => `  ${line}`),
    `  ${doubtsLine(outcome.doubts)}`,
    `  ${good ? 'ok' : 'FAILED'} in ${seconds.toFixed(0)} s${held}`,
    ...wrong.slice(0, MOST_SHOWN).map((line) => `    ${line}`),
    ...(wrong.length > MOST_SHOWN ? [`    and ${wrong.length - MOST_SHOWN} more`] : []),
    ...(good ? [] : [`  repeat: ${repeat}`]),
    ...(logs === null ? [] : [`  logs: ${logs}`]),
  ];
}

function doubtsLine({ inDoubt, lookedUp, found, absent, sentAgain }: Doubts): string {
  return `in doubt ${inDoubt}, looked up ${lookedUp} times: found ${found}, absent ${absent}; sent again ${sentAgain}`;
}

export function summaryLines(reports: readonly RoundReport[], seed: number): readonly string[] {
  const failed = reports.filter(({ outcome }) => outcome.wrong.length > 0);
  const sum = (of: (report: RoundReport) => number): number => reports.reduce((total, report) => total + of(report), 0);
  const doubts: Doubts = {
    inDoubt: sum(({ outcome }) => outcome.doubts.inDoubt),
    lookedUp: sum(({ outcome }) => outcome.doubts.lookedUp),
    found: sum(({ outcome }) => outcome.doubts.found),
    absent: sum(({ outcome }) => outcome.doubts.absent),
    sentAgain: sum(({ outcome }) => outcome.doubts.sentAgain),
  };
  return [
    `${reports.length} rounds, seed ${seed}, ${sum(({ seconds }) => seconds / 60).toFixed(1)} minutes`,
    `${sum(({ outcome }) => outcome.verdict?.owed ?? 0)} copies owed, ${sum(({ outcome }) => outcome.verdict?.attachments ?? 0)} attachments whole`,
    doubtsLine(doubts),
    `surplus ${sum(({ outcome }) => outcome.verdict?.surplus ?? 0)}, differences ${sum(({ outcome }) => outcome.wrong.length)}`,
    failed.length === 0
      ? 'every copy that was owed is in its mailbox once'
      : `FAILED: ${failed.map(({ round }) => `round ${round}`).join(', ')}`,
  ];
}
