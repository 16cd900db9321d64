/** Which connectors the reconciler has something to ask of. */
import type pg from 'pg';
import { MAY_DELIVER } from './connectors.ts';

/** `now` is the database's; the source's clock decides what can be planned. */
export interface ConnectorToPlan {
  readonly organizationId: string;
  readonly connectorId: string;
  readonly now: Date;
  /** end of its last window; null before its first */
  readonly plannedThrough: Date | null;
  readonly scheduleMinute: number;
}

/** Every connector that runs, of every organization. */
export async function connectorsToPlan(pool: pg.Pool): Promise<ConnectorToPlan[]> {
  const { rows } = await pool.query<{
    organization_id: string;
    id: string;
    now: Date;
    ends_at: Date | null;
    schedule_minute: number;
  }>(
    `SELECT c.organization_id, c.id, now(), c.schedule_minute,
       (SELECT max(w.ends_at) FROM import_window w WHERE w.connector_id = c.id) AS ends_at
     FROM connector c WHERE c.status = 'live' AND c.paused_at IS NULL AND c.stopped_at IS NULL ORDER BY c.id`,
  );
  return rows.map((row) => ({
    organizationId: row.organization_id,
    connectorId: row.id,
    now: row.now,
    plannedThrough: row.ends_at,
    scheduleMinute: row.schedule_minute,
  }));
}

/** End of a connector's last window; null before its first. */
export async function plannedThrough(
  pool: pg.Pool,
  connector: { readonly organizationId: string; readonly id: string },
): Promise<Date | null> {
  const { rows } = await pool.query<{ ends_at: Date | null }>(
    'SELECT max(ends_at) AS ends_at FROM import_window WHERE organization_id = $1 AND connector_id = $2',
    [connector.organizationId, connector.id],
  );
  return rows[0]?.ends_at ?? null;
}

/** Connectors that may deliver and for whose source a copy waits for a mapping. */
export async function waitingConnectors(
  pool: pg.Pool,
): Promise<{ readonly organizationId: string; readonly connectorId: string }[]> {
  const { rows } = await pool.query<{ organization_id: string; id: string }>(
    `SELECT c.organization_id, c.id FROM connector c
     WHERE c.status = 'live' AND c.paused_at IS NULL AND ${MAY_DELIVER} AND EXISTS (
       SELECT 1 FROM connector any_of JOIN delivery d ON d.connector_id = any_of.id AND d.state = 'waiting'
         AND d.sign_off_id IS NULL
       WHERE any_of.source_id = c.source_id)`,
  );
  return rows.map((row) => ({ organizationId: row.organization_id, connectorId: row.id }));
}

/** Every organization. */
export async function organizationIds(pool: pg.Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM organization');
  return rows.map(({ id }) => id);
}
