/** The imports of a connector, live and past, a page at a time, and their numbers together. */
import type pg from 'pg';
import type { Queryable } from '../db.ts';
import { type Actor, authorize } from '../security/actor.ts';
import { type Counts, countsOf } from './counts.ts';
import { countsSchema } from './counts-schema.ts';
import type { LastImport } from './last-import-answer.ts';
import { IS_OVER } from './store/clearing.ts';
import { ofConnectors } from './store/counters.ts';

export type ImportPhase = 'queued' | 'collecting' | 'delivering' | 'reconciling' | 'completed' | 'cancelled';
export type ImportTrigger = 'first' | 'scheduled' | 'manual' | 'repeat' | 'recheck';

/** One import. Times are ISO 8601 in UTC. */
export interface ImportLine {
  readonly id: string;
  readonly number: number;
  readonly trigger: ImportTrigger;
  readonly phase: ImportPhase;
  readonly windowStart: string;
  readonly windowEnd: string;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  /** reason code of the last failed attempt of an import that is not over, or of why it ended before its end */
  readonly problem: string | null;
  /** frozen when it was completed */
  readonly countsAtCompletion: Counts | null;
  /** what later mappings and retries made of them */
  readonly counts: Counts;
}

export interface ImportPage {
  /** newest first */
  readonly imports: readonly ImportLine[];
  /** where the next page begins: imports below this number; null where this is the last */
  readonly olderThan: number | null;
}

const COUNTERS = `coalesce((
  SELECT json_agg(json_build_object('outcome', k.outcome, 'count', k.count))
  FROM import_counter k WHERE k.import_id = i.id), '[]'::json) AS counters`;

interface Row {
  readonly id: string;
  readonly number: number;
  readonly trigger: ImportTrigger;
  readonly phase: ImportPhase;
  readonly starts_at: Date;
  readonly ends_at: Date;
  readonly started_at: Date | null;
  readonly completed_at: Date | null;
  readonly problem: string | null;
  readonly counts_at_completion: unknown;
  readonly counters: readonly { readonly outcome: string; readonly count: number }[];
}

/**
 * A page of a connector's imports. Empty where the connector is not the organization's.
 *
 * @param olderThan only imports with a smaller number; null for the newest
 * @param size imports a page
 * @throws NotAllowed
 */
export async function importPage(
  pool: pg.Pool,
  actor: Actor,
  connectorId: string,
  olderThan: number | null,
  size: number,
): Promise<ImportPage> {
  authorize(actor, 'connectors.read');
  const { rows } = await pool.query<Row>(
    `SELECT i.id, i.number, i.trigger, i.phase, w.starts_at, w.ends_at, i.started_at, i.completed_at, i.problem,
            i.counts_at_completion, ${COUNTERS}
       FROM import i JOIN import_window w ON w.id = i.window_id
      WHERE i.organization_id = $1 AND i.connector_id = $2 AND ($3::integer IS NULL OR i.number < $3)
      ORDER BY i.number DESC LIMIT $4`,
    [actor.organizationId, connectorId, olderThan, size + 1],
  );
  const shown = rows.slice(0, size);
  return {
    imports: shown.map(importLine),
    olderThan: rows.length > size ? (shown.at(-1)?.number ?? null) : null,
  };
}

/**
 * The imports whose window lies within a UTC day, newest first.
 *
 * @param day as 2026-11-21
 * @param most imports at most
 * @throws NotAllowed
 */
export async function importsOfDay(
  pool: pg.Pool,
  actor: Actor,
  connectorId: string,
  day: string,
  most: number,
): Promise<readonly ImportLine[]> {
  authorize(actor, 'connectors.read');
  const { rows } = await pool.query<Row>(
    `SELECT i.id, i.number, i.trigger, i.phase, w.starts_at, w.ends_at, i.started_at, i.completed_at, i.problem,
            i.counts_at_completion, ${COUNTERS}
       FROM import_window w JOIN import i ON i.window_id = w.id
      WHERE w.organization_id = $1 AND w.connector_id = $2
        AND w.starts_at >= $3::timestamptz AND w.starts_at < $3::timestamptz + interval '24 hours'
      ORDER BY i.number DESC LIMIT $4`,
    [actor.organizationId, connectorId, new Date(day), most],
  );
  return rows.map(importLine);
}

/** The last import that was completed; null before there is one. @throws NotAllowed */
export async function lastImport(pool: pg.Pool, actor: Actor, connectorId: string): Promise<LastImport | null> {
  authorize(actor, 'connectors.read');
  return (await lastImportsOf(pool, actor.organizationId, [connectorId])).get(connectorId) ?? null;
}

/** The same of several connectors, for the portal itself. Those that have none are left out. */
export async function lastImportsOf(
  client: Queryable,
  organizationId: string,
  connectorIds: readonly string[],
): Promise<ReadonlyMap<string, LastImport>> {
  const { rows } = await client.query<LastRow>(
    `SELECT c.id AS connector_id, i.number, i.starts_at, i.ends_at, i.completed_at, i.counters
       FROM connector c CROSS JOIN LATERAL (
         SELECT i.number, w.starts_at, w.ends_at, i.completed_at, ${COUNTERS}
           FROM import i JOIN import_window w ON w.id = i.window_id
          WHERE i.organization_id = $1 AND i.connector_id = c.id AND i.phase = 'completed'
          ORDER BY i.number DESC LIMIT 1) i
      WHERE c.organization_id = $1 AND c.id = ANY ($2)`,
    [organizationId, connectorIds],
  );
  return new Map(rows.map((row) => [row.connector_id, lastOf(row)]));
}

interface LastRow extends Pick<Row, 'number' | 'starts_at' | 'ends_at' | 'counters'> {
  readonly connector_id: string;
  readonly completed_at: Date;
}

function lastOf(row: LastRow): LastImport {
  return {
    number: row.number,
    windowStart: row.starts_at.toISOString(),
    windowEnd: row.ends_at.toISOString(),
    completedAt: row.completed_at.toISOString(),
    counts: countsOf(row.counters),
  };
}

function importLine(row: Row): ImportLine {
  const frozen = countsSchema.safeParse(row.counts_at_completion);
  return {
    id: row.id,
    number: row.number,
    trigger: row.trigger,
    phase: row.phase,
    windowStart: row.starts_at.toISOString(),
    windowEnd: row.ends_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    completedAt: row.completed_at?.toISOString() ?? null,
    problem: row.problem,
    countsAtCompletion: frozen.success ? frozen.data : null,
    counts: countsOf(row.counters),
  };
}

/** Windows of a connector that are open and of which no import is under way. @throws NotAllowed */
export async function openWindowCount(pool: pg.Pool, actor: Actor, connectorId: string): Promise<number> {
  authorize(actor, 'connectors.read');
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM import_window w
      WHERE w.organization_id = $1 AND w.connector_id = $2 AND w.state = 'open' AND NOT EXISTS (
        SELECT 1 FROM import i WHERE i.window_id = w.id AND i.phase NOT IN ('completed', 'cancelled'))`,
    [actor.organizationId, connectorId],
  );
  return rows[0]?.count ?? 0;
}

/** The numbers of all imports of a connector that are over, added. @throws NotAllowed */
export async function countsOfFinishedImports(pool: pg.Pool, actor: Actor, connectorId: string): Promise<Counts> {
  authorize(actor, 'connectors.read');
  const { rows } = await pool.query<{ outcome: string; count: string }>(
    `SELECT k.outcome, sum(k.count) AS count
       FROM ${ofConnectors('SELECT id FROM connector WHERE organization_id = $1 AND id = $2', null, IS_OVER)} k
      GROUP BY k.outcome`,
    [actor.organizationId, connectorId],
  );
  return countsOf(rows);
}
