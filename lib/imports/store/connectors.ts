/** The part of a connector that imports read and write. */
import type pg from 'pg';
import type { Queryable } from '../../db.ts';
import { type ReasonCode, STOPPED_BY_SOURCE } from '../reasons.ts';

/**
 * In SQL, whether a connector that is not paused may write into mailboxes: one that its source refuses may
 * (`mayDeliver`). Literals of this product.
 */
export const MAY_DELIVER = `(stopped_at IS NULL OR stopped_reason IN (${STOPPED_BY_SOURCE.map((code) => `'${code}'`).join(', ')}))`;

/** A connector that is live: everything an import needs is there (a constraint of the table says so). */
export interface RunningConnector {
  readonly id: string;
  readonly organizationId: string;
  readonly kind: string;
  readonly name: string;
  readonly sourceId: string;
  readonly accountId: string;
  readonly username: string;
  readonly passwordSealed: string;
  /** of the mapping in force; who decides by it asks for its rule (`context.ts`) */
  readonly defaultRegion: string;
  /** takes what nobody can receive; null: off */
  readonly fallback: { readonly userId: string; readonly address: string } | null;
  readonly firstImportFrom: Date;
  readonly scheduleMinute: number;
  readonly paused: boolean;
  readonly stoppedReason: string | null;
}

interface Row {
  id: string;
  organization_id: string;
  kind: string;
  name: string;
  source_id: string;
  account_id: string;
  username: string;
  password_sealed: string;
  default_region: string;
  fallback_user_id: string | null;
  fallback_mailbox: string | null;
  first_import_from: Date;
  schedule_minute: number;
  paused: boolean;
  stopped_reason: string | null;
}

const SELECT = `SELECT c.id, c.organization_id, c.kind, c.name, c.source_id, s.account_id, c.username, c.password_sealed,
    c.default_region, c.fallback_user_id, c.fallback_mailbox, c.first_import_from, c.schedule_minute, c.paused_at IS NOT NULL AS paused,
    c.stopped_reason
  FROM connector c JOIN source s ON s.id = c.source_id`;

const runningOf = (row: Row): RunningConnector => ({
  id: row.id,
  organizationId: row.organization_id,
  kind: row.kind,
  name: row.name,
  sourceId: row.source_id,
  accountId: row.account_id,
  username: row.username,
  passwordSealed: row.password_sealed,
  defaultRegion: row.default_region,
  fallback:
    row.fallback_user_id === null || row.fallback_mailbox === null
      ? null
      : { userId: row.fallback_user_id, address: row.fallback_mailbox },
  firstImportFrom: row.first_import_from,
  scheduleMinute: row.schedule_minute,
  paused: row.paused,
  stoppedReason: row.stopped_reason,
});

/** A live connector of the organization; null where there is none, or it is another organization's. */
export async function liveConnector(
  pool: pg.Pool,
  organizationId: string,
  connectorId: string,
): Promise<RunningConnector | null> {
  const { rows } = await pool.query<Row>(`${SELECT} WHERE c.organization_id = $1 AND c.id = $2 AND c.status = 'live'`, [
    organizationId,
    connectorId,
  ]);
  return rows[0] ? runningOf(rows[0]) : null;
}

/** The connector of the organization that is live for a source's account; there is at most one. */
export async function liveConnectorOfSource(
  pool: pg.Pool,
  organizationId: string,
  sourceId: string,
): Promise<RunningConnector | null> {
  const { rows } = await pool.query<Row>(
    `${SELECT} WHERE c.organization_id = $1 AND c.source_id = $2 AND c.status = 'live'`,
    [organizationId, sourceId],
  );
  return rows[0] ? runningOf(rows[0]) : null;
}

/**
 * Stops a connector for a reason that only the customer can mend, with one alert. Stopping it again changes nothing.
 */
export async function stopConnector(
  pool: pg.Pool,
  organizationId: string,
  connectorId: string,
  reason: ReasonCode,
): Promise<void> {
  const { rowCount } = await pool.query(
    `UPDATE connector SET stopped_at = now(), stopped_reason = $3, updated_at = now()
     WHERE organization_id = $1 AND id = $2 AND status = 'live' AND stopped_at IS NULL`,
    [organizationId, connectorId, reason],
  );
  if (rowCount === 1) await raiseAlert(pool, { organizationId, connectorId, importId: null, code: reason });
}

export interface AlertToRaise {
  readonly organizationId: string;
  readonly connectorId: string;
  readonly importId: string | null;
  /** where it is about one window: other windows may have the same alert */
  readonly windowId?: string;
  readonly code: ReasonCode;
  readonly detail?: Readonly<Record<string, number | string>>;
}

/** Raises an alert; one that is open already stays as it is. */
export async function raiseAlert(pool: Queryable, alert: AlertToRaise): Promise<void> {
  await pool.query(
    `INSERT INTO alert (organization_id, connector_id, import_id, window_id, code, detail) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (connector_id, code, window_id) WHERE resolved_at IS NULL DO NOTHING`,
    [
      alert.organizationId,
      alert.connectorId,
      alert.importId,
      alert.windowId ?? null,
      alert.code,
      JSON.stringify(alert.detail ?? {}),
    ],
  );
}

/** Closes an open alert of this code about a window. */
export async function resolveWindowAlert(
  pool: pg.Pool | pg.PoolClient,
  connectorId: string,
  windowId: string,
  code: ReasonCode,
): Promise<void> {
  await pool.query(
    `UPDATE alert SET resolved_at = now()
     WHERE connector_id = $1 AND window_id = $2 AND code = $3 AND resolved_at IS NULL`,
    [connectorId, windowId, code],
  );
}
