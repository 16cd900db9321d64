/** Windows and imports: opened together, closed together, claimed by one collector at a time. */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { TimeRange } from '../../archive/source.ts';
import { inTransaction } from '../../db.ts';
import type { ReasonCode } from '../reasons.ts';
import { earlierWindows, missingWindows } from '../windows.ts';
import { type RunningConnector, raiseAlert } from './connectors.ts';
import { openAgain, putBefore } from './reopen.ts';

export type ImportTrigger = 'first' | 'scheduled' | 'manual' | 'repeat' | 'recheck';
export type ImportPhase = 'queued' | 'collecting' | 'delivering' | 'reconciling' | 'completed' | 'cancelled';

/** An import with its window. */
export interface ImportRun {
  readonly id: string;
  readonly organizationId: string;
  readonly connectorId: string;
  readonly sourceId: string;
  readonly windowId: string;
  readonly number: number;
  readonly trigger: ImportTrigger;
  readonly phase: ImportPhase;
  readonly window: TimeRange;
  readonly cursor: string | null;
  readonly cursorOpenedAt: Date | null;
  readonly pages: number;
  readonly collectEpoch: string;
  readonly attempts: number;
  /** items a page where the usual number was too large an answer, else null */
  readonly pageLimit: number | null;
}

interface Row {
  id: string;
  organization_id: string;
  connector_id: string;
  source_id: string;
  window_id: string;
  number: number;
  trigger: ImportTrigger;
  phase: ImportPhase;
  starts_at: Date;
  ends_at: Date;
  cursor: string | null;
  cursor_opened_at: Date | null;
  pages: number;
  collect_epoch: string;
  attempts: number;
  page_limit: number | null;
}

const COLUMNS = `i.id, i.organization_id, i.connector_id, i.source_id, i.window_id, i.number, i.trigger, i.phase,
  w.starts_at, w.ends_at, i.cursor, i.cursor_opened_at, i.pages, i.collect_epoch, i.attempts,
  i.page_limit`;

const runOf = (row: Row): ImportRun => ({
  id: row.id,
  organizationId: row.organization_id,
  connectorId: row.connector_id,
  sourceId: row.source_id,
  windowId: row.window_id,
  number: row.number,
  trigger: row.trigger,
  phase: row.phase,
  window: { from: row.starts_at, to: row.ends_at },
  cursor: row.cursor,
  cursorOpenedAt: row.cursor_opened_at,
  pages: row.pages,
  collectEpoch: row.collect_epoch,
  attempts: row.attempts,
  pageLimit: row.page_limit,
});

/**
 * Cuts what is missing up to `through` into windows and opens an import for each; where somebody asked for an import, also
 * what is missing before the first window. Windows whose import was cancelled are opened again with them. What the source
 * no longer has is written as lost, without an import and with an alert. Two planners at once are serialized by
 * the connector's row; the constraints on the table would refuse the second in any case.
 *
 * @returns ids of the imports that were opened, oldest window first
 */
export async function openWindows(
  pool: pg.Pool,
  connector: RunningConnector,
  input: {
    readonly through: Date;
    readonly earliestRetained: Date;
    readonly trigger: ImportTrigger;
    readonly by: string | null;
  },
): Promise<string[]> {
  return inTransaction(pool, async (client) => {
    const locked = await client.query<{ next_import_number: number }>(
      `SELECT next_import_number FROM connector WHERE organization_id = $1 AND id = $2 AND status = 'live' FOR UPDATE`,
      [connector.organizationId, connector.id],
    );
    let number = locked.rows[0]?.next_import_number;
    if (number === undefined) return [];
    const { rows: planned } = await client.query<{ starts_at: Date | null; ends_at: Date | null }>(
      'SELECT min(starts_at) AS starts_at, max(ends_at) AS ends_at FROM import_window WHERE connector_id = $1',
      [connector.id],
    );
    let follows = planned[0]?.ends_at ?? null;
    const windows = missingWindows({
      plannedThrough: follows,
      firstFrom: connector.firstImportFrom,
      earliestRetained: input.earliestRetained,
      through: input.through,
    });
    const opened: string[] = [];
    const { firstImportFrom } = connector;
    const earlier = earlierWindows({
      ...input,
      firstFrom: firstImportFrom,
      plannedFrom: planned[0]?.starts_at ?? null,
    });
    if (input.trigger === 'manual' && earlier.length > 0) {
      for (const { from } of earlier) await client.query('SELECT ensure_ledger_partitions($1)', [from]);
      for (const windowId of await putBefore(client, connector, earlier)) {
        opened.push(await insertImport(client, connector, windowId, number, input.trigger, input.by));
        number++;
      }
    }
    let firstLost: string | null = null;
    for (const window of windows) {
      await client.query('SELECT ensure_ledger_partitions($1)', [window.from]);
      const { rows } = await client.query<{ id: string }>(
        `INSERT INTO import_window (organization_id, connector_id, starts_at, ends_at, follows, state)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
        [connector.organizationId, connector.id, window.from, window.to, follows, window.lost ? 'lost' : 'open'],
      );
      const windowId = rows[0]?.id;
      if (windowId === undefined) throw new Error('no window was written');
      if (window.lost) {
        firstLost ??= windowId;
        follows = window.to;
        continue;
      }
      opened.push(await insertImport(client, connector, windowId, number, input.trigger, input.by));
      number++;
      follows = window.to;
    }
    await client.query('UPDATE connector SET next_import_number = $2 WHERE id = $1', [connector.id, number]);
    // No day is lost by being forgotten: the next import takes up what somebody cancelled.
    if (input.trigger === 'manual' || opened.length > 0) {
      opened.push(...(await openAgain(client, connector, { kind: 'cancelled' }, 'repeat', input.by)));
    }
    const lost = windows.filter((window) => window.lost);
    if (firstLost !== null && lost[0]) {
      const { id: connectorId, organizationId } = connector;
      const detail = { from: lost[0].from.toISOString(), to: (lost.at(-1) ?? lost[0]).to.toISOString() };
      const alert = {
        organizationId,
        connectorId,
        importId: null,
        windowId: firstLost,
        code: 'lost_at_source',
      } as const;
      await raiseAlert(client, { ...alert, detail });
    }
    return opened;
  });
}

/**
 * Opens one more import over a window that was imported before: what is there already counts as a repeat.
 *
 * @returns null where an import of this window is under way, or the connector is not live
 */
export async function reopenWindow(
  pool: pg.Pool,
  connector: RunningConnector,
  windowId: string,
  trigger: 'repeat' | 'recheck',
  by: string | null,
): Promise<string | null> {
  return inTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `SELECT 1 FROM connector WHERE organization_id = $1 AND id = $2 AND status = 'live' FOR UPDATE`,
      [connector.organizationId, connector.id],
    );
    if (rowCount !== 1) return null;
    const [id] = await openAgain(client, connector, { kind: 'window', id: windowId }, trigger, by);
    return id ?? null;
  });
}

async function insertImport(
  client: pg.PoolClient,
  connector: RunningConnector,
  windowId: string,
  number: number,
  trigger: ImportTrigger,
  by: string | null,
): Promise<string> {
  const id = randomUUID();
  await client.query(
    `INSERT INTO import (id, organization_id, connector_id, source_id, window_id, number, trigger, created_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [id, connector.organizationId, connector.id, connector.sourceId, windowId, number, trigger, by],
  );
  return id;
}

/** One import of the organization; null where there is none. */
export async function findImport(pool: pg.Pool, organizationId: string, importId: string): Promise<ImportRun | null> {
  const { rows } = await pool.query<Row>(
    `SELECT ${COLUMNS} FROM import i JOIN import_window w ON w.id = i.window_id WHERE i.organization_id = $1 AND i.id = $2`,
    [organizationId, importId],
  );
  return rows[0] ? runOf(rows[0]) : null;
}

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
    const { rows } = await client.query<Row>(
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
       RETURNING ${COLUMNS}`,
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

/** Lets a delivered import be tried again at `inSeconds`: the source could not be asked what it holds. */
export async function postponeReconcile(
  pool: pg.Pool,
  run: ImportRun,
  problem: ReasonCode,
  inSeconds: number,
): Promise<void> {
  await pool.query(
    `UPDATE import SET problem = $2, attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => $3)
     WHERE id = $1`,
    [run.id, problem, inSeconds],
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

/**
 * Imports whose copies are all settled: ready to be reconciled, by a connector that may ask the source.
 *
 * @param importIds null: all
 */
export async function deliveredImports(
  pool: pg.Pool,
  importIds: readonly string[] | null,
): Promise<{ organizationId: string; importId: string }[]> {
  const { rows } = await pool.query<{ organization_id: string; id: string }>(
    `SELECT i.organization_id, i.id FROM import i
     WHERE i.phase IN ('delivering', 'reconciling') AND i.next_attempt_at <= now()
       AND i.source_id IN (SELECT source_id FROM connector
         WHERE status = 'live' AND paused_at IS NULL AND stopped_at IS NULL)
       AND ($1::uuid[] IS NULL OR i.id = ANY ($1))
       AND coalesce((SELECT sum(count) FROM import_counter c WHERE c.import_id = i.id AND c.outcome = 'copies.pending'), 0) = 0`,
    [importIds],
  );
  return rows.map((row) => ({ organizationId: row.organization_id, importId: row.id }));
}
