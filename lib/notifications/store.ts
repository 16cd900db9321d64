/** The SQL of notifications. Every statement is set-based: a minute's round costs a few, however many connectors there are. */
import type pg from 'pg';
import type { Queryable } from '../db.ts';
import { contentSchema, type NoticeContent } from './content.ts';
import type { NotificationEvent } from './events.ts';
import type { Condition, DayImported, OpenAlerts } from './rules.ts';

export type Channel = 'email' | 'webhook' | 'heartbeat';

export interface SettingRow {
  readonly connectorId: string;
  readonly addresses: readonly string[];
  readonly waitingAbove: number;
  readonly dailySummary: boolean;
  readonly summaryHour: number;
  readonly summaryDueAt: Date;
  readonly webhookHost: string | null;
  readonly webhookUrlSealed: string | null;
  readonly webhookSecretSealed: string | null;
  readonly heartbeatHost: string | null;
  readonly heartbeatUrlSealed: string | null;
  readonly heartbeatNumber: number;
}

const SETTING = `s.connector_id AS "connectorId", s.addresses, s.waiting_above AS "waitingAbove",
  s.daily_summary AS "dailySummary", s.summary_hour AS "summaryHour", s.summary_due_at AS "summaryDueAt",
  s.webhook_host AS "webhookHost", s.webhook_url_sealed AS "webhookUrlSealed",
  s.webhook_secret_sealed AS "webhookSecretSealed", s.heartbeat_host AS "heartbeatHost",
  s.heartbeat_url_sealed AS "heartbeatUrlSealed", s.heartbeat_number AS "heartbeatNumber"`;

/** Organizations in which somebody is told something, or a notice is on its way. */
export async function organizationsToTell(pool: pg.Pool): Promise<{ readonly organizationId: string }[]> {
  const { rows } = await pool.query<{ organizationId: string }>(
    'SELECT DISTINCT organization_id AS "organizationId" FROM notification_setting',
  );
  return rows;
}

/** Lets one round of an organization run at a time, to the end of the transaction: facts that are older come to nothing. */
export async function takeTurn(client: Queryable, organizationId: string): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    `SELECT pg_try_advisory_xact_lock(hashtextextended('notifications:' || $1, 0)) AS taken`,
    [organizationId],
  );
  return rows[0]?.taken === true;
}

/** As `takeTurn`, for who cannot come again: waits for the round that runs. */
export async function waitForTurn(client: Queryable, organizationId: string): Promise<void> {
  await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('notifications:' || $1, 0))`, [organizationId]);
}

/** Settings of the live connectors of an organization. */
export async function settingsOf(client: Queryable, organizationId: string): Promise<SettingRow[]> {
  const { rows } = await client.query<SettingRow>(
    `SELECT ${SETTING} FROM notification_setting s JOIN connector c ON c.id = s.connector_id
     WHERE s.organization_id = $1 AND c.organization_id = $1 AND c.status = 'live' ORDER BY c.name, c.id`,
    [organizationId],
  );
  return rows;
}

export async function settingOf(
  client: Queryable,
  organizationId: string,
  connectorId: string,
): Promise<SettingRow | null> {
  const { rows } = await client.query<SettingRow>(
    `SELECT ${SETTING} FROM notification_setting s WHERE s.organization_id = $1 AND s.connector_id = $2`,
    [organizationId, connectorId],
  );
  return rows[0] ?? null;
}

/** What was imported of each of these days, for the connectors that have a window in it. */
export async function importedOn(
  client: Queryable,
  organizationId: string,
  connectorIds: readonly string[],
  days: readonly Date[],
): Promise<ReadonlyMap<string, DayImported[]>> {
  const { rows } = await client.query<DayImported & { connectorId: string }>(
    `SELECT w.connector_id AS "connectorId", d.day,
       bool_and(w.state <> 'open') AND max(w.ends_at) = d.day + interval '24 hours' AS finished,
       coalesce(sum((SELECT sum(k.count) FROM import i JOIN import_counter k ON k.import_id = i.id
         WHERE i.window_id = w.id AND k.outcome = 'items.imported')), 0)::float8 AS items
     FROM unnest($3::timestamptz[]) AS d(day)
     JOIN import_window w ON w.ends_at > d.day AND w.ends_at <= d.day + interval '24 hours'
     WHERE w.organization_id = $1 AND w.connector_id = ANY ($2) GROUP BY w.connector_id, d.day`,
    [organizationId, connectorIds, days],
  );
  const found = new Map<string, DayImported[]>();
  for (const { connectorId, ...day } of rows) found.set(connectorId, [...(found.get(connectorId) ?? []), day]);
  return found;
}

/** The open alerts of connectors, by code and by the UTC day on which they were raised. */
export async function openAlerts(
  client: Queryable,
  organizationId: string,
  connectorIds: readonly string[],
): Promise<ReadonlyMap<string, OpenAlerts[]>> {
  const { rows } = await client.query<OpenAlerts & { connectorId: string }>(
    `SELECT connector_id AS "connectorId", code, to_char(raised_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day,
       min(raised_at) AS since
     FROM alert WHERE organization_id = $1 AND connector_id = ANY ($2) AND resolved_at IS NULL
     GROUP BY 1, 2, 3 ORDER BY 1, 4, 2`,
    [organizationId, connectorIds],
  );
  const found = new Map<string, OpenAlerts[]>();
  for (const { connectorId, ...alerts } of rows) found.set(connectorId, [...(found.get(connectorId) ?? []), alerts]);
  return found;
}

export interface ToldCondition extends Omit<Condition, 'since'> {
  readonly id: string;
  readonly connectorId: string;
  readonly beganAt: Date;
}

const CONDITION = `c.id, c.connector_id AS "connectorId", c.event, c.subject, c.detail, c.began_at AS "beganAt"`;

export async function openConditions(client: Queryable, organizationId: string): Promise<ToldCondition[]> {
  const { rows } = await client.query<ToldCondition>(
    `SELECT ${CONDITION} FROM notification_condition c WHERE c.organization_id = $1 AND c.ended_at IS NULL ORDER BY c.id`,
    [organizationId],
  );
  return rows;
}

/** Notes conditions as told. @returns those that were not told before: another round may have been faster */
export async function beginConditions(
  client: Queryable,
  organizationId: string,
  conditions: readonly (Condition & { readonly connectorId: string })[],
): Promise<ToldCondition[]> {
  const { rows } = await client.query<ToldCondition>(
    `INSERT INTO notification_condition AS c (organization_id, connector_id, event, subject, detail, began_at)
     SELECT $1, n."connectorId", n.event, n.subject, n.detail, n.since
     FROM jsonb_to_recordset($2) AS n("connectorId" uuid, event text, subject text, detail jsonb, since timestamptz)
     ON CONFLICT (connector_id, event, subject) WHERE ended_at IS NULL DO NOTHING RETURNING ${CONDITION}`,
    [organizationId, JSON.stringify(conditions)],
  );
  return rows;
}

/** Notes that conditions are over. @returns those that were not before */
export async function endConditions(
  client: Queryable,
  organizationId: string,
  ids: readonly string[],
  now: Date,
): Promise<ToldCondition[]> {
  const { rows } = await client.query<ToldCondition>(
    `UPDATE notification_condition c SET ended_at = $3
     WHERE c.organization_id = $1 AND c.id = ANY ($2) AND c.ended_at IS NULL RETURNING ${CONDITION}`,
    [organizationId, ids, now],
  );
  return rows;
}

export interface NewNotice {
  readonly id: string;
  readonly connectorId: string;
  readonly channel: Channel;
  readonly target: string;
  readonly content: NoticeContent;
}

/** Puts notices into the outbox, in the transaction of what they tell. */
export async function addNotices(
  client: Queryable,
  organizationId: string,
  notices: readonly NewNotice[],
): Promise<void> {
  if (notices.length === 0) return;
  await client.query(
    `INSERT INTO notice (id, organization_id, connector_id, channel, target, content)
     SELECT n.id, $1, n."connectorId", n.channel, n.target, n.content FROM jsonb_to_recordset($2)
       AS n(id uuid, "connectorId" uuid, channel text, target text, content jsonb)`,
    [organizationId, JSON.stringify(notices)],
  );
}

/** Moves the summaries that are due to their next time. @returns their connectors: each is claimed once a day */
export async function claimSummaries(
  client: Queryable,
  organizationId: string,
  due: readonly { readonly connectorId: string; readonly nextAt: Date }[],
  now: Date,
): Promise<string[]> {
  const { rows } = await client.query<{ connectorId: string }>(
    `UPDATE notification_setting s SET summary_due_at = d."nextAt"
     FROM jsonb_to_recordset($2) AS d("connectorId" uuid, "nextAt" timestamptz)
     WHERE s.organization_id = $1 AND s.connector_id = d."connectorId" AND s.summary_due_at <= $3
     RETURNING s.connector_id AS "connectorId"`,
    [organizationId, JSON.stringify(due), now],
  );
  return rows.map(({ connectorId }) => connectorId);
}

/** Notes the newest complete import of connectors. @returns those for which it was not noted before */
export async function claimHeartbeats(
  client: Queryable,
  organizationId: string,
  complete: readonly { readonly connectorId: string; readonly number: number }[],
): Promise<string[]> {
  const { rows } = await client.query<{ connectorId: string }>(
    `UPDATE notification_setting s SET heartbeat_number = d.number
     FROM jsonb_to_recordset($2) AS d("connectorId" uuid, number integer)
     WHERE s.organization_id = $1 AND s.connector_id = d."connectorId" AND s.heartbeat_number < d.number
     RETURNING s.connector_id AS "connectorId"`,
    [organizationId, JSON.stringify(complete)],
  );
  return rows.map(({ connectorId }) => connectorId);
}

export interface AppliedVersion {
  readonly connectorId: string;
  readonly version: number;
  readonly rows: number;
  readonly at: Date;
}

/** Mapping versions that came into force since the last one that was told, also those that another has replaced since. */
export async function claimMappings(client: Queryable, organizationId: string): Promise<AppliedVersion[]> {
  const { rows } = await client.query<AppliedVersion>(
    `WITH applied AS (
       SELECT v.connector_id, v.number, v.row_count, v.applied_at
       FROM notification_setting s JOIN mapping_version v ON v.connector_id = s.connector_id
       WHERE s.organization_id = $1 AND v.organization_id = $1 AND v.applied_at > s.mapping_told_at),
     told AS (
       UPDATE notification_setting s SET mapping_told_at = a.at
       FROM (SELECT connector_id, max(applied_at) AS at FROM applied GROUP BY 1) AS a
       WHERE s.organization_id = $1 AND s.connector_id = a.connector_id)
     SELECT connector_id AS "connectorId", number AS version, row_count AS rows, applied_at AS at FROM applied
     ORDER BY applied_at`,
    [organizationId],
  );
  return rows;
}

export interface ClaimedNotice extends NewNotice {
  readonly attempts: number;
  readonly createdAt: Date;
  readonly setting: Pick<
    SettingRow,
    'addresses' | 'webhookHost' | 'webhookUrlSealed' | 'webhookSecretSealed' | 'heartbeatHost' | 'heartbeatUrlSealed'
  >;
}

/**
 * Takes notices that are due. Each is this caller's for `CLAIM_SECONDS`; a caller that dies leaves it to the next, so that
 * it may come twice, with the same id.
 */
export async function claimNotices(pool: pg.Pool, organizationId: string, most: number): Promise<ClaimedNotice[]> {
  const { rows } = await pool.query<ClaimedNotice>(
    `WITH due AS (
       SELECT id FROM notice WHERE organization_id = $1 AND state = 'pending' AND next_attempt_at <= now()
         -- Nobody reads that something is over before they read that it began.
         AND NOT (content->>'kind' = 'ended' AND EXISTS (SELECT 1 FROM notice began
           WHERE began.organization_id = $1 AND began.connector_id = notice.connector_id AND began.state = 'pending'
             AND began.channel = notice.channel AND began.target = notice.target
             AND began.content->>'kind' = 'began' AND began.content->>'condition' = notice.content->>'condition'))
       ORDER BY next_attempt_at, id LIMIT $2 FOR UPDATE SKIP LOCKED)
     UPDATE notice n SET attempts = n.attempts + 1, next_attempt_at = now() + make_interval(secs => ${CLAIM_SECONDS})
     FROM due, notification_setting s
     WHERE n.id = due.id AND n.organization_id = $1 AND s.connector_id = n.connector_id
     RETURNING n.id, n.connector_id AS "connectorId", n.channel, n.target, n.content, n.attempts,
       n.created_at AS "createdAt", jsonb_build_object('addresses', s.addresses, 'webhookHost', s.webhook_host,
         'webhookUrlSealed', s.webhook_url_sealed, 'webhookSecretSealed', s.webhook_secret_sealed,
         'heartbeatHost', s.heartbeat_host, 'heartbeatUrlSealed', s.heartbeat_url_sealed) AS setting`,
    [organizationId, most],
  );
  // What another version wrote is left to it.
  return rows.flatMap((row) => {
    const content = contentSchema.safeParse(row.content);
    return content.success ? [{ ...row, content: content.data }] : [];
  });
}

/** Longer than any channel waits: a mail takes ten steps of 20 seconds at most, and five notices are claimed at a time. */
const CLAIM_SECONDS = 300;

/**
 * Says what came of an attempt. Nothing, where another attempt has begun since.
 *
 * @param outcome `pending`: tried again after `retryMinutes`
 */
export async function settleNotice(
  pool: pg.Pool,
  organizationId: string,
  { id, attempts }: Pick<ClaimedNotice, 'id' | 'attempts'>,
  outcome: { readonly state: 'sent' | 'given_up' | 'withdrawn' | 'pending'; readonly answer: string },
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

export interface ShownNotice {
  readonly id: string;
  readonly channel: Channel;
  readonly target: string;
  readonly kind: NoticeContent['kind'];
  readonly event: NotificationEvent | null;
  readonly state: 'pending' | 'sent' | 'given_up' | 'withdrawn';
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
    `SELECT id, channel, target, content->>'kind' AS kind, content->>'event' AS event, state, attempts, answer,
       created_at AS "createdAt"
     FROM notice WHERE organization_id = $1 AND connector_id = $2 ORDER BY created_at DESC, id LIMIT $3`,
    [organizationId, connectorId, most],
  );
  return rows;
}

/** Nobody is told of a deleted connector, and nothing that is sealed is kept. In the transaction that deletes it. */
export async function forgetChannels(client: Queryable, organizationId: string, connectorId: string): Promise<void> {
  await client.query(
    `UPDATE notification_setting SET addresses = '{}', webhook_host = NULL, webhook_url_sealed = NULL,
       webhook_secret_sealed = NULL, heartbeat_host = NULL, heartbeat_url_sealed = NULL, updated_at = now()
     WHERE organization_id = $1 AND connector_id = $2`,
    [organizationId, connectorId],
  );
}

/** Removes what was told long ago. */
export async function forgetOld(client: Queryable, organizationId: string): Promise<void> {
  await client.query(
    `DELETE FROM notice WHERE organization_id = $1 AND created_at < now() - interval '30 days' AND state <> 'pending'`,
    [organizationId],
  );
}
