/** How the installation stands, asked when Prometheus asks: every worker says the same, so that a dashboard takes the maximum. */
import type pg from 'pg';
import { Gauge, type Registry } from 'prom-client';
import { JOB_STATES, type QueueStanding } from '../queue/standing.ts';

/** However many ask: so long one answer is given. */
const KEPT_MS = 5_000;

export interface StandingParts {
  readonly pool: pg.Pool;
  readonly queues: () => Promise<readonly QueueStanding[]>;
  /** monotonic milliseconds */
  readonly now: () => number;
}

/** Windows follow each other without a gap: up to the first open one everything is settled. Who is paused is late on purpose. */
const LAGS = `
SELECT id, extract(epoch FROM now() - settled)::float8 AS seconds
FROM (
  SELECT c.id, coalesce(
    (SELECT min(w.starts_at) FROM import_window w WHERE w.connector_id = c.id AND w.state = 'open'),
    (SELECT max(w.ends_at) FROM import_window w WHERE w.connector_id = c.id)) AS settled
  FROM connector c WHERE c.status = 'live' AND c.paused_at IS NULL) AS of
WHERE settled IS NOT NULL`;

/** Registers the gauges. @returns reads them anew, at most every five seconds; fails where the database or Redis is away */
export function standing(registry: Registry, { pool, queues, now }: StandingParts): () => Promise<void> {
  const registers = [registry];
  const lag = new Gauge({
    name: 'portal_connector_lag_seconds',
    help: 'Time since the moment up to which everything of a connector is settled',
    labelNames: ['connector'],
    registers,
  });
  const alerts = new Gauge({
    name: 'portal_alerts',
    help: 'Open alerts of all connectors by code',
    labelNames: ['code'],
    registers,
  });
  const undone = new Gauge({
    name: 'portal_undone',
    help: 'Copies and items that nobody could deliver yet and nobody has signed off, by kind',
    labelNames: ['kind'],
    registers,
  });
  const jobs = new Gauge({
    name: 'portal_queue_jobs',
    help: 'Jobs in a queue by state',
    labelNames: ['queue', 'state'],
    registers,
  });
  const oldest = new Gauge({
    name: 'portal_queue_oldest_seconds',
    help: 'How long the job waits that has waited longest; 0 where none does',
    labelNames: ['queue'],
    registers,
  });

  const askDatabase = async (): Promise<void> => {
    const lags = await pool.query<{ id: string; seconds: number }>(LAGS);
    const codes = await pool.query<{ code: string; count: number }>(
      'SELECT code, count(*)::float8 AS count FROM alert WHERE resolved_at IS NULL GROUP BY code',
    );
    const kinds = await pool.query<{ kind: string; count: number }>(
      'SELECT kind, count(*)::float8 AS count FROM undone GROUP BY kind',
    );
    // What is over is not shown as it was: a label that is not set again must go.
    for (const gauge of [lag, alerts, undone]) gauge.reset();
    for (const { id, seconds } of lags.rows) lag.set({ connector: id }, seconds);
    for (const { code, count } of codes.rows) alerts.set({ code }, count);
    for (const { kind, count } of kinds.rows) undone.set({ kind }, count);
  };

  const askQueues = async (): Promise<void> => {
    for (const { queue, jobs: counts, oldestSeconds } of await queues()) {
      for (const state of JOB_STATES) jobs.set({ queue, state }, counts[state]);
      oldest.set({ queue }, oldestSeconds);
    }
  };

  let kept: { readonly asked: Promise<void>; readonly until: number } | undefined;
  return () => {
    if (kept !== undefined && now() < kept.until) return kept.asked;
    const asked = Promise.all([askDatabase(), askQueues()]).then(() => {});
    kept = { asked, until: now() + KEPT_MS };
    return asked;
  };
}
