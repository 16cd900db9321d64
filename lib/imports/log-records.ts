/** The lines of *Download log* that are about single copies, items and users, a set at a time. */
import type pg from 'pg';
import { shownParticipant } from './fallback.ts';
import { lineOf, utc } from './log-lines.ts';
import { reasonOf } from './reasons.ts';
import { IS_MISSING, OF_SAME_SOURCE } from './store/missing.ts';
import { parseRowKey } from './undone-rows.ts';

export interface LogRequest {
  readonly organizationId: string;
  readonly connectorId: string;
  /** shows phone numbers as `+1•••••0100` */
  readonly maskNumbers: boolean;
}

/** Rows that one query brings. */
export const BATCH = 1_000;

/** The import that lines are about. */
interface RunOfLog {
  readonly id: string;
  readonly number: number;
}

const RECORDS = { failed: 'Failed item', partially_imported: 'Partially imported item' } as const;

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

function copyLine(row: CopyRow, { maskNumbers }: LogRequest) {
  return {
    'Item id': row.source_item_id,
    'Source User ID': shownParticipant(row.participant, maskNumbers),
    'M365 User ID': row.mailbox_address ?? '',
    'Failure Reason': reasonText(row.reason),
  };
}

/** Copies of an import that ended so. */
export async function* copiesOf(
  pool: pg.Pool,
  request: LogRequest,
  run: RunOfLog,
  state: 'failed' | 'partially_imported',
): AsyncGenerator<string> {
  let after: Pick<CopyRow, 'archived_at' | 'id'> = { archived_at: '-infinity', id: '0' };
  for (;;) {
    const { rows } = await pool.query<CopyRow>(
      `SELECT d.archived_at::text, d.id, i.source_item_id, d.participant, d.mailbox_address, d.reason,
           s.signed_by_name, s.signed_at
         FROM delivery d JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id
         LEFT JOIN sign_off s ON s.id = d.sign_off_id
        WHERE d.organization_id = $1 AND d.import_id = $2 AND d.state = '${state}'
          AND (d.archived_at, d.id) > ($3::timestamptz, $4::bigint)
        ORDER BY d.archived_at, d.id LIMIT $5`,
      [request.organizationId, run.id, after.archived_at, after.id, BATCH],
    );
    for (const row of rows) {
      yield lineOf({ ...copyLine(row, request), Record: RECORDS[state], Import: run.number, Note: signedOff(row) });
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return;
    after = last;
  }
}

interface MissingRow extends CopyRow {
  /** null: of a connector that the account had before this one */
  readonly number: number | null;
}

const MISSING_ROW = `SELECT d.archived_at::text, d.id, i.source_item_id, d.participant, d.mailbox_address, d.reason,
    CASE WHEN n.connector_id = $2 THEN n.number END AS number
  FROM delivery d JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id JOIN import n ON n.id = d.import_id`;

function missingLine(row: MissingRow, request: LogRequest, note: string): string {
  return lineOf({ ...copyLine(row, request), Record: 'Missing in mailbox', Import: row.number ?? '', Note: note });
}

/** Copies that are missing in their mailboxes: first those that nobody signed off, then the others. */
export async function* missingCopies(pool: pg.Pool, request: LogRequest): AsyncGenerator<string> {
  let after: Pick<CopyRow, 'archived_at' | 'id'> = { archived_at: '-infinity', id: '0' };
  for (;;) {
    const { rows }: { rows: MissingRow[] } = await pool.query<MissingRow>(
      `${MISSING_ROW} WHERE ${IS_MISSING} AND ${OF_SAME_SOURCE}
          AND (d.archived_at, d.id) > ($3::timestamptz, $4::bigint)
        ORDER BY d.archived_at, d.id LIMIT $5`,
      [request.organizationId, request.connectorId, after.archived_at, after.id, BATCH],
    );
    for (const row of rows) yield missingLine(row, request, '');
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) break;
    after = last;
  }
  yield* missingSignedOff(pool, request);
}

/** By the audit log, which alone says of them who accepted that. */
async function* missingSignedOff(pool: pg.Pool, request: LogRequest): AsyncGenerator<string> {
  let after = '0';
  for (;;) {
    const { rows: entries } = await pool.query<{ id: string; actor_name: string; at: Date; copies: readonly string[] }>(
      `SELECT e.id, e.actor_name, e.at, e.detail->'copies' AS copies FROM audit_entry e
        WHERE e.organization_id = $1 AND e.target_type = 'connector' AND e.action = 'copies.signed-off'
          AND e.target_id IN (SELECT other.id::text FROM connector c JOIN connector other ON other.source_id = c.source_id
            WHERE c.organization_id = $1 AND c.id = $2)
          AND e.detail->>'kind' = 'missing' AND e.id > $3 ORDER BY e.id LIMIT 1`,
      [request.organizationId, request.connectorId, after],
    );
    const [entry] = entries;
    if (entry === undefined) return;
    const keys = entry.copies.flatMap((key) => parseRowKey(key) ?? []);
    const { rows } = await pool.query<MissingRow>(
      `${MISSING_ROW} WHERE d.organization_id = $1
          AND (d.archived_at, d.id) IN (SELECT * FROM unnest($3::timestamptz[], $4::bigint[]))
        ORDER BY d.archived_at, d.id`,
      [request.organizationId, request.connectorId, keys.map((key) => key.archivedAt), keys.map((key) => key.id)],
    );
    const note = signedOff({ signed_by_name: entry.actor_name, signed_at: entry.at });
    for (const row of rows) yield missingLine(row, request, note);
    after = entry.id;
  }
}

export async function* unreadableItems(pool: pg.Pool, request: LogRequest, run: RunOfLog): AsyncGenerator<string> {
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

export async function* waitingUsers(pool: pg.Pool, request: LogRequest): AsyncGenerator<string> {
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
        'Source User ID': shownParticipant(row.participant, request.maskNumbers),
        'Failure Reason': reasonText(row.reason),
      });
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return;
    after = last.participant;
  }
}

export async function* changedItems(pool: pg.Pool, request: LogRequest): AsyncGenerator<string> {
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
