/** The outbox, `notice`: a row for each notice and whoever gets it. Sets go in by one statement, however many. */
import type { Queryable } from '../../db.ts';
import { contentSchema, type NoticeContent, type Single } from '../content.ts';
import type { Target } from '../targets.ts';

/** How many mails of one kind and cause one recipient gets. */
export interface Pace {
  /** of a day, so many go as they come */
  readonly atOnce: number;
  /** and then no more than one in so many hours, with all that came meanwhile */
  readonly thenEveryHours: number;
  /** what was told before its end does not count */
  readonly anewAfterEnd: boolean;
}

export interface NewNotice extends Target {
  readonly id: string;
  /** each once */
  readonly connectorIds: readonly string[];
  readonly kind: Single['kind'];
  readonly cause: string;
  readonly content: NoticeContent;
  readonly pace: Pace;
  /** waits for others of its kind, for a day at most */
  readonly held: boolean;
}

const AS_NOTICES = `jsonb_to_recordset($2) AS n(id uuid, "connectorIds" uuid[], channel text, target text, "addressId" uuid,
  kind text, cause text, content jsonb, pace jsonb, held boolean)`;

/** When a mail may go: at once, or once the last one of its cause is so old as its pace says. */
const NOT_BEFORE = `CASE WHEN n.channel <> 'email' THEN now() WHEN n.held THEN now() + interval '24 hours' ELSE (
  SELECT CASE WHEN count(*) < (n.pace->>'atOnce')::int THEN now()
    ELSE greatest(now(), max(coalesce(p.settled_at, p.created_at)) + make_interval(hours => (n.pace->>'thenEveryHours')::int))
    END
  FROM notice p WHERE p.organization_id = $1 AND p.channel = 'email' AND p.target = n.target AND p.kind = n.kind
    AND p.cause = n.cause AND p.created_at > now() - interval '24 hours'
    AND (p.state = 'sent' OR p.state = 'pending' AND p.attempts > 0)
    AND NOT ((n.pace->>'anewAfterEnd')::boolean AND EXISTS (SELECT 1 FROM notice e WHERE e.organization_id = $1
      AND e.channel = 'email' AND e.target = n.target AND e.cause = n.cause AND e.kind = 'ended' AND e.state = 'sent'
      AND e.created_at > p.created_at))) END`;

/** Adds to mails that gather, and begins those of which none does. */
export async function addNotices(
  client: Queryable,
  organizationId: string,
  notices: readonly NewNotice[],
): Promise<void> {
  await client.query(
    `WITH n AS MATERIALIZED (SELECT * FROM ${AS_NOTICES}),
     gathered AS (
       UPDATE notice o SET content = jsonb_set(o.content, '{items}', o.content->'items' || (n.content->'items')),
         connector_ids = ARRAY(SELECT DISTINCT unnest(o.connector_ids || n."connectorIds")),
         next_attempt_at = CASE WHEN n.held THEN o.next_attempt_at ELSE least(o.next_attempt_at, ${NOT_BEFORE}) END
       FROM n WHERE n.channel = 'email' AND o.channel = 'email' AND o.organization_id = $1 AND o.target = n.target
         AND o.kind = n.kind AND o.cause = n.cause AND o.state = 'pending' AND o.attempts = 0
       RETURNING n.id)
     INSERT INTO notice (id, organization_id, connector_ids, channel, target, address_id, kind, cause, content,
       next_attempt_at)
     SELECT n.id, $1, n."connectorIds", n.channel, n.target, n."addressId", n.kind, n.cause, n.content, ${NOT_BEFORE}
     FROM n WHERE n.id NOT IN (SELECT id FROM gathered)`,
    [organizationId, JSON.stringify(notices)],
  );
}

/** An older summary or heartbeat that did not get through is not sent behind a newer one. */
export async function supersedeOlder(
  client: Queryable,
  organizationId: string,
  notices: readonly NewNotice[],
): Promise<void> {
  await client.query(
    `UPDATE notice o SET state = 'superseded', settled_at = now() FROM ${AS_NOTICES}
     WHERE n.kind IN ('summary', 'heartbeat') AND o.organization_id = $1 AND o.state = 'pending' AND o.kind = n.kind
       AND o.channel = n.channel AND o.target = n.target
       AND (o.channel = 'email' OR o.connector_ids = n."connectorIds")`,
    [organizationId, JSON.stringify(notices.map(({ content: _, ...notice }) => notice))],
  );
}

/** A heartbeat says "now": one that is late, or of a connector that something is wrong with, is not sent. */
export async function dropHeartbeats(
  client: Queryable,
  organizationId: string,
  unwell: readonly string[],
): Promise<void> {
  await client.query(
    `UPDATE notice SET state = 'superseded', settled_at = now()
     WHERE organization_id = $1 AND state = 'pending' AND channel = 'heartbeat'
       AND (created_at < now() - interval '1 hour' OR connector_ids && $2::uuid[])`,
    [organizationId, unwell],
  );
}

export interface PendingNotice extends Target {
  readonly id: string;
  readonly content: NoticeContent;
}

/** Notices of a beginning that are on their way, of these connectors. Theirs to the end of the transaction. */
export async function pendingBeginnings(
  client: Queryable,
  organizationId: string,
  connectorIds: readonly string[],
): Promise<PendingNotice[]> {
  const { rows } = await client.query<PendingNotice>(
    `SELECT id, channel, target, address_id AS "addressId", content FROM notice
     WHERE organization_id = $1 AND state = 'pending' AND kind = 'began' AND connector_ids && $2::uuid[]
     ORDER BY id FOR UPDATE`,
    [organizationId, connectorIds],
  );
  return rows.flatMap((row) => {
    const content = contentSchema.safeParse(row.content);
    return content.success ? [{ ...row, content: content.data }] : [];
  });
}

/** Writes what is left of notices; one of which nothing is left is superseded. */
export async function replaceContents(
  client: Queryable,
  organizationId: string,
  changed: readonly {
    readonly id: string;
    readonly connectorIds: readonly string[];
    readonly content: NoticeContent;
  }[],
): Promise<void> {
  if (changed.length === 0) return;
  await client.query(
    `UPDATE notice o SET
       state = CASE WHEN cardinality(n."connectorIds") = 0 THEN 'superseded' ELSE o.state END,
       settled_at = CASE WHEN cardinality(n."connectorIds") = 0 THEN now() END,
       connector_ids = CASE WHEN cardinality(n."connectorIds") = 0 THEN o.connector_ids ELSE n."connectorIds" END,
       content = CASE WHEN cardinality(n."connectorIds") = 0 THEN o.content ELSE n.content END
     FROM ${AS_NOTICES} WHERE o.organization_id = $1 AND o.id = n.id AND o.state = 'pending'`,
    [organizationId, JSON.stringify(changed)],
  );
}
