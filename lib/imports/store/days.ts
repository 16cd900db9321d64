/** Days whose numbers do not add up: looked for one connector at a time, so that no query grows with their number. */
import type pg from 'pg';
import { type DayBalance, daysOf } from '../balance.ts';
import { copiesUnaccounted, itemsUnaccounted } from '../counts.ts';
import { raiseAlert, resolveWindowAlert } from './connectors.ts';

const CODE = 'day_does_not_balance';

export interface DifferingDay {
  /** 2026-11-21 */
  readonly day: string;
  /** unaccounted for; negative: more than there are */
  readonly items: number;
  readonly copies: number;
}

export interface JudgedConnector {
  readonly connectorId: string;
  readonly differing: readonly DifferingDay[];
  /** an alert was raised or ended */
  readonly changed: boolean;
}

/**
 * Raises an alert for each day of a live connector that does not balance, and ends those of days that do. An alert hangs on
 * the first window of its day; where that is another one since (the day's window was split, or one was put before it), the
 * alert goes with the day.
 */
export async function judgeDays(pool: pg.Pool, organizationId: string): Promise<JudgedConnector[]> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM connector WHERE organization_id = $1 AND status = 'live' ORDER BY id`,
    [organizationId],
  );
  const judged: JudgedConnector[] = [];
  for (const { id: connectorId } of rows) {
    const alerted = await alertedWindows(pool, connectorId);
    const differing: DifferingDay[] = [];
    let changed = false;
    for (const day of await daysOf(pool, organizationId, { connectorId, from: null, to: null })) {
      const known = alerted.get(day.day) ?? [];
      const differs = day.state === 'differs';
      const [moved] = differs && !known.includes(day.firstWindowId) ? known : [];
      if (moved !== undefined) await moveAlert(pool, connectorId, moved, day.firstWindowId);
      if (differs) differing.push(await raise(pool, organizationId, day));
      for (const windowId of known) {
        if (!differs || windowId !== day.firstWindowId) await resolveWindowAlert(pool, connectorId, windowId, CODE);
      }
      changed ||= known.length > 0 !== differs || moved !== undefined;
    }
    judged.push({ connectorId, differing, changed });
  }
  return judged;
}

/** Windows that have an alert already, by their day; the oldest alert first. */
async function alertedWindows(pool: pg.Pool, connectorId: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await pool.query<{ day: string; windows: string[] }>(
    `SELECT to_char(w.starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, array_agg(w.id::text ORDER BY a.id) AS windows
     FROM alert a JOIN import_window w ON w.id = a.window_id
     WHERE a.connector_id = $1 AND a.code = $2 AND a.resolved_at IS NULL GROUP BY 1`,
    [connectorId, CODE],
  );
  return new Map(rows.map(({ day, windows }) => [day, windows]));
}

async function moveAlert(pool: pg.Pool, connectorId: string, from: string, to: string): Promise<void> {
  await pool.query(
    `UPDATE alert SET window_id = $4 WHERE connector_id = $1 AND code = $2 AND window_id = $3 AND resolved_at IS NULL`,
    [connectorId, CODE, from, to],
  );
}

async function raise(
  pool: pg.Pool,
  organizationId: string,
  { connectorId, day, counts, firstWindowId: windowId }: DayBalance & { readonly firstWindowId: string },
): Promise<DifferingDay> {
  const detail = { day, items: itemsUnaccounted(counts), copies: copiesUnaccounted(counts) };
  await raiseAlert(pool, { organizationId, connectorId, importId: null, windowId, code: CODE, detail });
  return detail;
}
