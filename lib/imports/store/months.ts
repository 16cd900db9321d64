/**
 * In which months the ledger is looked into. Its rows lie in partitions by month; a statement that does not say which has
 * each of seven years planned for: with 84 months a claim took PostgreSQL ten times as long to plan as to do.
 */
import type pg from 'pg';

/** Whole months (UTC): the first moment of the first, and the first after the last, as a list of one. */
export type Months = readonly [from: Date, before: readonly [Date]];

/** The months of some times, of which there is at least one, and those between them. */
export function monthsOf(times: readonly Date[]): Months {
  const all = times.map((time) => time.getTime());
  const [first, last] = [new Date(Math.min(...all)), new Date(Math.max(...all))];
  return [
    new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth())),
    [new Date(Date.UTC(last.getUTCFullYear(), last.getUTCMonth() + 1))],
  ];
}

/**
 * Tells PostgreSQL the months of `Months`. Not BETWEEN, and not shorter than months: without statistics of what was
 * inserted just now, it takes a span for a few rows, and reads all of it for every set instead of finding each row by its key.
 */
export const inMonths = (column: string, from: `$${number}`, before: `$${number}`): string =>
  `${column} >= ${from} AND ${column} < ANY (${before}::timestamptz[])`;

/** Whether import `i` may have copies on their way. */
export const MAY_BE_ON_ITS_WAY = 'i.started_at IS NOT NULL AND i.staging_cleared_at IS NULL';

/**
 * The first and the last window in which an organization (`$1`) may have copies on their way: of imports that were begun,
 * and whose staged content was not looked through since. `copies_on_their_way_hold_content` and its like keep that true.
 */
export const WINDOWS_TO_DO = `SELECT min(w.starts_at) AS first, max(w.starts_at) AS last
  FROM import i JOIN import_window w ON w.id = i.window_id
  WHERE i.organization_id = $1 AND ${MAY_BE_ON_ITS_WAY}`;

export interface WindowsToDo {
  readonly first: Date | null;
  readonly last: Date | null;
}

/** Null where nothing can be on its way. */
export function monthsToDoOf({ first, last }: WindowsToDo): Months | null {
  return first === null || last === null ? null : monthsOf([first, last]);
}

/** In which months an organization may have copies on their way. Null: in none. */
export async function monthsToDo(pool: pg.Pool, organizationId: string): Promise<Months | null> {
  const { rows } = await pool.query<WindowsToDo>(WINDOWS_TO_DO, [organizationId]);
  return rows[0] ? monthsToDoOf(rows[0]) : null;
}
