/** Why some of a connector's items are not, or not wholly, in their mailboxes: a line for each reason, with how many. */
import type pg from 'pg';
import { type Actor, authorize } from '../security/actor.ts';
import type { UndoneKind } from './counts.ts';
import { MAY_DELIVER } from './store/connectors.ts';
import { IS_MISSING, OF_SAME_SOURCE } from './store/missing.ts';
import { MAY_BE_ON_ITS_WAY } from './store/months.ts';
import { IS_STOPPED, STOPPED_REASON } from './store/stopped.ts';

export interface UndoneReason {
  readonly kind: UndoneKind;
  /** a code of `reasons.ts`; empty where none was stored */
  readonly reason: string;
  /**
   * copies; items where they are unreadable. Those that are not whole, or missing, are imported: in no equation's way.
   * Those that are stopped are on their way in both.
   */
  readonly count: number;
}

// A window lies within a day, and so does all that was collected for it: without this, every import's rows are looked for in
// every month of the ledger. By a day to each side, since a window may have been split since.
const OF_ITS_DAY = (row: 'd' | 'm'): string =>
  `${row}.archived_at > n.starts_at - interval '24 hours' AND ${row}.archived_at < n.starts_at + interval '24 hours'`;

// Ledger rows are counted here, and only here: those that are not done and that nobody signed off, by the partial indexes
// that hold nothing else, in imports whose counters say that there are some.
const REASONS = `
WITH not_done AS MATERIALIZED (
  -- Import by import: PostgreSQL would rather read the counters of all connectors.
  SELECT i.id, w.starts_at, c.outcome FROM import i JOIN import_window w ON w.id = i.window_id
  CROSS JOIN LATERAL (
    SELECT k.outcome FROM import_counter k WHERE k.import_id = i.id
      AND k.outcome IN ('copies.waiting', 'copies.failed', 'items.unreadable', 'copies.partially_imported')
    GROUP BY k.outcome HAVING sum(k.count) > 0) AS c
  WHERE i.organization_id = $1 AND i.connector_id = $2
  UNION ALL
  SELECT i.id, w.starts_at, 'copies.pending' FROM import i JOIN import_window w ON w.id = i.window_id
  WHERE i.organization_id = $1 AND i.connector_id = $2 AND ${MAY_BE_ON_ITS_WAY}
), undone AS (
  SELECT d.state AS kind, d.reason FROM not_done n JOIN delivery d ON d.import_id = n.id AND d.state = 'waiting'
  WHERE n.outcome = 'copies.waiting' AND ${OF_ITS_DAY('d')} AND d.organization_id = $1 AND d.sign_off_id IS NULL
  UNION ALL
  SELECT d.state, d.reason FROM not_done n JOIN delivery d ON d.import_id = n.id AND d.state = 'failed'
  WHERE n.outcome = 'copies.failed' AND ${OF_ITS_DAY('d')} AND d.organization_id = $1 AND d.sign_off_id IS NULL
  UNION ALL
  SELECT m.outcome, m.reason FROM not_done n JOIN item m ON m.import_id = n.id AND m.outcome = 'unreadable'
  WHERE n.outcome = 'items.unreadable' AND ${OF_ITS_DAY('m')} AND m.organization_id = $1 AND m.sign_off_id IS NULL
  UNION ALL
  SELECT 'partial', d.reason FROM not_done n JOIN delivery d ON d.import_id = n.id AND d.state = 'partially_imported'
  WHERE n.outcome = 'copies.partially_imported' AND ${OF_ITS_DAY('d')} AND d.organization_id = $1 AND d.sign_off_id IS NULL
    AND d.reason IS DISTINCT FROM 'missing_in_mailbox'
  UNION ALL
  SELECT 'missing', d.reason FROM delivery d WHERE ${IS_MISSING} AND ${OF_SAME_SOURCE}
  UNION ALL
  -- Where somebody may deliver, nothing is read for this: there are as many as are on their way.
  SELECT 'stopped', ${STOPPED_REASON} FROM not_done n JOIN delivery d ON d.import_id = n.id
  WHERE n.outcome = 'copies.pending' AND ${OF_ITS_DAY('d')} AND d.organization_id = $1 AND ${IS_STOPPED}
    AND NOT EXISTS (SELECT 1 FROM connector c WHERE c.organization_id = $1 AND c.status = 'live' AND ${MAY_DELIVER}
      AND c.source_id = (SELECT source_id FROM connector WHERE id = $2))
)
SELECT kind, coalesce(reason, '') AS reason, count(*)::float8 AS count FROM undone
GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2`;

/** The reasons, those that hold up most first. Empty where the connector is not the organization's. @throws NotAllowed */
export async function undoneReasons(
  pool: pg.Pool,
  actor: Actor,
  connectorId: string,
): Promise<readonly UndoneReason[]> {
  authorize(actor, 'connectors.read');
  const { rows } = await pool.query<UndoneReason>(REASONS, [actor.organizationId, connectorId]);
  return rows;
}
