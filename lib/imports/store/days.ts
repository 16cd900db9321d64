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

/** Raises an alert for each day of a live connector that does not balance, and ends those of days that do. */
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
      const known = alerted.has(day.firstWindowId);
      if (day.state === 'differs') differing.push(await raise(pool, organizationId, day));
      else if (known) await resolveWindowAlert(pool, connectorId, day.firstWindowId, CODE);
      changed ||= known !== (day.state === 'differs');
    }
    judged.push({ connectorId, differing, changed });
  }
  return judged;
}

/** First windows of the days that have an alert already. */
async function alertedWindows(pool: pg.Pool, connectorId: string): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ window_id: string }>(
    'SELECT window_id FROM alert WHERE connector_id = $1 AND code = $2 AND resolved_at IS NULL AND window_id IS NOT NULL',
    [connectorId, CODE],
  );
  return new Set(rows.map((row) => row.window_id));
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
