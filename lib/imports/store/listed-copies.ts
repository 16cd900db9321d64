/**
 * Copies that a listing of mailboxes found after a restore (`lib/recovery/compare.ts`) in another mailbox than the one that
 * they are owed to: a mapping that was lost sent them there. Nobody sends one a second time before that is known.
 */
import type pg from 'pg';
import type { ClaimedDelivery } from './deliveries.ts';
import { adoptMessage, type FoundMessage } from './doubt.ts';

/**
 * Mailboxes in which a listing found the item of a copy, and for which none of its copies is meant.
 *
 * @param property value of the item's named property
 * @returns Graph object ids; the mailbox itself has to say whether it is still there
 */
export async function listedElsewhere(
  pool: pg.Pool,
  { archivedAt, itemId, sourceId }: Pick<ClaimedDelivery, 'archivedAt' | 'itemId' | 'sourceId'>,
  property: string,
): Promise<string[]> {
  const { rows } = await pool.query<{ user_id: string }>(
    `SELECT DISTINCT f.user_id FROM recovery_copy f
     WHERE f.source_id = $1 AND f.property = $2 AND f.delivery_id IS NULL AND NOT f.refused
       AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.archived_at = $3 AND d.item_id = $4 AND d.user_id = f.user_id)
     ORDER BY f.user_id`,
    [sourceId, property, archivedAt, itemId],
  );
  return rows.map((row) => row.user_id);
}

/**
 * Makes a copy that waits, because it was found elsewhere, the one that was found: it is imported where it lies, and a
 * correction can move it. Where another phone's copy has that place it is not asked for again; where the copy changed, it will be.
 *
 * @param found `messageId` null: it is not in that mailbox any more
 * @returns as `adoptMessage`
 */
export async function takeOverListed(
  pool: pg.Pool,
  organizationId: string,
  delivery: Pick<ClaimedDelivery, 'archivedAt' | 'itemId' | 'sourceId'>,
  property: string,
  found: FoundMessage | { readonly userId: string; readonly messageId: null },
): Promise<'adopted' | 'twin' | 'changed'> {
  if (found.messageId === null) {
    await pool.query('DELETE FROM recovery_copy WHERE source_id = $1 AND property = $2 AND user_id = $3', [
      delivery.sourceId,
      property,
      found.userId,
    ]);
    return 'changed';
  }
  const result = await adoptMessage(pool, organizationId, delivery, found);
  const isAdopted = result === 'adopted';
  await pool.query(
    `UPDATE recovery_copy SET archived_at = $4, delivery_id = $5, refused = $6
     WHERE source_id = $1 AND property = $2 AND user_id = $3`,
    [
      delivery.sourceId,
      property,
      found.userId,
      isAdopted ? delivery.archivedAt : null,
      isAdopted ? found.deliveryId : null,
      result === 'twin',
    ],
  );
  if (isAdopted) await pool.query(NO_ROW_CHOSE, [delivery.archivedAt, found.deliveryId, found.userId]);
  return result;
}

/** Which mapping chose that mailbox, and where it was written, is not known here: no version of this ledger did. */
const NO_ROW_CHOSE = `UPDATE delivery SET mapping_version_id = NULL, mapping_row = NULL,
    mailbox_address = (SELECT m.address FROM recovery_mailbox m WHERE m.user_id = $3 AND m.address IS NOT NULL
      ORDER BY m.recovery_id DESC LIMIT 1)
  WHERE archived_at = $1 AND id = $2 AND user_id = $3`;
