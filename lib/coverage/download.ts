/** *User coverage* as CSV: the lines of a selection, streamed, so that their number costs no memory. */
import type pg from 'pg';
import { csvLine } from '../csv.ts';
import { REASONS } from '../imports/reasons.ts';
import { type Actor, authorize } from '../security/actor.ts';
import type { CoverageResult } from './lines.ts';
import { type DoneVerification, type ListedLine, linePage } from './list.ts';
import type { CoverageSelection, LinePlace } from './selection.ts';

const COLUMNS = [
  'Name',
  'Number',
  'Status at TeleMessage',
  'E-mail at TeleMessage',
  'Last archived (UTC)',
  'Mailbox',
  'Chosen by',
  'Result',
  'Mapping row',
  'Mapped mailbox',
  'Mapped mailbox: result',
  'Valid from (UTC)',
  'Valid to (UTC)',
  'In force now',
  'Directory asked (UTC)',
] as const;

/** Lines that one query brings. */
const BATCH = 2_000;

/**
 * The lines as the body of an answer. Reads on only as fast as the browser takes it; numbers are masked for who may not
 * see them. @throws NotAllowed
 */
export function coverageDownload(
  pool: pg.Pool,
  actor: Actor,
  verification: Pick<DoneVerification, 'id' | 'usersReadAt' | 'finishedAt'>,
  selection: CoverageSelection,
): ReadableStream<Uint8Array> {
  authorize(actor, 'connectors.read');
  const encoder = new TextEncoder();
  let after: LinePlace | null = null;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      // The mark tells spreadsheets that this is UTF-8.
      controller.enqueue(encoder.encode(`\uFEFF${csvLine(COLUMNS)}`));
    },
    async pull(controller) {
      const page = await linePage(pool, actor, verification, { ...selection, after }, BATCH);
      if (page.lines.length > 0) controller.enqueue(encoder.encode(page.lines.map(csvOf).join('')));
      after = page.next;
      if (after === null) controller.close();
    },
  });
}

function csvOf(line: ListedLine): string {
  return csvLine([
    line.name ?? '',
    line.mobile,
    line.status ?? 'not registered',
    line.email ?? '',
    utc(line.lastArchivedAt),
    line.mailbox ?? '',
    line.rule ?? '',
    resultWords(line.result),
    line.mappingRow ?? '',
    line.mappedMailbox ?? '',
    line.mappedResult === null ? '' : resultWords(line.mappedResult),
    utc(line.validFrom),
    utc(line.validTo),
    line.decides ? 'yes' : 'no',
    utc(line.checkedAt),
  ]);
}

/** For a spreadsheet's filter: the same words for the same result. */
function resultWords(result: CoverageResult): string {
  return result === 'mailbox' ? 'Has a mailbox' : REASONS[result].sentence;
}

function utc(time: string | null): string {
  return time === null ? '' : time.slice(0, 19).replace('T', ' ');
}
