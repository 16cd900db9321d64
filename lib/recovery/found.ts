/**
 * What the listings after a restore found in mailboxes that the mapping in force does not name: copies that were taken over
 * where they lie, which a correction of misfiled messages moves, and copies that nobody is owed.
 */
import type pg from 'pg';
import type { Queryable } from '../db.ts';
import { raiseAlert } from '../imports/store/connectors.ts';
import { type Actor, authorize } from '../security/actor.ts';
import type { Held } from './begin.ts';

/** Of one number, or none, in one mailbox. */
export interface FoundElsewhere {
  /** E.164; null: nobody of this ledger is owed them, or the participant has none */
  readonly number: string | null;
  /** the mailbox's address, or the user's object id where that is not known */
  readonly mailbox: string;
  readonly copies: number;
  /** of message time, ISO 8601; null where the item is not known here */
  readonly from: string | null;
  readonly to: string | null;
}

/** The ledger has the listed copy `f` in that mailbox. */
const IS_KNOWN = `(EXISTS (SELECT 1 FROM item_identity n JOIN delivery d ON d.archived_at = n.archived_at AND d.item_id = n.item_id
    WHERE n.source_id = f.source_id AND n.source_item_id = f.source_item_id AND d.user_id = f.user_id)
  OR f.source_item_id IS NULL AND EXISTS (SELECT 1 FROM delivery d
    WHERE d.organization_id = f.organization_id AND d.user_id = f.user_id AND d.message_id = f.message_id))`;

/**
 * Everything of the lost time is collected: what the ledger knows by now is forgotten, and what is left calls for somebody.
 */
export async function judgeListed(client: pg.PoolClient, over: readonly Held[]): Promise<void> {
  for (const { organizationId, connectorId } of over) {
    await client.query(
      `DELETE FROM recovery_copy f USING connector c
       WHERE c.id = $1 AND f.source_id = c.source_id AND f.delivery_id IS NULL AND ${IS_KNOWN}`,
      [connectorId],
    );
    const { rows } = await client.query<{ copies: number }>(
      `SELECT count(*)::int AS copies FROM recovery_copy f JOIN connector c ON c.source_id = f.source_id WHERE c.id = $1`,
      [connectorId],
    );
    const [{ copies } = { copies: 0 }] = rows;
    if (copies === 0) continue;
    await raiseAlert(client, {
      organizationId,
      connectorId,
      importId: null,
      code: 'found_elsewhere',
      detail: { copies },
    });
  }
}

/** As pages take it. @throws NotAllowed */
export async function foundElsewhere(pool: Queryable, actor: Actor, connectorId: string): Promise<FoundElsewhere[]> {
  authorize(actor, 'mapping.manage');
  return foundElsewhereOf(pool, actor.organizationId, connectorId);
}

/** What is still so: of what was taken over at once, of the rest when everything of that time is collected (`finish.ts`). */
export async function foundElsewhereOf(
  pool: Queryable,
  organizationId: string,
  connectorId: string,
): Promise<FoundElsewhere[]> {
  const { rows } = await pool.query<{
    number: string | null;
    mailbox: string;
    copies: number;
    from: Date | null;
    to: Date | null;
  }>(
    `SELECT d.number, coalesce(max(m.address), f.user_id::text) AS mailbox, count(DISTINCT (f.user_id, f.message_id))::int AS copies,
       min(coalesce(i.message_time, i.archived_at)) AS from, max(coalesce(i.message_time, i.archived_at)) AS to
     FROM connector c JOIN recovery_copy f ON f.source_id = c.source_id
     LEFT JOIN delivery d ON d.archived_at = f.archived_at AND d.id = f.delivery_id
     LEFT JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id
     LEFT JOIN recovery_mailbox m ON m.recovery_id = f.recovery_id AND m.connector_id = c.id AND m.user_id = f.user_id
     WHERE c.organization_id = $1 AND c.id = $2
       AND CASE WHEN f.delivery_id IS NOT NULL THEN d.user_id = f.user_id ELSE NOT ${IS_KNOWN}
         AND EXISTS (SELECT 1 FROM recovery_connector rc WHERE rc.recovery_id = f.recovery_id AND rc.connector_id = c.id
           AND rc.judged_at IS NOT NULL) END
     GROUP BY d.number, f.user_id ORDER BY d.number NULLS LAST, mailbox LIMIT 1000`,
    [organizationId, connectorId],
  );
  return rows.map(({ from, to, ...row }) => ({
    ...row,
    from: from?.toISOString() ?? null,
    to: to?.toISOString() ?? null,
  }));
}
