/**
 * *Download log*: every import of a connector with its numbers, and every copy that is not, or not wholly, in its mailbox
 * with its reason, as CSV in the vocabulary that administrators of the original know. Streamed, so that its length costs
 * no memory.
 *
 * One table, so that a spreadsheet can filter it: the column `Record` says what a line is.
 * - `Import`: one a run, newest first. A window without an item says `No items ingested on mm/dd/yyyy.`
 * - `Failed item`: a copy that Microsoft 365 refused for good, or an item that cannot be understood.
 * - `Partially imported item`: a copy that is not whole.
 * - `Missing in mailbox`: a copy that was imported, and was not in its mailbox any more when that was looked into.
 * - `Waiting for mapping`: once a user, not once an item.
 * - `Changed at source`: an item that the source sent again with other content.
 */
import type pg from 'pg';
import { csvLine } from '../csv.ts';
import { type Actor, authorize } from '../security/actor.ts';
import { seesNumbers } from '../security/shown-number.ts';
import { type Counts, countsOf } from './counts.ts';
import { COLUMNS, lineOf, utc } from './log-lines.ts';
import {
  BATCH,
  changedItems,
  copiesOf,
  type LogRequest,
  missingCopies,
  unreadableItems,
  waitingUsers,
} from './log-records.ts';
import { reasonOf } from './reasons.ts';

/** The log, in pieces of text that end with a line. Empty but for its header where the connector is not the organization's. */
async function* importLog(pool: pg.Pool, request: LogRequest): AsyncGenerator<string> {
  // The mark tells spreadsheets that this is UTF-8.
  yield `\uFEFF${csvLine(COLUMNS)}`;
  yield* waitingUsers(pool, request);
  yield* changedItems(pool, request);
  yield* missingCopies(pool, request);
  for await (const run of runs(pool, request)) {
    yield lineOf(importLine(run));
    if (run.counts.copies.failed > 0) yield* copiesOf(pool, request, run, 'failed');
    if (run.counts.copies.partiallyImported > 0) yield* copiesOf(pool, request, run, 'partially_imported');
    if (run.counts.items.unreadable > 0) yield* unreadableItems(pool, request, run);
  }
}

/** Bytes that are gathered before they are sent: a line each would cost more than it carries. */
const PIECE = 64 * 1024;

/**
 * The log as the body of an answer. Reads on only as fast as the browser takes it. Numbers of people are masked for those
 * who may see counts only. @throws NotAllowed
 */
export function importLogStream(pool: pg.Pool, actor: Actor, connectorId: string): ReadableStream<Uint8Array> {
  authorize(actor, 'connectors.read');
  const request = { organizationId: actor.organizationId, connectorId, maskNumbers: !seesNumbers(actor) };
  const lines = importLog(pool, request);
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      let piece = '';
      while (piece.length < PIECE) {
        const next = await lines.next();
        if (next.done === true) {
          controller.enqueue(encoder.encode(piece));
          controller.close();
          return;
        }
        piece += next.value;
      }
      controller.enqueue(encoder.encode(piece));
    },
    async cancel() {
      await lines.return(undefined);
    },
  });
}

interface Run {
  readonly id: string;
  readonly number: number;
  readonly phase: string;
  readonly starts_at: Date;
  readonly ends_at: Date;
  readonly completed_at: Date | null;
  readonly problem: string | null;
  readonly counts: Counts;
}

async function* runs(pool: pg.Pool, { organizationId, connectorId }: LogRequest): AsyncGenerator<Run> {
  let before = 2 ** 31 - 1;
  for (;;) {
    const { rows } = await pool.query<Omit<Run, 'counts'> & { counters: { outcome: string; count: number }[] }>(
      `SELECT i.id, i.number, i.phase, w.starts_at, w.ends_at, i.completed_at, i.problem, coalesce((
           SELECT json_agg(json_build_object('outcome', k.outcome, 'count', k.count))
           FROM import_counter k WHERE k.import_id = i.id), '[]'::json) AS counters
         FROM import i JOIN import_window w ON w.id = i.window_id
        WHERE i.organization_id = $1 AND i.connector_id = $2 AND i.number < $3
        ORDER BY i.number DESC LIMIT $4`,
      [organizationId, connectorId, before, BATCH],
    );
    for (const { counters, ...row } of rows) yield { ...row, counts: countsOf(counters) };
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return;
    before = last.number;
  }
}

function importLine(run: Run): Parameters<typeof lineOf>[0] {
  const { items, copies } = run.counts;
  return {
    Record: 'Import',
    Import: run.number,
    'Window start (UTC)': utc(run.starts_at),
    'Window end (UTC)': utc(run.ends_at),
    'Import completion time (UTC)': run.completed_at === null ? '' : utc(run.completed_at),
    'Items available from source': items.listed,
    'Items available for import': copies.available,
    'Items imported successfully': copies.imported,
    'Items partially imported': copies.partiallyImported,
    'Items skipped': copies.skipped,
    'Items failed': copies.failed,
    'Items waiting for mapping': copies.waiting,
    'Items unreadable': items.unreadable,
    Note: noteOf(run),
  };
}

function noteOf({ phase, completed_at, starts_at, problem, counts }: Run): string {
  if (phase === 'cancelled') return problem === null ? 'Cancelled.' : `Ended early. ${reasonOf(problem).sentence}`;
  if (completed_at === null)
    return problem === null ? 'Not complete yet.' : `Not complete yet. ${reasonOf(problem).sentence}`;
  if (counts.items.listed > 0) return '';
  const [year, month, day] = starts_at.toISOString().slice(0, 10).split('-');
  return `No items ingested on ${month}/${day}/${year}.`;
}
