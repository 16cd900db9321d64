/**
 * Both equations per UTC day and per connector. A window lies within one day, so a day's numbers are the sum of its
 * windows' imports, and a connector's the sum of its days. Counters are added up, never rows of the ledger.
 */
import type pg from 'pg';
import { type Actor, authorize } from '../security/actor.ts';
import { type Counts, copiesUnaccounted, countsOf, itemsUnaccounted } from './counts.ts';
import { ofConnectors } from './store/counters.ts';

/**
 * - `differs`: the numbers do not add up
 * - `running`: an import, or a copy, is under way
 * - `open`: a window is not closed: it was cancelled, or the source holds something else than was imported
 * - `lost`: the source no longer had some of it when its turn came
 * - `balances`
 */
export type BalanceState = 'differs' | 'running' | 'open' | 'lost' | 'balances';

export interface DayBalance {
  readonly connectorId: string;
  /** UTC day of arrival at the source, as 2026-11-21 */
  readonly day: string;
  readonly windows: number;
  /** windows that are not closed */
  readonly openWindows: number;
  /** windows that the source no longer had */
  readonly lostWindows: number;
  readonly counts: Counts;
  /** of these, those of imports that are not over: they go on, and who follows them can tell how the day goes on */
  readonly open: readonly OpenCounts[];
  readonly state: BalanceState;
}

export interface OpenCounts {
  /** of the import */
  readonly id: string;
  readonly counts: Counts;
}

export interface ConnectorBalance {
  readonly connectorId: string;
  readonly windows: number;
  readonly openWindows: number;
  readonly lostWindows: number;
  readonly counts: Counts;
  readonly state: BalanceState;
}

/** Days of one connector, or of all; also of deleted ones, whose books stay. Half-open; null: without an end. */
export interface Days {
  readonly connectorId: string | null;
  readonly from: Date | null;
  readonly to: Date | null;
}

/** Days that have a window, by connector and day. @throws NotAllowed */
export async function dayBalances(pool: pg.Pool, actor: Actor, days: Days): Promise<readonly DayBalance[]> {
  authorize(actor, 'connectors.read');
  const rows = await daysOf(pool, actor.organizationId, days);
  return rows.map(({ firstWindowId: _, ...day }) => day);
}

export interface DayPage {
  /** newest first */
  readonly days: readonly DayBalance[];
  /** the day before which the next page begins; null where this is the last */
  readonly before: string | null;
}

/**
 * A page of a connector's days. Empty where the connector is not the organization's.
 *
 * @param before only days before this one, as 2026-11-21; null for the newest
 * @param size days a page
 * @throws NotAllowed
 */
export async function dayPage(
  pool: pg.Pool,
  actor: Actor,
  connectorId: string,
  before: string | null,
  size: number,
): Promise<DayPage> {
  authorize(actor, 'connectors.read');
  const to = before === null ? null : new Date(before);
  const { rows } = await pool.query<{ day: string }>(
    `SELECT DISTINCT to_char(w.starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day FROM import_window w
     WHERE w.organization_id = $1 AND w.connector_id = $2 AND ($3::timestamptz IS NULL OR w.starts_at < $3)
     ORDER BY 1 DESC LIMIT $4`,
    [actor.organizationId, connectorId, to, size + 1],
  );
  const oldest = rows[size - 1]?.day ?? rows.at(-1)?.day;
  if (oldest === undefined) return { days: [], before: null };
  const days = await dayBalances(pool, actor, { connectorId, from: new Date(oldest), to });
  return { days: days.toReversed(), before: rows.length > size ? oldest : null };
}

/** The sum over all of a connector's days, for one connector or for each. @throws NotAllowed */
export async function connectorBalances(
  pool: pg.Pool,
  actor: Actor,
  connectorId: string | null,
): Promise<readonly ConnectorBalance[]> {
  authorize(actor, 'connectors.read');
  const rows = await read(pool, actor.organizationId, { connectorId, from: null, to: null }, 'connector');
  return rows.map(({ day: _, firstWindowId: __, open: ___, ...balance }) => balance);
}

/** For the engine, which checks every day by itself. */
export function daysOf(
  pool: pg.Pool,
  organizationId: string,
  days: Days,
): Promise<readonly (DayBalance & { readonly firstWindowId: string })[]> {
  return read(pool, organizationId, days, 'day');
}

interface Row {
  readonly connector_id: string;
  readonly day: string;
  readonly windows: number;
  readonly open_windows: number;
  readonly lost_windows: number;
  /** of a day: its last hours are in no window yet */
  readonly unplanned: boolean;
  readonly running: number;
  readonly first_window_id: string;
  readonly counters: Counters;
  readonly open: readonly { readonly id: string; readonly counters: Counters }[];
}

type Counters = readonly { readonly outcome: string; readonly count: number }[];

// Of days the counters of their imports, of whole connectors those of the connectors.
const SUMS = {
  day: `SELECT r.connector_id, r.day, k.outcome, sum(k.count)::float8 AS count
    FROM runs r JOIN import_counter k ON k.import_id = r.id GROUP BY 1, 2, 3`,
  connector: `SELECT k.connector_id, '' AS day, k.outcome, sum(k.count)::float8 AS count
    FROM ${ofConnectors('SELECT id FROM connector WHERE organization_id = $1 AND ($2::uuid IS NULL OR id = $2)', null)} k
    GROUP BY 1, 2, 3`,
} as const;

async function read(pool: pg.Pool, organizationId: string, days: Days, by: 'day' | 'connector') {
  const day = by === 'day' ? `to_char(w.starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')` : `''`;
  const { rows } = await pool.query<Row>(
    `WITH chosen AS MATERIALIZED (
       SELECT w.id, w.connector_id, w.starts_at, w.ends_at, w.state, ${day} AS day FROM import_window w
       WHERE w.organization_id = $1 AND ($2::uuid IS NULL OR w.connector_id = $2)
         AND ($3::timestamptz IS NULL OR w.starts_at >= $3) AND ($4::timestamptz IS NULL OR w.starts_at < $4)),
     runs AS MATERIALIZED (
       SELECT i.id, i.phase, c.connector_id, c.day FROM chosen c JOIN import i ON i.window_id = c.id),
     sums AS (${SUMS[by]})
     SELECT c.connector_id, c.day, count(*)::int AS windows, (count(*) FILTER (WHERE c.state = 'open'))::int AS open_windows,
       (count(*) FILTER (WHERE c.state = 'lost'))::int AS lost_windows,
       ${by === 'day'} AND max(c.ends_at) < date_trunc('day', min(c.starts_at), 'UTC') + interval '24 hours' AS unplanned,
       (array_agg(c.id ORDER BY c.starts_at))[1] AS first_window_id,
       (SELECT count(*)::int FROM runs r WHERE r.connector_id = c.connector_id AND r.day = c.day
          AND r.phase NOT IN ('completed', 'cancelled')) AS running,
       coalesce((SELECT json_agg(json_build_object('outcome', s.outcome, 'count', s.count)) FROM sums s
          WHERE s.connector_id = c.connector_id AND s.day = c.day), '[]'::json) AS counters,
       coalesce((SELECT json_agg(json_build_object('id', r.id, 'counters', coalesce((
            SELECT json_agg(json_build_object('outcome', k.outcome, 'count', k.count)) FROM import_counter k
            WHERE k.import_id = r.id), '[]'::json))) FROM runs r
          WHERE r.connector_id = c.connector_id AND r.day = c.day AND r.phase NOT IN ('completed', 'cancelled')),
         '[]'::json) AS open
     FROM chosen c GROUP BY c.connector_id, c.day ORDER BY c.connector_id, c.day`,
    [organizationId, days.connectorId, days.from, days.to],
  );
  return rows.map((row) => {
    const counts = countsOf(row.counters);
    return {
      connectorId: row.connector_id,
      day: row.day,
      windows: row.windows,
      openWindows: row.open_windows,
      lostWindows: row.lost_windows,
      firstWindowId: row.first_window_id,
      counts,
      open: row.open.map(({ id, counters }) => ({ id, counts: countsOf(counters) })),
      state: stateOf(counts, row),
    };
  });
}

/** What is under way is in the equations, so they hold at any moment or never. Pure. */
function stateOf(
  counts: Counts,
  windows: Pick<Row, 'running' | 'open_windows' | 'lost_windows' | 'unplanned'>,
): BalanceState {
  if (itemsUnaccounted(counts) !== 0 || copiesUnaccounted(counts) !== 0) return 'differs';
  if (windows.running > 0 || counts.copies.pending > 0 || counts.items.pending > 0) return 'running';
  if (windows.open_windows > 0 || windows.unplanned) return 'open';
  return windows.lost_windows > 0 ? 'lost' : 'balances';
}
