/**
 * *Download log*: every import of a connector with its numbers, and every copy that failed with its reason, as CSV in
 * the vocabulary that administrators of the original know. Streamed, so that its length costs no memory.
 *
 * One table, so that a spreadsheet can filter it: the column `Record` says what a line is.
 * - `Import`: one a run, newest first. A window without an item says `No items ingested on mm/dd/yyyy.`
 * - `Failed item`: a copy that Microsoft 365 refused for good, or an item that cannot be understood.
 * - `Waiting for mapping`: once a user, not once an item.
 * - `Changed at source`: an item that the source sent again with other content.
 */
import type pg from 'pg';
import { type Actor, authorize } from '../security/actor.ts';
import { maskedNumber, seesNumbers } from '../security/shown-number.ts';
import { type Counts, countsOf } from './counts.ts';
import { csvLine } from './csv.ts';
import { reasonOf } from './reasons.ts';

const COLUMNS = [
  'Record',
  'Import',
  'Window start (UTC)',
  'Window end (UTC)',
  'Import completion time (UTC)',
  'Items available from source',
  'Items available for import',
  'Items imported successfully',
  'Items partially imported',
  'Items skipped',
  'Items failed',
  'Items waiting for mapping',
  'Items unreadable',
  'Item id',
  'Source User ID',
  'M365 User ID',
  'Failure Reason',
  'Note',
] as const;

type Line = Partial<Record<(typeof COLUMNS)[number], string | number>>;

interface LogRequest {
  readonly organizationId: string;
  readonly connectorId: string;
  /** shows phone numbers as `+1•••••0100` */
  readonly maskNumbers: boolean;
}

/** Rows that one query brings. */
const BATCH = 1_000;

/** The log, in pieces of text that end with a line. Empty but for its header where the connector is not the organization's. */
async function* importLog(pool: pg.Pool, request: LogRequest): AsyncGenerator<string> {
  // The mark tells spreadsheets that this is UTF-8.
  yield `\uFEFF${csvLine(COLUMNS)}`;
  yield* waitingUsers(pool, request);
  yield* changedItems(pool, request);
  for await (const run of runs(pool, request)) {
    yield lineOf(importLine(run));
    if (run.counts.copies.failed > 0) yield* failedCopies(pool, request, run);
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
  const maskNumbers = !seesNumbers(actor);
  const lines = importLog(pool, { organizationId: actor.organizationId, connectorId, maskNumbers });
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

function lineOf(line: Line): string {
  return csvLine(COLUMNS.map((column) => line[column] ?? ''));
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

function importLine(run: Run): Line {
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

interface SignedOff {
  readonly signed_by_name: string | null;
  readonly signed_at: Date | null;
}

function signedOff({ signed_by_name: name, signed_at: at }: SignedOff): string {
  return name === null || at === null ? '' : `Signed off by ${name} at ${utc(at)} UTC.`;
}

interface CopyRow extends SignedOff {
  readonly archived_at: string;
  readonly id: string;
  readonly source_item_id: string;
  readonly participant: string;
  readonly mailbox_address: string | null;
  readonly reason: string | null;
}

async function* failedCopies(pool: pg.Pool, request: LogRequest, run: Run): AsyncGenerator<string> {
  let after: Pick<CopyRow, 'archived_at' | 'id'> = { archived_at: '-infinity', id: '0' };
  for (;;) {
    const { rows } = await pool.query<CopyRow>(
      `SELECT d.archived_at::text, d.id, i.source_item_id, d.participant, d.mailbox_address, d.reason,
           s.signed_by_name, s.signed_at
         FROM delivery d JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id
         LEFT JOIN sign_off s ON s.id = d.sign_off_id
        WHERE d.organization_id = $1 AND d.import_id = $2 AND d.state = 'failed'
          AND (d.archived_at, d.id) > ($3::timestamptz, $4::bigint)
        ORDER BY d.archived_at, d.id LIMIT $5`,
      [request.organizationId, run.id, after.archived_at, after.id, BATCH],
    );
    for (const row of rows) {
      yield lineOf({
        Record: 'Failed item',
        Import: run.number,
        'Item id': row.source_item_id,
        'Source User ID': shownNumber(row.participant, request),
        'M365 User ID': row.mailbox_address ?? '',
        'Failure Reason': reasonText(row.reason),
        Note: signedOff(row),
      });
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return;
    after = last;
  }
}

async function* unreadableItems(pool: pg.Pool, request: LogRequest, run: Run): AsyncGenerator<string> {
  let after = { archived_at: '-infinity', id: '0' };
  for (;;) {
    const { rows } = await pool.query<
      SignedOff & { archived_at: string; id: string; source_item_id: string; reason: string | null }
    >(
      `SELECT i.archived_at::text, i.id, i.source_item_id, i.reason, s.signed_by_name, s.signed_at
         FROM item i LEFT JOIN sign_off s ON s.id = i.sign_off_id
        WHERE i.organization_id = $1 AND i.import_id = $2 AND i.outcome = 'unreadable'
          AND (i.archived_at, i.id) > ($3::timestamptz, $4::bigint)
        ORDER BY i.archived_at, i.id LIMIT $5`,
      [request.organizationId, run.id, after.archived_at, after.id, BATCH],
    );
    for (const row of rows) {
      yield lineOf({
        Record: 'Failed item',
        Import: run.number,
        'Item id': row.source_item_id,
        'Failure Reason': reasonText(row.reason),
        Note: signedOff(row),
      });
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return;
    after = last;
  }
}

async function* waitingUsers(pool: pg.Pool, request: LogRequest): AsyncGenerator<string> {
  let after = '';
  for (;;) {
    const { rows } = await pool.query<{ participant: string; copies: number; reason: string | null }>(
      `SELECT participant, count(*)::int AS copies, min(reason) AS reason FROM delivery
        WHERE organization_id = $1 AND connector_id = $2 AND state = 'waiting' AND sign_off_id IS NULL
          AND participant > $3
        GROUP BY participant ORDER BY participant LIMIT $4`,
      [request.organizationId, request.connectorId, after, BATCH],
    );
    for (const row of rows) {
      yield lineOf({
        Record: 'Waiting for mapping',
        'Items waiting for mapping': row.copies,
        'Source User ID': shownNumber(row.participant, request),
        'Failure Reason': reasonText(row.reason),
      });
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return;
    after = last.participant;
  }
}

async function* changedItems(pool: pg.Pool, request: LogRequest): AsyncGenerator<string> {
  let after = '0';
  for (;;) {
    const { rows } = await pool.query<{ id: string; number: number; source_item_id: string; reason: string }>(
      `SELECT c.id, i.number, t.source_item_id, c.reason FROM item_change c JOIN import i ON i.id = c.import_id
         JOIN item t ON t.archived_at = c.archived_at AND t.id = c.item_id
        WHERE c.organization_id = $1 AND c.connector_id = $2 AND c.id > $3 ORDER BY c.id LIMIT $4`,
      [request.organizationId, request.connectorId, after, BATCH],
    );
    for (const row of rows) {
      yield lineOf({
        Record: 'Changed at source',
        Import: row.number,
        'Item id': row.source_item_id,
        'Failure Reason': reasonText(row.reason),
      });
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return;
    after = last.id;
  }
}

function reasonText(code: string | null): string {
  return code === null ? '' : reasonOf(code).sentence;
}

function shownNumber(participant: string, { maskNumbers }: LogRequest): string {
  return maskNumbers ? maskedNumber(participant) : participant;
}

function utc(date: Date): string {
  return date.toISOString().slice(0, 19).replace('T', ' ');
}
