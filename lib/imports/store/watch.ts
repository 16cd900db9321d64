/**
 * What is told of imports that do not come to an end. One alert a connector and code, however many windows there are, and
 * it ends when the last of them goes on: a source that is away for a day is one piece of news.
 */
import type pg from 'pg';
import type { ReasonCode } from '../reasons.ts';
import { IS_OVER } from './clearing.ts';

/** Attempts without any progress; with the backoff between them about ten minutes. */
const MANY_ATTEMPTS = 6;

const IS_OPEN = `NOT ${IS_OVER}`;
/** Long over, and what was released or retried of it, or was owed when it was cancelled, does not come to rest. */
const IS_UNSETTLED = `${IS_OVER} AND i.staging_cleared_at IS NULL
  AND coalesce(i.unsettled_since, i.started_at) <= now() - interval '2 days'
  AND (SELECT sum(count) FROM import_counter n WHERE n.import_id = i.id AND n.outcome = 'copies.pending') > 0`;
const RUNS = `c.status = 'live' AND c.paused_at IS NULL AND c.stopped_at IS NULL`;

interface Watched {
  readonly code: ReasonCode;
  /** the imports `i` that it is about; literal SQL of this file */
  readonly about: string;
}

const WATCHED: readonly Watched[] = [
  {
    code: 'keeps_failing',
    about: `${IS_OPEN} AND i.problem IS NOT NULL
      AND (i.attempts >= ${MANY_ATTEMPTS} OR i.started_at <= now() - interval '1 day')`,
  },
  // An attachment is waited for a day; nothing else takes so long.
  {
    code: 'overdue',
    about: `(${IS_OPEN} AND i.problem IS NULL AND i.started_at <= now() - interval '2 days' OR ${IS_UNSETTLED})`,
  },
];

/** Raises the alerts that are due and ends those that are over. @returns connectors of which something changed */
export async function watchImports(
  pool: pg.Pool,
): Promise<{ readonly organizationId: string; readonly connectorId: string }[]> {
  const changed: { organizationId: string; connectorId: string }[] = [];
  for (const { code, about } of WATCHED) {
    const { rows: raised } = await pool.query<{ organizationId: string; connectorId: string }>(
      `INSERT INTO alert (organization_id, connector_id, import_id, code, detail)
       SELECT c.organization_id, c.id, (array_agg(i.id ORDER BY i.number))[1], $1,
         jsonb_strip_nulls(jsonb_build_object('imports', count(*), 'problem', (array_agg(i.problem ORDER BY i.number))[1]))
       FROM import i JOIN connector c ON c.id = i.connector_id
       WHERE ${about} AND ${RUNS} GROUP BY c.organization_id, c.id
       ON CONFLICT (connector_id, code, window_id) WHERE resolved_at IS NULL DO NOTHING
       RETURNING organization_id AS "organizationId", connector_id AS "connectorId"`,
      [code],
    );
    const { rows: ended } = await pool.query<{ organizationId: string; connectorId: string }>(
      `UPDATE alert a SET resolved_at = now() FROM connector c
       WHERE a.code = $1 AND a.resolved_at IS NULL AND c.id = a.connector_id
         AND NOT EXISTS (SELECT 1 FROM import i WHERE i.connector_id = c.id AND ${about})
       RETURNING a.organization_id AS "organizationId", a.connector_id AS "connectorId"`,
      [code],
    );
    changed.push(...raised, ...ended);
  }
  changed.push(...(await watchPlans(pool)));
  return changed;
}

/** Behind by more than a day's run can be: its source cannot be asked, or says that its time stands still. */
const IS_BEHIND = `coalesce((SELECT max(w.ends_at) FROM import_window w WHERE w.connector_id = c.id), c.finished_at)
  <= now() - interval '2 days'`;

/** Where nothing can be planned there is no import that could say so. */
async function watchPlans(pool: pg.Pool): Promise<{ organizationId: string; connectorId: string }[]> {
  const { rows: raised } = await pool.query<{ organizationId: string; connectorId: string }>(
    `INSERT INTO alert (organization_id, connector_id, code)
     SELECT c.organization_id, c.id, 'not_planned' FROM connector c WHERE ${RUNS} AND ${IS_BEHIND}
     ON CONFLICT (connector_id, code, window_id) WHERE resolved_at IS NULL DO NOTHING
     RETURNING organization_id AS "organizationId", connector_id AS "connectorId"`,
  );
  const { rows: ended } = await pool.query<{ organizationId: string; connectorId: string }>(
    `UPDATE alert a SET resolved_at = now() FROM connector c
     WHERE a.code = 'not_planned' AND a.resolved_at IS NULL AND c.id = a.connector_id AND NOT (${IS_BEHIND})
     RETURNING a.organization_id AS "organizationId", a.connector_id AS "connectorId"`,
  );
  return [...raised, ...ended];
}
