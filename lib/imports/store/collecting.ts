/** The one collector of a connector: its claim on an import under a lease, its page numbers, and how it hands back. */
import type pg from 'pg';
import { inTransaction } from '../../db.ts';
import type { ReasonCode } from '../reasons.ts';
import { type ImportRun, type ImportRunRow, RUN_COLUMNS, runOf } from './imports.ts';

/**
 * Takes the connector's next import to collect, under a lease: one that is being collected and whose collector is gone,
 * else the oldest window that is due. A window that failed and waits for its next attempt does not hold up the rest.
 *
 * @returns null where there is nothing to do, or somebody else is at it
 */
export async function claimCollect(
  pool: pg.Pool,
  organizationId: string,
  connectorId: string,
  owner: string,
  leaseSeconds: number,
): Promise<ImportRun | null> {
  return inTransaction(pool, async (client) => {
    // The connector's row serializes claimers, so that the unique index on "collecting" is never met by an error.
    await client.query('SELECT 1 FROM connector WHERE id = $1 FOR NO KEY UPDATE', [connectorId]);
    const { rows } = await client.query<ImportRunRow>(
      `WITH next AS (
         SELECT i.id FROM import i JOIN import_window w ON w.id = i.window_id
         WHERE i.organization_id = $1 AND i.connector_id = $2
           AND (i.phase = 'collecting' AND i.collect_expires_at <= now()
             OR i.phase = 'queued' AND i.next_attempt_at <= now() AND NOT EXISTS (
               SELECT 1 FROM import busy WHERE busy.connector_id = $2 AND busy.phase = 'collecting'))
         ORDER BY (i.phase = 'collecting') DESC, w.starts_at LIMIT 1)
       UPDATE import i SET phase = 'collecting', collect_epoch = i.collect_epoch + 1, collect_owner = $3,
         collect_expires_at = now() + make_interval(secs => $4), started_at = coalesce(i.started_at, now())
       FROM next, import_window w
       WHERE i.id = next.id AND w.id = i.window_id
       RETURNING ${RUN_COLUMNS}`,
      [organizationId, connectorId, owner, leaseSeconds],
    );
    return rows[0] ? runOf(rows[0]) : null;
  });
}

/**
 * Reserves the number of the next page blob. A number is never used twice, so a collector that slept cannot write over
 * the pages of its successor.
 *
 * @returns null where the lease is lost, or the connector was paused, stopped or deleted meanwhile
 */
export async function nextPageNumber(pool: pg.Pool, run: ImportRun): Promise<number | null> {
  const { rows } = await pool.query<{ pages: number }>(
    `UPDATE import i SET pages = pages + 1
     WHERE id = $1 AND collect_epoch = $2 AND phase = 'collecting' AND collect_expires_at > now() AND EXISTS (
       SELECT 1 FROM connector c WHERE c.id = i.connector_id AND c.status = 'live' AND c.paused_at IS NULL
         AND c.stopped_at IS NULL)
     RETURNING pages`,
    [run.id, run.collectEpoch],
  );
  return rows[0]?.pages ?? null;
}

/** Prolongs a collector's lease. False: it is lost. */
export async function renewCollect(pool: pg.Pool, run: ImportRun, leaseSeconds: number): Promise<boolean> {
  const { rowCount } = await pool.query(
    `UPDATE import SET collect_expires_at = now() + make_interval(secs => $3)
     WHERE id = $1 AND collect_epoch = $2 AND phase = 'collecting' AND collect_expires_at > now()`,
    [run.id, run.collectEpoch, leaseSeconds],
  );
  return rowCount === 1;
}

/** Hands an import back after a failed attempt, to be tried again at `inSeconds`, from where its cursor stands. */
export async function postponeCollect(
  pool: pg.Pool,
  run: ImportRun,
  input: {
    readonly problem: ReasonCode | null;
    readonly inSeconds: number;
    readonly restartFeed: boolean;
    /** items a page from now on; only together with `restartFeed` */
    readonly pageLimit?: number;
  },
): Promise<void> {
  await pool.query(
    `UPDATE import SET phase = 'queued', problem = $3, attempts = attempts + CASE WHEN $3::text IS NULL THEN 0 ELSE 1 END,
       next_attempt_at = now() + make_interval(secs => $4), collect_expires_at = NULL,
       page_limit = coalesce($6, page_limit),
       cursor = CASE WHEN $5 THEN NULL ELSE cursor END,
       cursor_opened_at = CASE WHEN $5 THEN NULL ELSE cursor_opened_at END,
       relisted = CASE WHEN NOT $5 THEN relisted ELSE coalesce((SELECT sum(count) FROM import_counter c
         WHERE c.import_id = $1 AND c.outcome = 'items.listed'), 0) END
     WHERE id = $1 AND collect_epoch = $2 AND phase = 'collecting'`,
    [run.id, run.collectEpoch, input.problem, input.inSeconds, input.restartFeed, input.pageLimit ?? null],
  );
}

/** Connectors with an import to collect whose collector is gone or whose time has come. */
export async function dueCollects(pool: pg.Pool): Promise<{ organizationId: string; connectorId: string }[]> {
  const { rows } = await pool.query<{ organization_id: string; connector_id: string }>(
    `SELECT DISTINCT i.organization_id, i.connector_id FROM import i JOIN connector c ON c.id = i.connector_id
     WHERE c.status = 'live' AND c.paused_at IS NULL AND c.stopped_at IS NULL
       AND (i.phase = 'collecting' AND i.collect_expires_at <= now() OR i.phase = 'queued' AND i.next_attempt_at <= now())`,
  );
  return rows.map((row) => ({ organizationId: row.organization_id, connectorId: row.connector_id }));
}
