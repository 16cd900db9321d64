/** The operator's decision to go on without the mailboxes that nobody can read. */
import type pg from 'pg';
import { auditIn } from '../audit/entries.ts';
import { inTransaction, type Queryable } from '../db.ts';
import type { ReasonCode } from '../imports/reasons.ts';
import type { Confirmer } from './confirm.ts';
import { LAST, standings, UNANSWERED } from './stalled.ts';

/** Why nobody is left out. */
export type NotPassedOver =
  /** its mapping is not confirmed, or Microsoft 365 has not said yet which mailboxes there are */
  | 'not_known'
  /** everything is listed */
  | 'none_left'
  /** no alert tells that none answers, or one has answered since */
  | 'not_stalled';

/**
 * Counts the mailboxes that were asked and have not answered as ones that could not be listed, where an alert tells that the listing
 * stands still: the next run goes on, and an alert names them. One that nobody asked yet is asked all the same: without it a
 * message that lies there would be sent once more.
 *
 * @param reason in the operator's words
 * @returns how many mailboxes are left out
 */
export async function passOverMailboxes(
  pool: pg.Pool,
  who: Confirmer,
  connectorId: string,
  reason: string,
): Promise<number | NotPassedOver> {
  return inTransaction(pool, async (client) => {
    const held = await lockComparing(client, who.organizationId, connectorId);
    if (!held) return 'none_left';
    if (!held.is_named) return 'not_known';
    const [standing] = await standings(client, 0, connectorId);
    if (!(standing?.stalled && standing.told)) return held.is_listed ? 'none_left' : 'not_stalled';
    const { rowCount } = await client.query(
      `WITH ${LAST} UPDATE recovery_mailbox m SET listed_at = now(), problem = $3 WHERE ${UNANSWERED}`,
      [standing.recoveryId, connectorId, 'graph_unreachable' satisfies ReasonCode],
    );
    if (!rowCount) return held.is_listed ? 'none_left' : 'not_stalled';
    await client.query(
      'UPDATE recovery_connector SET compare_at = now() WHERE recovery_id = $1 AND connector_id = $2',
      [standing.recoveryId, connectorId],
    );
    const detail = { mailboxes: rowCount, reason };
    await auditIn(client, who, { action: 'recovery.passed-over', connectorId, detail });
    return rowCount;
  });
}

async function lockComparing(client: Queryable, organizationId: string, connectorId: string) {
  const { rows } = await client.query<{ is_named: boolean; is_listed: boolean }>(
    `SELECT rc.named_at IS NOT NULL AS is_named, NOT EXISTS (SELECT FROM recovery_mailbox m
       WHERE m.recovery_id = rc.recovery_id AND m.connector_id = rc.connector_id AND m.listed_at IS NULL) AS is_listed
     FROM recovery_connector rc JOIN recovery r ON r.id = rc.recovery_id
     WHERE r.ended_at IS NULL AND rc.organization_id = $1 AND rc.connector_id = $2 AND rc.compared_at IS NULL
       AND rc.ended_at IS NULL FOR UPDATE OF rc`,
    [organizationId, connectorId],
  );
  return rows[0];
}
