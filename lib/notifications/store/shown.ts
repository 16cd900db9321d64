/** What pages show of the outbox. */
import type pg from 'pg';
import type { Single } from '../content.ts';
import type { NotificationEvent } from '../events.ts';
import type { Channel } from '../targets.ts';

export interface ShownNotice {
  readonly id: string;
  readonly channel: Channel;
  readonly target: string;
  readonly kind: Single['kind'];
  readonly event: NotificationEvent | null;
  /** connectors that it is about, this one among them */
  readonly connectors: number;
  readonly state: 'pending' | 'sent' | 'withdrawn' | 'superseded';
  readonly attempts: number;
  readonly answer: string | null;
  readonly createdAt: Date;
}

/** The newest notices of a connector. */
export async function newestNotices(
  pool: pg.Pool,
  organizationId: string,
  connectorId: string,
  most: number,
): Promise<ShownNotice[]> {
  const { rows } = await pool.query<ShownNotice>(
    `SELECT id, channel, target, kind,
       CASE WHEN kind IN ('began', 'ended') THEN split_part(cause, ' ', 1) END AS event,
       cardinality(connector_ids) AS connectors, state, attempts, answer, created_at AS "createdAt"
     FROM notice WHERE organization_id = $1 AND connector_ids @> ARRAY[$2::uuid] ORDER BY created_at DESC, id LIMIT $3`,
    [organizationId, connectorId, most],
  );
  return rows;
}

export interface Undelivered {
  readonly channel: Channel;
  readonly count: number;
  /** when the oldest of them was made */
  readonly since: Date;
  /** what the server said of the newest attempt */
  readonly answer: string;
}

/** Notices that were tried and have waited for ten minutes, by channel. */
export async function undeliveredNotices(pool: pg.Pool, organizationId: string): Promise<Undelivered[]> {
  const { rows } = await pool.query<Undelivered>(
    `SELECT channel, count(*)::int AS count, min(created_at) AS since,
       (array_agg(answer ORDER BY next_attempt_at DESC))[1] AS answer
     FROM notice WHERE organization_id = $1 AND state = 'pending' AND answer IS NOT NULL
       AND created_at < now() - interval '10 minutes' GROUP BY channel ORDER BY channel`,
    [organizationId],
  );
  return rows;
}
