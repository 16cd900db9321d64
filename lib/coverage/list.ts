/**
 * *User coverage* as its page and its download read it: the numbers of the last verification that was done, and its lines
 * a page at a time. Every filter has an index in the order of the page, so that a page costs the same for ten users and
 * for a hundred thousand. Who may not see numbers is not sent them.
 */
import type pg from 'pg';
import type { SourceUserStatus } from '../archive/source.ts';
import { type Actor, authorize } from '../security/actor.ts';
import { maskedNumber, seesNumbers } from '../security/shown-number.ts';
import { type CoverageCounts, coverageCountsSchema } from './counts.ts';
import type { CoverageResult } from './lines.ts';
import type { CoverageFilter, CoverageSelection, LinePlace } from './selection.ts';

/** The last verification that was done. Times are ISO 8601 in UTC. */
export interface DoneVerification {
  readonly id: string;
  readonly finishedAt: string;
  readonly requestedBy: string;
  /** when the source listed its users */
  readonly usersReadAt: string | null;
  readonly counts: CoverageCounts;
  /** another mapping version is in force now */
  readonly mappingChanged: boolean;
}

export interface CoverageState {
  readonly done: DoneVerification | null;
  /** of the one that is under way: why its last attempt failed, and when it is tried again */
  readonly waits: { readonly problem: string; readonly nextAttemptAt: string } | null;
  /** the last one failed, and none was done since */
  readonly failed: { readonly problem: string | null; readonly finishedAt: string } | null;
}

export interface ListedLine {
  readonly id: string;
  /** masked for who may not see numbers */
  readonly mobile: string;
  readonly name: string | null;
  readonly email: string | null;
  /** null: the number is not registered at the source */
  readonly status: SourceUserStatus | null;
  readonly lastArchivedAt: string | null;
  readonly decides: boolean;
  readonly result: CoverageResult;
  readonly rule: 'mapping' | 'automatic' | null;
  readonly mailbox: string | null;
  readonly mappingRow: number | null;
  readonly mappedMailbox: string | null;
  readonly mappedResult: CoverageResult | null;
  /** null: without a beginning, or without an end */
  readonly validFrom: string | null;
  readonly validTo: string | null;
  readonly checkedAt: string | null;
}

export interface LinePage {
  readonly lines: readonly ListedLine[];
  /** where the next page begins; null where this is the last */
  readonly next: LinePlace | null;
}

/** How it stands with the verification of a connector. @throws NotAllowed */
export async function coverageState(pool: pg.Pool, actor: Actor, connectorId: string): Promise<CoverageState> {
  authorize(actor, 'connectors.read');
  const { rows } = await pool.query<StateRow>(
    `(SELECT v.*, NOT coalesce(v.mapping_version_id = m.id, v.mapping_version_id IS NULL AND m.id IS NULL) AS mapping_changed
      FROM verification v LEFT JOIN mapping_version m ON m.connector_id = v.connector_id AND m.status = 'in_force'
      WHERE v.organization_id = $1 AND v.connector_id = $2 AND v.state = 'done' ORDER BY v.finished_at DESC LIMIT 1)
     UNION ALL (SELECT v.*, false FROM verification v
      WHERE v.organization_id = $1 AND v.connector_id = $2 AND v.state <> 'done' ORDER BY v.requested_at DESC LIMIT 1)`,
    [actor.organizationId, connectorId],
  );
  const done = rows.find(({ state }) => state === 'done');
  const other = rows.find(({ state }) => state !== 'done');
  const failed = other?.state === 'failed' && (done?.finished_at ?? 0) < (other.finished_at ?? 0) ? other : undefined;
  const waits = other?.state === 'running' && other.problem !== null ? other : undefined;
  return {
    done: done === undefined ? null : doneVerification(done),
    waits:
      waits?.problem === undefined || waits.problem === null
        ? null
        : { problem: waits.problem, nextAttemptAt: waits.next_attempt_at.toISOString() },
    failed:
      failed === undefined ? null : { problem: failed.problem, finishedAt: failed.finished_at?.toISOString() ?? '' },
  };
}

interface StateRow {
  readonly id: string;
  readonly state: 'queued' | 'running' | 'done' | 'failed';
  readonly requested_by: string;
  readonly finished_at: Date | null;
  readonly users_read_at: Date | null;
  readonly next_attempt_at: Date;
  readonly counts: unknown;
  readonly problem: string | null;
  readonly mapping_changed: boolean;
}

function doneVerification(row: StateRow): DoneVerification {
  return {
    id: row.id,
    finishedAt: row.finished_at?.toISOString() ?? '',
    requestedBy: row.requested_by,
    usersReadAt: row.users_read_at?.toISOString() ?? null,
    counts: coverageCountsSchema.parse(row.counts),
    mappingChanged: row.mapping_changed,
  };
}

const DECIDED_USER = 'status IS NOT NULL AND decides';

/** As in the predicates of the table's indexes. */
const WHERE: Readonly<Record<CoverageFilter, string>> = {
  all: 'true',
  without: `${DECIDED_USER} AND result <> 'mailbox'`,
  unusable: `mapped_result <> 'mailbox'`,
  unregistered: 'status IS NULL',
  silent: DECIDED_USER,
};

const REASON: Readonly<Partial<Record<CoverageFilter, string>>> = { without: 'result', unusable: 'mapped_result' };

/** The longest silence first; others by name. */
const NEVER = '-infinity';
const SILENCE = `coalesce(last_archived_at, '${NEVER}')`;
/** A time in milliseconds since 1970, which travels in an address without a zone or a format. */
const SILENCE_KEY = `coalesce((extract(epoch FROM last_archived_at) * 1000)::bigint::text, '${NEVER}')`;

const LINE = `id, mobile, name, email, status, last_archived_at, decides, result, rule, mailbox, mapping_row, mapped_mailbox,
  mapped_result, CASE WHEN isfinite(valid_from) THEN valid_from END AS valid_from,
  CASE WHEN isfinite(valid_to) THEN valid_to END AS valid_to, checked_at`;

interface LineRow {
  readonly id: string;
  readonly mobile: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly status: SourceUserStatus | null;
  readonly last_archived_at: Date | null;
  readonly decides: boolean;
  readonly result: CoverageResult;
  readonly rule: 'mapping' | 'automatic' | null;
  readonly mailbox: string | null;
  readonly mapping_row: number | null;
  readonly mapped_mailbox: string | null;
  readonly mapped_result: CoverageResult | null;
  readonly valid_from: Date | null;
  readonly valid_to: Date | null;
  readonly checked_at: Date | null;
  readonly key: string;
}

/**
 * Lines of a verification. Empty where it is not the organization's.
 *
 * @param verification whose lines, and when the source's users were read: silence is counted up to then
 * @throws NotAllowed
 */
export async function linePage(
  pool: pg.Pool,
  actor: Actor,
  verification: Pick<DoneVerification, 'id' | 'usersReadAt' | 'finishedAt'>,
  selection: CoverageSelection,
  size: number,
): Promise<LinePage> {
  authorize(actor, 'connectors.read');
  const { sql, values } = lineQuery(actor, verification, selection, size + 1);
  const { rows } = await pool.query<LineRow>(sql, values);
  const shown = rows.slice(0, size);
  const last = shown.at(-1);
  const masks = !seesNumbers(actor);
  return {
    lines: shown.map((row) => listedLine(row, masks)),
    next: rows.length > size && last !== undefined ? { key: last.key, id: last.id } : null,
  };
}

/** Exported for the test that holds its plan to the indexes. */
export function lineQuery(
  actor: Actor,
  verification: Pick<DoneVerification, 'id' | 'usersReadAt' | 'finishedAt'>,
  selection: CoverageSelection,
  limit: number,
): { readonly sql: string; readonly values: unknown[] } {
  const { filter, reason, silentDays, search } = selection;
  const values: unknown[] = [verification.id, actor.organizationId, limit];
  const value = (one: unknown): string => `$${values.push(one)}`;
  const conditions = ['verification_id = $1', 'organization_id = $2', WHERE[filter]];
  const column = REASON[filter];
  if (reason !== null && column !== undefined) conditions.push(`${column} = ${value(reason)}`);
  const silent = filter === 'silent';
  if (silent) {
    const readAt = value(verification.usersReadAt ?? verification.finishedAt);
    conditions.push(`${SILENCE} < ${readAt}::timestamptz - make_interval(days => ${value(silentDays)})`);
  }
  if (search !== '') {
    // A search that finds by number tells a number, to who may not see it.
    const like = (column: string, part: string): string => `${column} LIKE ${value(`%${literal(part)}%`)}`;
    const byNumber = seesNumbers(actor) ? ['mobile', 'number'].map((one) => like(one, digitsOf(search))) : [];
    const terms = [like('words', search.toLowerCase()), ...byNumber];
    conditions.push(`(${terms.join(' OR ')})`);
  }
  const order = silent ? SILENCE : 'name_key';
  const after = silent ? silencePlace(selection.after) : selection.after;
  if (after !== null) {
    const type = silent ? '::timestamptz' : '';
    conditions.push(`(${order}, id) > (${value(after.key)}${type}, ${value(after.id)}::bigint)`);
  }
  const key = silent ? SILENCE_KEY : 'name_key';
  const sql = `SELECT ${LINE}, ${key} AS key FROM coverage_line WHERE ${conditions.join(' AND ')}
     ORDER BY ${order}, id LIMIT $3`;
  return { sql, values };
}

/** A place among silences that came by address; null where it is none. */
function silencePlace(after: LinePlace | null): { readonly key: string; readonly id: string } | null {
  if (after === null || after.key === NEVER) return after;
  const time = new Date(/^-?\d{1,15}$/.test(after.key) ? Number(after.key) : Number.NaN);
  return Number.isNaN(time.getTime()) ? null : { ...after, key: time.toISOString() };
}

/** What of a search can stand in a number: people write (212) 555-0101. */
function digitsOf(search: string): string {
  return /^[\d\s()+.\-/]*$/.test(search) && /\d/.test(search) ? search.replaceAll(/\D/g, '') : search;
}

function literal(part: string): string {
  return part.replaceAll(/[\\%_]/g, '\\$&');
}

function listedLine(row: LineRow, masks: boolean): ListedLine {
  const iso = (time: Date | null): string | null => time?.toISOString() ?? null;
  return {
    id: row.id,
    mobile: masks ? maskedNumber(row.mobile) : row.mobile,
    name: row.name,
    email: row.email,
    status: row.status,
    lastArchivedAt: iso(row.last_archived_at),
    decides: row.decides,
    result: row.result,
    rule: row.rule,
    mailbox: row.mailbox,
    mappingRow: row.mapping_row,
    mappedMailbox: row.mapped_mailbox,
    mappedResult: row.mapped_result,
    validFrom: iso(row.valid_from),
    validTo: iso(row.valid_to),
    checkedAt: iso(row.checked_at),
  };
}

/** Registered users of whom nothing was archived for so many days before the users were read, or ever. @throws NotAllowed */
export async function silentCount(
  pool: pg.Pool,
  actor: Actor,
  verification: Pick<DoneVerification, 'id' | 'usersReadAt' | 'finishedAt'>,
  days: number,
): Promise<number> {
  authorize(actor, 'connectors.read');
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM coverage_line WHERE verification_id = $1 AND organization_id = $2
       AND ${DECIDED_USER} AND ${SILENCE} < $3::timestamptz - make_interval(days => $4)`,
    [verification.id, actor.organizationId, verification.usersReadAt ?? verification.finishedAt, days],
  );
  return rows[0]?.count ?? 0;
}
