/** Taking notices out of the outbox, one server at a time, and what came of it. */
import type pg from 'pg';
import { contentSchema, type NoticeContent } from '../content.ts';
import type { Channel } from '../targets.ts';

/** Whom a request goes to: the mail server is one, and so is each host of webhooks and of heartbeats. */
export interface Server {
  readonly channel: Channel;
  /** '' for the mail server */
  readonly host: string;
}

const HOST = `CASE channel WHEN 'email' THEN '' ELSE target END`;
const DUE = `organization_id = $1 AND state = 'pending' AND next_attempt_at <= now()`;
const OF_SERVER = `channel = $2 AND ${HOST} = $3`;

/** The servers for which something is due, the longest due first. */
export async function dueServers(pool: pg.Pool, organizationId: string): Promise<Server[]> {
  const { rows } = await pool.query<Server>(
    `SELECT channel, ${HOST} AS host FROM notice WHERE ${DUE} GROUP BY 1, 2 ORDER BY min(next_attempt_at)`,
    [organizationId],
  );
  return rows;
}

export interface ClaimedNotice {
  readonly id: string;
  readonly channel: Channel;
  readonly target: string;
  readonly content: NoticeContent;
  readonly connectorIds: readonly string[];
  /** of these connectors whoever gets it is still named, by the address that it was for */
  readonly wantedOf: readonly string[];
  /** of the first connector */
  readonly sealed: {
    readonly webhookUrlSealed: string | null;
    readonly webhookSecretSealed: string | null;
    readonly heartbeatUrlSealed: string | null;
  } | null;
  readonly attempts: number;
}

/** Longer than any attempt takes: a mail has a minute, and what is claimed is sent at once. */
const CLAIM_SECONDS = 300;

/**
 * Takes notices for a server that are due. Each is this caller's for five minutes; a caller that dies leaves it to the
 * next, so that it may come twice, with the same id.
 */
export async function claimNotices(
  pool: pg.Pool,
  organizationId: string,
  { channel, host }: Server,
  most: number,
): Promise<ClaimedNotice[]> {
  const { rows } = await pool.query<ClaimedNotice>(
    `WITH due AS (
       SELECT id FROM notice WHERE ${DUE} AND ${OF_SERVER} ORDER BY next_attempt_at, id LIMIT $4 FOR UPDATE SKIP LOCKED)
     UPDATE notice n SET attempts = n.attempts + 1, next_attempt_at = now() + make_interval(secs => ${CLAIM_SECONDS})
     FROM due WHERE n.id = due.id AND n.organization_id = $1
     RETURNING n.id, n.channel, n.target, n.content, n.connector_ids AS "connectorIds", n.attempts,
       ARRAY(SELECT s.connector_id FROM notification_setting s
         WHERE s.organization_id = $1 AND s.connector_id = ANY (n.connector_ids) AND CASE n.channel
           WHEN 'email' THEN n.target = ANY (s.addresses) WHEN 'webhook' THEN s.webhook_id = n.address_id
           ELSE s.heartbeat_id = n.address_id END) AS "wantedOf",
       (SELECT json_build_object('webhookUrlSealed', s.webhook_url_sealed, 'webhookSecretSealed', s.webhook_secret_sealed,
         'heartbeatUrlSealed', s.heartbeat_url_sealed) FROM notification_setting s
         WHERE s.organization_id = $1 AND s.connector_id = n.connector_ids[1]) AS sealed`,
    [organizationId, channel, host, most],
  );
  // What another version wrote is left to it.
  return rows.flatMap((row) => {
    const content = contentSchema.safeParse(row.content);
    return content.success ? [{ ...row, content: content.data }] : [];
  });
}

/**
 * Says what came of an attempt. Nothing, where another attempt has begun since, or nobody waits for it any more.
 *
 * @param outcome `pending`: tried again after `retryMinutes`
 */
export async function settleNotice(
  pool: pg.Pool,
  organizationId: string,
  { id, attempts }: Pick<ClaimedNotice, 'id' | 'attempts'>,
  outcome: { readonly state: 'sent' | 'withdrawn' | 'pending'; readonly answer: string },
  retryMinutes = 0,
): Promise<void> {
  await pool.query(
    `UPDATE notice SET state = $4, answer = $5,
       settled_at = CASE WHEN $4 = 'pending' THEN NULL ELSE now() END,
       next_attempt_at = now() + make_interval(mins => $6)
     WHERE organization_id = $1 AND id = $2 AND attempts = $3 AND state = 'pending'`,
    [organizationId, id, attempts, outcome.state, outcome.answer, retryMinutes],
  );
}

/** A server that is away is not asked for each notice that waits for it: all that is due for it is put off. */
export async function putOff(
  pool: pg.Pool,
  organizationId: string,
  { channel, host }: Server,
  answer: string,
  minutes: number,
): Promise<void> {
  await pool.query(
    `UPDATE notice SET next_attempt_at = now() + make_interval(mins => $5), answer = $4 WHERE ${DUE} AND ${OF_SERVER}`,
    [organizationId, channel, host, answer, minutes],
  );
}
