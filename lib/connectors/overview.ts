/**
 * The read model of the Connectors tab: every connector of an organization with its health, activity, progress and
 * counts, in one statement and so in one moment of the database. Counters and windows are read, ledger rows never. What
 * it costs grows with connectors and with the imports whose staging is not cleared yet: not with the archive.
 */
import { hash } from 'node:crypto';
import type pg from 'pg';
import type { Queryable } from '../db.ts';
import { countsOf } from '../imports/counts.ts';
import { ofConnectors } from '../imports/store/counters.ts';
import { type Actor, authorize } from '../security/actor.ts';
import { activityOf, type OpenPhase } from './activity.ts';
import { healthOf } from './health.ts';
import { nextDailyImport } from './schedule.ts';
import type { ConnectorRow, OpenImport } from './snapshot.ts';

/** Stated limit: connectors an organization may have. */
export const MOST_CONNECTORS = 1_000;
/** Open imports that are shown of one connector; the oldest come first, and they are the ones that move. */
const MOST_OPEN_IMPORTS = 5;

/**
 * The live connectors of the actor's organization by name, at most `MOST_CONNECTORS`.
 *
 * @param connectorIds only these; those that are not live or not the organization's are left out. null for all
 * @param now decides when the next import is
 * @throws NotAllowed
 */
export async function connectorRows(
  pool: pg.Pool,
  actor: Actor,
  connectorIds: readonly string[] | null,
  now: Date,
): Promise<readonly ConnectorRow[]> {
  authorize(actor, 'connectors.read');
  return rowsOfOrganization(pool, actor.organizationId, connectorIds, now);
}

/** The same for the live view, which reads once for all who watch; each of them was let in by `LiveHub.watch`. */
export async function rowsOfOrganization(
  pool: Queryable,
  organizationId: string,
  connectorIds: readonly string[] | null,
  now: Date,
): Promise<readonly ConnectorRow[]> {
  const { rows } = await pool.query<Row>(OVERVIEW, [organizationId, connectorIds, MOST_CONNECTORS, MOST_OPEN_IMPORTS]);
  return rows.map((row) => connectorRow(row, now));
}

interface CounterRow {
  readonly outcome: string;
  readonly count: number;
}

interface OpenImportRow {
  readonly id: string;
  readonly number: number;
  readonly phase: OpenPhase;
  readonly window_start: string;
  readonly window_end: string;
  readonly since: string;
  readonly problem: string | null;
  readonly next_attempt_at: string;
  readonly counters: readonly CounterRow[];
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly paused_at: Date | null;
  readonly stopped_at: Date | null;
  readonly stopped_reason: string | null;
  readonly schedule_minute: number;
  readonly planned_through: Date | null;
  readonly alerts: readonly string[];
  readonly waiting: number;
  readonly failed: number;
  readonly unreadable: number;
  readonly open: readonly OpenImportRow[];
  readonly last_number: number | null;
  readonly balanced_up_to: Date | null;
  /** null where no verification is under way */
  readonly verification_done: number | null;
  readonly verification_total: number | null;
  readonly verified_at: Date | null;
}

const TO_DO = `'copies.waiting', 'copies.failed', 'items.unreadable',
  'signed_off.waiting', 'signed_off.failed', 'signed_off.unreadable'`;

// Windows follow each other without a gap: the connector balances up to where the first begins that is not settled, which
// is the end of the one that it follows. Where that is the very first, it is nowhere. A window is not settled while it is
// open, or lost at the source and nobody accepted that by closing its alert.
const OVERVIEW = `
WITH chosen AS (
  SELECT * FROM connector
  WHERE organization_id = $1 AND status = 'live' AND ($2::uuid[] IS NULL OR id = ANY ($2))
  ORDER BY name, id LIMIT $3
), to_do AS (
  SELECT k.connector_id,
    sum(CASE k.outcome WHEN 'copies.waiting' THEN k.count WHEN 'signed_off.waiting' THEN -k.count END)::float8 AS waiting,
    sum(CASE k.outcome WHEN 'copies.failed' THEN k.count WHEN 'signed_off.failed' THEN -k.count END)::float8 AS failed,
    sum(CASE k.outcome WHEN 'items.unreadable' THEN k.count WHEN 'signed_off.unreadable' THEN -k.count END)::float8
      AS unreadable
  FROM ${ofConnectors('SELECT id FROM chosen', TO_DO)} k
  GROUP BY k.connector_id
), running AS (
  SELECT i.*, row_number() OVER (PARTITION BY i.connector_id ORDER BY i.number) AS place
  FROM import i
  WHERE i.phase NOT IN ('completed', 'cancelled')
    AND i.organization_id = $1 AND i.connector_id IN (SELECT id FROM chosen)
), open_imports AS (
  SELECT r.connector_id, json_agg(json_build_object(
      'id', r.id, 'number', r.number, 'phase', r.phase,
      'window_start', w.starts_at, 'window_end', w.ends_at,
      'since', CASE WHEN r.phase = 'queued' THEN r.created_at
                    WHEN r.phase = 'collecting' THEN coalesce(r.started_at, r.created_at)
                    ELSE coalesce(r.collected_at, r.started_at, r.created_at) END,
      'problem', r.problem, 'next_attempt_at', r.next_attempt_at,
      'counters', coalesce((
        SELECT json_agg(json_build_object('outcome', k.outcome, 'count', k.count))
        FROM import_counter k WHERE k.import_id = r.id), '[]'::json)
    ) ORDER BY r.number) AS imports
  FROM running r JOIN import_window w ON w.id = r.window_id
  WHERE r.place <= $4
  GROUP BY r.connector_id
), alerts AS (
  SELECT a.connector_id, array_agg(DISTINCT a.code ORDER BY a.code) AS codes FROM alert a
  WHERE a.organization_id = $1 AND a.resolved_at IS NULL AND a.connector_id IN (SELECT id FROM chosen)
  GROUP BY a.connector_id
), unsettled AS (
  SELECT DISTINCT ON (w.connector_id) w.connector_id, w.follows FROM (
    SELECT o.connector_id, o.starts_at, o.follows FROM import_window o
    WHERE o.organization_id = $1 AND o.state = 'open' AND o.connector_id IN (SELECT id FROM chosen)
    UNION ALL
    SELECT l.connector_id, l.starts_at, l.follows FROM alert a JOIN import_window l ON l.connector_id = a.connector_id
      AND l.starts_at < (a.detail->>'to')::timestamptz AND l.ends_at > (a.detail->>'from')::timestamptz
    WHERE a.organization_id = $1 AND a.code = 'lost_at_source' AND a.resolved_at IS NULL AND l.state = 'lost'
      AND a.connector_id IN (SELECT id FROM chosen)) w
  ORDER BY w.connector_id, w.starts_at
)
SELECT c.id, c.name, c.kind, c.paused_at, c.stopped_at, c.stopped_reason, c.schedule_minute, planned.ends_at AS planned_through,
  coalesce(alerts.codes, '{}') AS alerts,
  coalesce(to_do.waiting, 0) AS waiting, coalesce(to_do.failed, 0) AS failed, coalesce(to_do.unreadable, 0) AS unreadable,
  coalesce(open_imports.imports, '[]'::json) AS open,
  last.number AS last_number,
  CASE WHEN unsettled.connector_id IS NULL THEN planned.ends_at ELSE unsettled.follows END AS balanced_up_to,
  verification.done AS verification_done, verification.total AS verification_total, verified.finished_at AS verified_at
FROM chosen c
LEFT JOIN to_do ON to_do.connector_id = c.id
LEFT JOIN open_imports ON open_imports.connector_id = c.id
LEFT JOIN alerts ON alerts.connector_id = c.id
LEFT JOIN LATERAL (
  SELECT i.number FROM import i
  WHERE i.connector_id = c.id AND i.organization_id = $1 AND i.phase = 'completed'
  ORDER BY i.number DESC LIMIT 1
) last ON true
LEFT JOIN LATERAL (
  SELECT w.ends_at FROM import_window w WHERE w.connector_id = c.id ORDER BY w.ends_at DESC LIMIT 1
) planned ON true
LEFT JOIN unsettled ON unsettled.connector_id = c.id
LEFT JOIN verification ON verification.connector_id = c.id AND verification.organization_id = $1
  AND verification.state IN ('queued', 'running')
LEFT JOIN LATERAL (
  SELECT v.finished_at FROM verification v
  WHERE v.connector_id = c.id AND v.organization_id = $1 AND v.state IN ('done', 'failed')
  ORDER BY v.requested_at DESC LIMIT 1
) verified ON true
ORDER BY c.name, c.id`;

function connectorRow(row: Row, now: Date): ConnectorRow {
  const stopped = row.stopped_at !== null;
  const stoppedReason = stopped ? (row.stopped_reason ?? 'unknown') : null;
  const toDo = { waiting: row.waiting, failed: row.failed, unreadable: row.unreadable };
  const resting = stopped || row.paused_at !== null;
  return versioned({
    id: row.id,
    name: row.name,
    kind: row.kind,
    health: healthOf({ stoppedReason, openAlerts: row.alerts, toDo, hasRun: row.balanced_up_to !== null }),
    activity: activityOf({
      paused: row.paused_at !== null,
      stopped,
      openPhases: row.open.map(({ phase }) => phase),
    }),
    stoppedReason,
    stoppedAt: isoOrNull(row.stopped_at),
    pausedAt: isoOrNull(row.paused_at),
    alerts: [...row.alerts],
    toDo,
    open: row.open.map(openImport),
    lastNumber: row.last_number,
    balancedUpTo: isoOrNull(row.balanced_up_to),
    verification:
      row.verification_done === null ? null : { done: row.verification_done, total: row.verification_total },
    verifiedAt: isoOrNull(row.verified_at),
    nextImportAt: resting ? null : nextDailyImport(row.schedule_minute, now, row.planned_through).toISOString(),
  });
}

function versioned(row: Omit<ConnectorRow, 'version'>): ConnectorRow {
  return { ...row, version: hash('sha1', JSON.stringify(row), 'buffer').readUInt32BE() };
}

function openImport(row: OpenImportRow): OpenImport {
  return {
    id: row.id,
    number: row.number,
    phase: row.phase,
    windowStart: iso(row.window_start),
    windowEnd: iso(row.window_end),
    since: iso(row.since),
    counts: countsOf(row.counters),
    problem: row.problem,
    nextAttemptAt: iso(row.next_attempt_at),
  };
}

/** PostgreSQL's JSON writes a time with an offset; the browser is given UTC. */
function iso(text: string): string {
  return new Date(text).toISOString();
}

function isoOrNull(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}
