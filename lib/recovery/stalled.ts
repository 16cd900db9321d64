/**
 * Mailboxes that cannot be read hold their connector in recovery. Where Microsoft 365 is asked for an hour and none answers, somebody
 * is told, by name.
 */
import type pg from 'pg';
import { inTransaction, type Queryable } from '../db.ts';
import type { ReasonCode } from '../imports/reasons.ts';
import { mayDeliver } from '../imports/reasons.ts';
import { raiseAlert } from '../imports/store/connectors.ts';
import type { Held } from './begin.ts';

export const STALLED: ReasonCode = 'compare_stalls';

/** Longer than Graph asks anybody to wait. */
const PATIENCE = `interval '1 hour'`;

/** As many an alert names; the others are counted, and `npm run recover` has them all. */
export const NAMED = 20;

/** Of a recovery's connector `rc` whose mailboxes are known: when something was last heard of one; null before they are. */
const LAST_ANSWER = `greatest(rc.named_at, (SELECT max(greatest(l.listed_at, l.answered_at)) FROM recovery_mailbox l
  WHERE l.recovery_id = rc.recovery_id AND l.connector_id = rc.connector_id))`;

/** A mailbox `m` that was asked since then, and has not answered. One that nobody asked is no such mailbox. */
export const UNANSWERED = `EXISTS (SELECT FROM last WHERE m.recovery_id = last.recovery_id AND m.connector_id = last.connector_id
  AND m.listed_at IS NULL AND m.asked_at >= last.answer)`;

/** `last` of the parameters $1 (recovery) and $2 (connector). */
export const LAST = `last AS MATERIALIZED (SELECT rc.recovery_id, rc.connector_id, ${LAST_ANSWER} AS answer FROM recovery_connector rc
  WHERE rc.recovery_id = $1 AND rc.connector_id = $2)`;

/** Mailboxes in an alert's words. */
export interface NamedMailboxes {
  /** in all */
  readonly mailboxes: number;
  /** some of them, with commas between: addresses, or object ids where only that is known */
  readonly addresses: string;
}

/**
 * Mailboxes of a connector's recovery that were asked and have not answered, or that could not be listed.
 *
 * @param client which sees what was written before
 * @param limit as many are named; null: all
 */
export async function namedMailboxes(
  client: Queryable,
  { recoveryId, connectorId }: { readonly recoveryId: number; readonly connectorId: string },
  which: 'unanswered' | 'refused',
  limit: number | null = NAMED,
): Promise<NamedMailboxes> {
  const condition = which === 'unanswered' ? UNANSWERED : `problem IS NOT NULL AND problem <> 'no_mailbox'`;
  const { rows } = await client.query<{ mailboxes: number; named: string[] | null }>(
    `WITH ${LAST}, meant AS (SELECT coalesce(address, user_id::text) AS address FROM recovery_mailbox m
       WHERE recovery_id = $1 AND connector_id = $2 AND ${condition})
     SELECT (SELECT count(*)::int FROM meant) AS mailboxes,
       (SELECT array_agg(address) FROM (SELECT address FROM meant ORDER BY address LIMIT $3) AS first) AS named`,
    [recoveryId, connectorId, limit],
  );
  const [row] = rows;
  return { mailboxes: row?.mailboxes ?? 0, addresses: row?.named?.join(', ') ?? '' };
}

interface Standing extends Held {
  readonly recoveryId: number;
  /** a run got no further an hour after something was last heard, and nothing was heard since */
  readonly stalled: boolean;
  /** the alert is open */
  readonly told: boolean;
}

/**
 * How the listings stand that are under way. No worker, no run: that nobody asked is no word about mailboxes. One that Microsoft 365
 * stopped has its own alert.
 *
 * @param connectorId null: of all connectors
 */
export async function standings(
  client: Queryable,
  lateCommitSeconds: number,
  connectorId: string | null,
): Promise<readonly Standing[]> {
  const { rows } = await client.query<Standing & { readonly stopped: string | null }>(
    `SELECT rc.recovery_id AS "recoveryId", rc.organization_id AS "organizationId", rc.connector_id AS "connectorId",
       c.stopped_reason AS stopped,
       coalesce(rc.tried_at >= ${PATIENCE} + coalesce(${LAST_ANSWER},
         greatest(rc.confirmed_at, r.found_at + make_interval(secs => $1))), false) AS stalled,
       EXISTS (SELECT FROM alert a WHERE a.connector_id = c.id AND a.code = $2 AND a.resolved_at IS NULL) AS told
     FROM recovery r JOIN recovery_connector rc ON rc.recovery_id = r.id JOIN connector c ON c.id = rc.connector_id
     WHERE r.ended_at IS NULL AND rc.ended_at IS NULL AND rc.confirmed_at IS NOT NULL AND rc.compared_at IS NULL
       AND c.status = 'live' AND ($3::uuid IS NULL OR c.id = $3)`,
    [lateCommitSeconds, STALLED, connectorId],
  );
  return rows.map(({ stopped, ...row }) => ({ ...row, stalled: row.stalled && mayDeliver(stopped) }));
}

/**
 * Tells of connectors whose comparison stands still, and ends what was told where it goes on. Once a minute.
 *
 * @returns connectors of which something changed
 */
export async function tellStalled(pool: pg.Pool, lateCommitSeconds: number): Promise<readonly Held[]> {
  const changed: Held[] = [];
  const news = (await standings(pool, lateCommitSeconds, null)).filter(isNews);
  for (const { recoveryId, organizationId, connectorId } of news) {
    const isSaid = await inTransaction(pool, async (client) => {
      // Whoever ends the comparison meanwhile ends its alert, and nobody would end one that is raised after that.
      await client.query('SELECT FROM recovery_connector WHERE recovery_id = $1 AND connector_id = $2 FOR UPDATE', [
        recoveryId,
        connectorId,
      ]);
      const [now] = await standings(client, lateCommitSeconds, connectorId);
      if (!now || !isNews(now)) return false;
      if (now.stalled) {
        const detail = { ...(await namedMailboxes(client, now, 'unanswered')) };
        await raiseAlert(client, { organizationId, connectorId, importId: null, code: STALLED, detail });
      } else await endStalled(client, connectorId);
      return true;
    });
    if (isSaid) changed.push({ organizationId, connectorId });
  }
  return changed;
}

const isNews = ({ stalled, told }: Standing): boolean => stalled !== told;

/** It goes on. */
export async function endStalled(client: Queryable, connectorId: string): Promise<void> {
  await client.query(
    `UPDATE alert SET resolved_at = now() WHERE connector_id = $1 AND code = $2 AND resolved_at IS NULL`,
    [connectorId, STALLED],
  );
}
