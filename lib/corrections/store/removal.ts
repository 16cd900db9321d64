/** Removing from the wrong mailboxes: decided again in the ledger for every single message, and noted before it is done. */
import type pg from 'pg';
import { auditIn, SYSTEM } from '../../audit/entries.ts';
import { inTransaction } from '../../db.ts';
import type { CopyKey, CopyReason } from '../correction.ts';
import { goTo, type HeldCorrection, lockHeld } from './corrections.ts';
import { countStates } from './verification.ts';

/** A copy whose message lies in a wrong mailbox. */
export interface WrongMessage extends CopyKey {
  readonly itemId: string;
  readonly sourceItemId: string;
  readonly fromUserId: string;
  readonly fromMessageId: string;
  /** the audit log says that it is being removed: whoever began that may have come to its end */
  readonly noted: boolean;
}

/** What is to be removed, or was begun to be, in the list's order. */
export async function wrongMessages(
  pool: pg.Pool,
  { id }: Pick<HeldCorrection, 'id'>,
  after: CopyKey | null,
  limit: number,
): Promise<WrongMessage[]> {
  const { rows } = await pool.query<WrongMessage>(
    `SELECT archived_at AS "archivedAt", delivery_id AS "deliveryId", item_id AS "itemId",
       source_item_id AS "sourceItemId", from_user_id AS "fromUserId", from_message_id AS "fromMessageId",
       state = 'removing' AND reason IS NOT DISTINCT FROM 'noted' AS noted
     FROM correction_copy WHERE correction_id = $1 AND state IN ('verified', 'removing') AND removable
       AND (archived_at, delivery_id) > ($2, $3) ORDER BY archived_at, delivery_id LIMIT $4`,
    [id, after?.archivedAt ?? '-infinity', after?.deliveryId ?? '0', limit],
  );
  return rows;
}

/**
 * Whether a message in the wrong mailbox is still nobody's by the ledger; if so it is marked as being removed. The item is
 * locked meanwhile, as by everybody who could give somebody that message.
 *
 * @returns null where it may be removed, else why not
 * @throws CorrectionLostError
 */
export async function beginRemoval(
  pool: pg.Pool,
  held: HeldCorrection,
  message: WrongMessage,
): Promise<CopyReason | null> {
  const { archivedAt, deliveryId } = message;
  return inTransaction(pool, async (client) => {
    await lockHeld(client, held);
    const reason = await whoseIsIt(client, held, message);
    if (reason !== null) return reason;
    await client.query(
      `UPDATE correction_copy SET state = 'removing', reason = NULL, changed_at = now()
       WHERE correction_id = $1 AND archived_at = $2 AND delivery_id = $3 AND state = 'verified'`,
      [held.id, archivedAt, deliveryId],
    );
    return null;
  });
}

/** Locks the item, and says why its message in the wrong mailbox is somebody's; null where it is nobody's. */
async function whoseIsIt(
  client: pg.PoolClient,
  { id }: HeldCorrection,
  { archivedAt, deliveryId, itemId, fromUserId }: WrongMessage,
): Promise<CopyReason | null> {
  await client.query('SELECT 1 FROM item WHERE archived_at = $1 AND id = $2 FOR NO KEY UPDATE', [archivedAt, itemId]);
  const { rows: others } = await client.query(
    `SELECT 1 FROM delivery WHERE archived_at = $1 AND item_id = $2 AND user_id = $3
     UNION ALL SELECT 1 FROM delivery WHERE twin_item_id = $2 AND user_id = $3 AND state = 'skipped' LIMIT 1`,
    [archivedAt, itemId, fromUserId],
  );
  if (others.length > 0) return 'of_another';
  // What failed and was signed off is accepted as missing; who waits has lost that mailbox.
  const { rows: heirs } = await client.query(
    `SELECT 1 FROM correction_copy c
     CROSS JOIN unnest(c.heir_times, c.heir_ids) AS h (archived_at, id)
     JOIN delivery d ON d.archived_at = h.archived_at AND d.id = h.id
     WHERE c.correction_id = $1 AND c.archived_at = $2 AND c.delivery_id = $3 AND d.user_id = $4
       AND d.state IN ('pending', 'sending', 'created', 'failed') AND d.sign_off_id IS NULL LIMIT 1`,
    [id, archivedAt, deliveryId, fromUserId],
  );
  return heirs.length > 0 ? 'others_copy_missing' : null;
}

/**
 * Writes down that a message is about to be removed, where it is nobody's still: looking into its mailbox took a while.
 *
 * @returns null where it may be removed, else why not
 * @throws CorrectionLostError
 */
export async function noteRemoval(
  pool: pg.Pool,
  held: HeldCorrection,
  message: WrongMessage,
  removed: string,
  kept: { readonly userId: string; readonly messageId: string },
): Promise<CopyReason | null> {
  const { archivedAt, deliveryId, sourceItemId, fromUserId } = message;
  return inTransaction(pool, async (client) => {
    await lockHeld(client, held);
    const reason = await whoseIsIt(client, held, message);
    if (reason !== null) return reason;
    await client.query(
      `UPDATE correction_copy SET reason = $4, changed_at = now()
       WHERE correction_id = $1 AND archived_at = $2 AND delivery_id = $3 AND state = 'removing'`,
      [held.id, archivedAt, deliveryId, 'noted' satisfies CopyReason],
    );
    await auditIn(
      client,
      { ...SYSTEM, organizationId: held.organizationId },
      {
        action: 'correction.message-removed',
        connectorId: held.connectorId,
        detail: { correction: held.id, item: sourceItemId, mailbox: fromUserId, message: removed, kept },
      },
    );
    return null;
  });
}

/**
 * Ends the removing: the correction is over where nothing of it is left open, else an administrator sees what is.
 *
 * @throws CorrectionLostError
 */
export async function endRemoving(pool: pg.Pool, held: HeldCorrection): Promise<void> {
  await inTransaction(pool, async (client) => {
    await lockHeld(client, held);
    const counts = await countStates(client, held.id);
    const open = ['listed', 'kept_back', 'moved', 'verified', 'removing'].some((state) => (counts[state] ?? 0) > 0);
    await goTo(client, held, open ? 'copied' : 'ended');
    if (open) return;
    await auditIn(
      client,
      { ...SYSTEM, organizationId: held.organizationId },
      {
        action: 'correction.ended',
        connectorId: held.connectorId,
        detail: { correction: held.id, number: held.number, counts },
      },
    );
  });
}
