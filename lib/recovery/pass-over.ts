/** The operator's decision to go on without the mailboxes that nobody can read. */
import type pg from 'pg';
import { auditIn } from '../audit/entries.ts';
import { inTransaction } from '../db.ts';
import type { ReasonCode } from '../imports/reasons.ts';
import type { Confirmer } from './confirm.ts';

/**
 * Counts every mailbox that is not listed yet as one that could not be: the next run goes on, and an alert names them.
 *
 * @param reason in the operator's words
 * @returns how many mailboxes are left out; null where the connector waits for none: it is not confirmed, or its mailboxes are not
 *   known yet, or all are listed
 */
export async function passOverMailboxes(
  pool: pg.Pool,
  who: Confirmer,
  connectorId: string,
  reason: string,
): Promise<number | null> {
  return inTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `WITH going_on AS (
         UPDATE recovery_connector rc SET compare_at = now() FROM recovery r
         WHERE r.id = rc.recovery_id AND r.ended_at IS NULL AND rc.organization_id = $1 AND rc.connector_id = $2
           AND rc.named_at IS NOT NULL AND rc.compared_at IS NULL AND rc.ended_at IS NULL RETURNING rc.recovery_id)
       UPDATE recovery_mailbox m SET listed_at = now(), problem = $3 FROM going_on g
       WHERE m.recovery_id = g.recovery_id AND m.connector_id = $2 AND m.listed_at IS NULL`,
      [who.organizationId, connectorId, 'graph_unreachable' satisfies ReasonCode],
    );
    if (!rowCount) return null;
    const detail = { mailboxes: rowCount, reason };
    await auditIn(client, who, { action: 'recovery.passed-over', connectorId, detail });
    return rowCount;
  });
}
