/** What `npm run verify-mailboxes` is asked, and what it says. Pure. No message text and no number is in any of it. */
import { parseArgs } from 'node:util';
import type { LedgerCopy, VerifiedConnector } from './copies.ts';
import type { ComparedWith, Result, Verdict } from './verdict.ts';
import { RESULTS } from './verdict.ts';
import type { Period, Summary } from './verify.ts';

export const USAGE = `npm run verify-mailboxes -- --connector <id or name> --from 2026-11-01 --to 2026-11-02 [--json]

Reads the copies of everything that reached TeleMessage from --from on and before --to (UTC) back from their mailboxes.
--json: a line of JSON for each copy, then one with the summary.
Ends with 0 where all are there as they were written, 1 where one is missing or changed, 3 where one could not be read,
2 where it could not be run.`;

export interface Asked extends Period {
  readonly connector: string;
  readonly json: boolean;
}

export class AskedWrongError extends Error {
  override name = 'AskedWrongError';
}

/** A day, or a time in UTC as `2026-11-01T06:00:00Z`. */
const TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z)?$/;

/** @throws AskedWrongError */
export function askedOf(args: readonly string[]): Asked {
  let values: { connector?: string; from?: string; to?: string; json?: boolean };
  try {
    const options = {
      connector: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      json: { type: 'boolean', default: false },
    } as const;
    ({ values } = parseArgs({ args: [...args], options }));
  } catch (error) {
    throw new AskedWrongError(error instanceof Error ? error.message : String(error));
  }
  const { connector, json = false } = values;
  if (!connector) throw new AskedWrongError('--connector is missing.');
  const [from, to] = [timeOf('--from', values.from), timeOf('--to', values.to)];
  if (from >= to) throw new AskedWrongError('--to must be later than --from.');
  return { connector, from, to, json };
}

function timeOf(option: string, value: string | undefined): Date {
  const time = new Date(value ?? '');
  const isThere = value !== undefined && TIME.test(value) && !Number.isNaN(time.getTime());
  // 2026-02-30 would be read as the 2nd of March.
  if (!isThere || time.toISOString().slice(0, 10) !== value.slice(0, 10)) {
    throw new AskedWrongError(`${option} must be a day, such as 2026-11-01.`);
  }
  return time;
}

/** One copy as a line of JSON. */
export function lineOf(copy: LedgerCopy, { result, comparedWith, contentHash, code }: Verdict): string {
  return JSON.stringify({
    result,
    item: copy.sourceItemId,
    reachedSourceAt: copy.archivedAt.toISOString(),
    delivery: copy.id,
    mailbox: copy.mailbox,
    userId: copy.userId,
    messageId: copy.messageId,
    ledgerHash: copy.contentHash,
    mailboxHash: contentHash,
    comparedWith,
    code,
  });
}

const RESULT_WORDS: Readonly<Record<Result, string>> = {
  found: 'Found',
  moved: 'Moved to another folder',
  missing: 'Missing',
  changed: 'Changed',
  unread: "Couldn't be read",
};

/** One copy as a person reads it; null where nothing is wrong with it. */
export function sentenceOf(copy: LedgerCopy, { result, code }: Verdict): string | null {
  if (result === 'found' || result === 'moved') return null;
  const why = code === null ? '' : ` (${code})`;
  return `${RESULT_WORDS[result]}${why}: item ${copy.sourceItemId} in ${copy.mailbox ?? copy.userId}`;
}

const COMPARED_WORDS: Readonly<Record<ComparedWith, string>> = {
  ledger: 'Compared with the ledger',
  header: "Compared with the message's own header",
  nothing: 'Not compared: no hash of it is kept',
};

/** The summary as a table. */
export function tableOf({ name }: VerifiedConnector, { from, to }: Period, summary: Summary): string {
  const { copies, results, comparedWith, changedMeanwhile, isComplete } = summary;
  const lines: (readonly [string, number])[] = [
    ['Copies', copies],
    ...RESULTS.map((result) => [`  ${RESULT_WORDS[result]}`, results[result]] as const),
    ...(['ledger', 'header', 'nothing'] as const).map((what) => [COMPARED_WORDS[what], comparedWith[what]] as const),
    ['Moved on by the portal meanwhile', changedMeanwhile],
  ];
  const width = Math.max(...lines.map(([label]) => label.length));
  const time = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return [
    `${name}, reached TeleMessage from ${time(from)} to before ${time(to)}`,
    ...lines.map(([label, count]) => `${label.padEnd(width)}  ${count.toLocaleString('en-US').padStart(12)}`),
    ...(isComplete ? [] : ['Ended before all copies were looked at.']),
  ].join('\n');
}

/** With what the process ends. */
export function exitCodeOf({ results, isComplete }: Summary): 0 | 1 | 3 {
  if (results.missing > 0 || results.changed > 0) return 1;
  return results.unread > 0 || !isComplete ? 3 : 0;
}
