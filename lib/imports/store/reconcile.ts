/** Closing imports: the numbers as they are now, frozen; what the source says beside what the ledger holds. */
import type pg from 'pg';
import type { Manifest, TimeRange } from '../../archive/source.ts';
import { inTransaction } from '../../db.ts';
import { balances, type Counts, countsOf } from '../counts.ts';
import type { ReasonCode } from '../reasons.ts';
import { IS_OVER } from './clearing.ts';
import { raiseAlert, resolveWindowAlert } from './connectors.ts';
import { readCounters } from './counters.ts';
import type { ImportRun } from './imports.ts';

/** Distinct items that the ledger holds for a window of a source, by its evidence and not by its counters. */
export async function heldItems(pool: pg.Pool, sourceId: string, window: TimeRange): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(
    'SELECT count(*) FROM item WHERE source_id = $1 AND archived_at >= $2 AND archived_at < $3',
    [sourceId, window.from, window.to],
  );
  return Number(rows[0]?.count ?? 0);
}

/** What a reading of the manifest means for its window. */
export interface Reading {
  readonly balanced: boolean;
  /** how often in a row it was the same when it was read again */
  readonly rechecks: number;
  /** how often in a row it was another than what is held */
  readonly differs: number;
  /** when the manifest is to be read again; null: not any more */
  readonly recheckInSeconds: number | null;
}

/** Something that may be wrong with a window: its alert is raised, or resolved where it is not wrong. */
export interface Finding {
  readonly code: ReasonCode;
  readonly wrong: boolean;
  readonly detail?: Readonly<Record<string, number>>;
}

/** What an import's numbers and its manifest come to. */
export interface Judgement extends Reading {
  readonly findings: readonly Finding[];
}

/**
 * Completes an import with the numbers of this moment and, where it balances, closes its window. Alerts are written in
 * the same transaction: an import is never complete without them.
 *
 * @param connectorId whose alerts they are: the connector that is live for the source now
 * @param judge from the numbers, and how often in a row the window's manifest differed before
 * @returns null where somebody else completed it meanwhile, or a copy was sent on its way
 */
export async function completeImport(
  pool: pg.Pool,
  run: ImportRun,
  connectorId: string,
  manifest: Manifest,
  judge: (counts: Counts, differed: number) => Judgement,
): Promise<{ readonly counts: Counts; readonly judgement: Judgement } | null> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ differs: number }>(
      `SELECT w.differs FROM import i JOIN import_window w ON w.id = i.window_id
       WHERE i.id = $1 AND i.phase IN ('delivering', 'reconciling') FOR NO KEY UPDATE`,
      [run.id],
    );
    const [window] = rows;
    if (!window) return null;
    // One statement, and so one moment: whatever is released after it is a matter of after the completion.
    const counts = countsOf(await readCounters(client, [run.id]));
    if (counts.copies.pending !== 0) return null;
    const judgement = judge(counts, window.differs);
    await client.query(
      `UPDATE import SET phase = 'completed', completed_at = now(), balanced = $2, manifest_count = $3,
         counts_at_completion = $4, problem = NULL
       WHERE id = $1`,
      [run.id, judgement.balanced, manifest.count, JSON.stringify(counts)],
    );
    for (const { code, wrong, detail = {} } of judgement.findings) {
      const { organizationId, windowId } = run;
      if (wrong) await raiseAlert(client, { organizationId, connectorId, importId: run.id, windowId, code, detail });
      else await resolveWindowAlert(client, connectorId, windowId, code);
    }
    await writeReading(client, run.windowId, manifest, judgement);
    return { counts, judgement };
  });
}

/**
 * Checks the equations of a completed import once more, after something of it that waited or failed was settled. An
 * import whose window was imported again since is no longer what its window is judged by.
 */
export async function judgeLater(pool: pg.Pool, organizationId: string, importId: string): Promise<void> {
  await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ window_id: string; connector_id: string }>(
      `SELECT i.window_id, i.connector_id FROM import i
       WHERE i.organization_id = $1 AND i.id = $2 AND i.phase = 'completed' AND NOT EXISTS (
         SELECT 1 FROM import later WHERE later.window_id = i.window_id AND later.number > i.number
           AND later.connector_id = i.connector_id)
       FOR NO KEY UPDATE`,
      [organizationId, importId],
    );
    const [of] = rows;
    if (!of) return;
    const counts = countsOf(await readCounters(client, [importId]));
    if (counts.items.pending !== 0 || counts.copies.pending !== 0) return;
    const { window_id: windowId, connector_id: connectorId } = of;
    const code = 'does_not_balance';
    if (balances(counts)) await resolveWindowAlert(client, connectorId, windowId, code);
    else await raiseAlert(client, { organizationId, connectorId, importId, windowId, code });
  });
}

/**
 * Writes what a manifest said of a window, and when it is to be asked again. A window whose numbers do not add up stays
 * open, whatever the manifest says.
 */
export async function writeReading(
  client: pg.Pool | pg.PoolClient,
  windowId: string,
  manifest: Manifest,
  reading: Reading,
): Promise<void> {
  await client.query(
    `UPDATE import_window SET manifest_count = $2, manifest_bytes = $3, manifest_read_at = now(),
       state = CASE WHEN balances.really THEN 'closed' ELSE 'open' END,
       closed_at = CASE WHEN balances.really THEN coalesce(closed_at, now()) END,
       recheck_due_at = now() + make_interval(secs => $5), rechecks = $6, differs = $7
     FROM (SELECT $4 AND NOT EXISTS (SELECT 1 FROM alert a WHERE a.window_id = $1 AND a.code = 'does_not_balance'
       AND a.resolved_at IS NULL) AS really) AS balances
     WHERE id = $1`,
    [
      windowId,
      manifest.count,
      manifest.attachmentBytes,
      reading.balanced,
      reading.recheckInSeconds,
      reading.rechecks,
      reading.differs,
    ],
  );
}

/** A window whose manifest is to be read again. */
export interface DueRecheck {
  readonly connectorId: string;
  readonly window: TimeRange;
  /** how often it was read again and found the same */
  readonly rechecks: number;
  /** how often in a row it was another than what is held */
  readonly differs: number;
}

const RECHECK_IS_DUE = `w.recheck_due_at <= now() AND EXISTS (SELECT 1 FROM connector c
  WHERE c.id = w.connector_id AND c.status = 'live' AND c.paused_at IS NULL AND c.stopped_at IS NULL)`;

/** Windows whose manifest is to be read again, the longest due first. */
export async function dueRechecks(
  pool: pg.Pool,
  limit: number,
): Promise<{ readonly organizationId: string; readonly windowId: string }[]> {
  const { rows } = await pool.query<{ organization_id: string; id: string }>(
    `SELECT w.organization_id, w.id FROM import_window w WHERE ${RECHECK_IS_DUE} ORDER BY w.recheck_due_at LIMIT $1`,
    [limit],
  );
  return rows.map((row) => ({ organizationId: row.organization_id, windowId: row.id }));
}

/** Gives a due recheck out, once. Who breaks off is followed by another an hour later. */
export async function claimRecheck(
  pool: pg.Pool,
  organizationId: string,
  windowId: string,
): Promise<DueRecheck | null> {
  const { rows } = await pool.query<{
    connector_id: string;
    starts_at: Date;
    ends_at: Date;
    rechecks: number;
    differs: number;
  }>(
    `UPDATE import_window w SET recheck_due_at = now() + interval '1 hour'
     WHERE w.organization_id = $1 AND w.id = $2 AND ${RECHECK_IS_DUE}
     RETURNING w.connector_id, w.starts_at, w.ends_at, w.rechecks, w.differs`,
    [organizationId, windowId],
  );
  const [row] = rows;
  if (!row) return null;
  const { rechecks, differs } = row;
  return { connectorId: row.connector_id, window: { from: row.starts_at, to: row.ends_at }, rechecks, differs };
}

/** Imports that are over and have staged content that nobody looked through yet, or not since the last of it was delivered. */
export async function importsToClear(
  pool: pg.Pool,
  limit: number,
): Promise<{ readonly organizationId: string; readonly importId: string }[]> {
  const { rows } = await pool.query<{ organization_id: string; id: string }>(
    `SELECT i.organization_id, i.id FROM import i
     WHERE ${IS_OVER} AND i.staging_cleared_at IS NULL
       AND coalesce((SELECT sum(count) FROM import_counter c WHERE c.import_id = i.id AND c.outcome = 'copies.pending'), 0) = 0
     ORDER BY i.completed_at LIMIT $1`,
    [limit],
  );
  return rows.map((row) => ({ organizationId: row.organization_id, importId: row.id }));
}
