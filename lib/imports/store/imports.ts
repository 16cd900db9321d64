/** Windows and imports: opened together, found, and ready to be closed. */
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

export interface ImportRunRow {
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

/** Of an import `i` and its window `w`. */
export const RUN_COLUMNS = `i.id, i.organization_id, i.connector_id, i.source_id, i.window_id, i.number, i.trigger, i.phase,
  w.starts_at, w.ends_at, i.cursor, i.cursor_opened_at, i.pages, i.collect_epoch, i.attempts,
  i.page_limit`;

export const runOf = (row: ImportRunRow): ImportRun => ({
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
      `SELECT next_import_number FROM connector WHERE organization_id = $1 AND id = $2 AND status = 'live' FOR NO KEY UPDATE`,
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
      `SELECT 1 FROM connector WHERE organization_id = $1 AND id = $2 AND status = 'live' FOR NO KEY UPDATE`,
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
  const { rows } = await pool.query<ImportRunRow>(
    `SELECT ${RUN_COLUMNS} FROM import i JOIN import_window w ON w.id = i.window_id WHERE i.organization_id = $1 AND i.id = $2`,
    [organizationId, importId],
  );
  return rows[0] ? runOf(rows[0]) : null;
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
