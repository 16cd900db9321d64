/** Why some of a connector's items are not, or not wholly, in their mailboxes: a line for each reason, with how many. */
import type pg from 'pg';
import type { Queryable } from '../db.ts';
import { type Actor, authorize } from '../security/actor.ts';
import type { UndoneKind } from './counts.ts';
import { MAY_DELIVER } from './store/connectors.ts';
import { OF_SAME_SOURCE } from './store/missing.ts';
import { MAY_BE_ON_ITS_WAY } from './store/months.ts';
import { HELD, IS_STOPPED, STOPPED_REASON } from './store/stopped.ts';

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

// Rows are counted here and in `held.ts`, and nowhere else: those of the table that holds nothing else, by its index.
const REASONS = `
SELECT kind, reason, count(*)::float8 AS count FROM undone
WHERE connector_id = (SELECT id FROM connector WHERE organization_id = $1 AND id = $2) AND kind <> 'missing' GROUP BY 1, 2
UNION ALL
SELECT d.kind, d.reason, count(*)::float8 FROM undone d WHERE d.kind = 'missing' AND ${OF_SAME_SOURCE} GROUP BY 1, 2`;

const MAY_BE_DELIVERED = `SELECT 1 FROM connector c WHERE c.organization_id = $1 AND c.status = 'live' AND ${MAY_DELIVER}
  AND c.first_user_id IS NULL AND c.source_id = (SELECT source_id FROM connector WHERE organization_id = $1 AND id = $2)`;

// A window lies within a day, and so does all that was collected for it: without this, every import's rows are looked for in
// every month of the ledger. By a day to each side, since a window may have been split since.
const STOPPED = `
SELECT 'stopped' AS kind, coalesce(${STOPPED_REASON}, '') AS reason, count(*)::float8 AS count
FROM import i JOIN import_window w ON w.id = i.window_id JOIN delivery d ON d.import_id = i.id
  AND d.archived_at > w.starts_at - interval '24 hours' AND d.archived_at < w.starts_at + interval '24 hours'
WHERE i.organization_id = $1 AND i.connector_id = $2 AND ${MAY_BE_ON_ITS_WAY} AND d.organization_id = $1 AND ${IS_STOPPED}
GROUP BY 1, 2`;

/** The reasons, those that hold up most first. Empty where the connector is not the organization's. @throws NotAllowed */
export async function undoneReasons(
  pool: pg.Pool,
  actor: Actor,
  connectorId: string,
): Promise<readonly UndoneReason[]> {
  authorize(actor, 'connectors.read');
  const whose = [actor.organizationId, connectorId] as const;
  const [undone, stopped] = await Promise.all([
    pool.query<UndoneReason>(REASONS, [...whose]).then(({ rows }) => rows),
    stoppedReasons(pool, whose),
  ]);
  return [...undone, ...stopped].sort(
    (a, b) => b.count - a.count || compare(a.kind, b.kind) || compare(a.reason, b.reason),
  );
}

/** Where somebody may deliver all of them, nothing is read for this: there are as many as are on their way. */
async function stoppedReasons(
  queryable: Queryable,
  whose: readonly [string, string],
): Promise<readonly UndoneReason[]> {
  const { rowCount } = await queryable.query(MAY_BE_DELIVERED, [...whose]);
  if (rowCount !== 0) return [];
  return (await queryable.query<UndoneReason>(STOPPED, [...whose])).rows;
}

/** Copies of a connector that are held back because one user is imported first. */
export async function heldCopies(queryable: Queryable, organizationId: string, connectorId: string): Promise<number> {
  const stopped = await stoppedReasons(queryable, [organizationId, connectorId]);
  return stopped.find(({ reason }) => reason === HELD)?.count ?? 0;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
