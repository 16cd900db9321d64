/** What the import calendar of a connector shows of one month, and of a day that is opened. */
import type pg from 'pg';
import { type Actor, authorize } from '../security/actor.ts';
import { type DayBalance, dayBalances } from './balance.ts';

export interface CalendarMonth {
  /** 2026-11 */
  readonly month: string;
  /** the first day that has a window, as 2026-11-21; null before the first import is planned */
  readonly firstDay: string | null;
  /** days of the month that have a window, oldest first */
  readonly days: readonly DayBalance[];
}

/**
 * One month of UTC days of arrival at the source, read in one query that adds counters up. Empty where the connector is not
 * the organization's.
 *
 * @param month as 2026-11
 * @throws NotAllowed
 */
export async function calendarMonth(
  pool: pg.Pool,
  actor: Actor,
  connectorId: string,
  month: string,
): Promise<CalendarMonth> {
  authorize(actor, 'connectors.read');
  const from = new Date(`${month}-01T00:00:00Z`);
  const to = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1, 1));
  const [days, firstDay] = await Promise.all([
    dayBalances(pool, actor, { connectorId, from, to }),
    firstDayOf(pool, actor.organizationId, connectorId),
  ]);
  return { month, firstDay, days };
}

/** Windows follow each other without a gap, so the first to end is the first to begin. */
async function firstDayOf(pool: pg.Pool, organizationId: string, connectorId: string): Promise<string | null> {
  const { rows } = await pool.query<{ day: string }>(
    `SELECT to_char(starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day FROM import_window
     WHERE organization_id = $1 AND connector_id = $2 ORDER BY ends_at LIMIT 1`,
    [organizationId, connectorId],
  );
  return rows[0]?.day ?? null;
}
