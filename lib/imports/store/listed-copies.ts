/**
 * Copies that a listing of mailboxes found after a restore (`lib/recovery/compare.ts`) in another mailbox than the one that
 * they are owed to: a mapping that was lost sent them there. Nobody sends one a second time before that is known.
 */
import type pg from 'pg';
import { inTransaction } from '../../db.ts';
import type { ClaimedDelivery } from './claims.ts';
import { adoptMessageIn, type FoundMessage } from './doubt.ts';

/**
 * The mailbox in which a listing found the item of a copy, and for which none of its copies is meant.
 *
 * A message does not say for which participant it was made. Where another one's copy is not in a mailbox either, where there are
 * two such mailboxes, or where it is the fallback mailbox, it may be that one's: then nothing is taken over. Whoever is owed
 * a copy gets it, and what lies elsewhere is told as such (`lib/recovery/found.ts`).
 *
 * @param property value of the item's named property
 * @returns Graph object id, null for none; the mailbox itself has to say whether it is still there
 */
export async function listedElsewhere(
  pool: pg.Pool,
  { archivedAt, id, itemId, sourceId }: Pick<ClaimedDelivery, 'archivedAt' | 'id' | 'itemId' | 'sourceId'>,
  property: string,
): Promise<string | null> {
  const { rows } = await pool.query<{ user_id: string }>(
    `WITH listed AS MATERIALIZED (
       SELECT DISTINCT f.user_id FROM recovery_copy f WHERE f.source_id = $1 AND f.property = $2
         AND f.delivery_id IS NULL AND NOT f.refused)
     SELECT f.user_id FROM listed f
     WHERE NOT EXISTS (SELECT 1 FROM delivery d WHERE d.archived_at = $3 AND d.item_id = $4 AND d.user_id = f.user_id)
       AND NOT EXISTS (SELECT 1 FROM connector c WHERE c.source_id = $1 AND c.fallback_user_id = f.user_id)
       AND NOT EXISTS (SELECT 1 FROM delivery o WHERE o.archived_at = $3 AND o.item_id = $4 AND o.id <> $5
         AND o.state IN ('waiting', 'pending', 'sending', 'failed')
         AND NOT EXISTS (SELECT 1 FROM listed own WHERE own.user_id = o.user_id))
     LIMIT 2`,
    [sourceId, property, archivedAt, itemId, id],
  );
  const [only, further] = rows;
  return only === undefined || further !== undefined ? null : only.user_id;
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
  return inTransaction(pool, async (client) => {
    const result = await adoptMessageIn(client, organizationId, delivery, found);
    // Another participant's copy has taken it over meanwhile, and that stays written.
    if (result === 'changed') return result;
    const isAdopted = result === 'adopted';
    await client.query(
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
    if (isAdopted)
      await client.query(NO_ROW_CHOSE, [delivery.archivedAt, found.deliveryId, found.userId, organizationId]);
    return result;
  });
}

/** Which mapping chose that mailbox, and where it was written, is not known here: no version of this ledger did. */
const NO_ROW_CHOSE = `UPDATE delivery SET mapping_version_id = NULL, mapping_row = NULL,
    mailbox_address = (SELECT m.address FROM recovery_mailbox m
      WHERE m.organization_id = $4 AND m.user_id = $3 AND m.address IS NOT NULL
      ORDER BY m.recovery_id DESC LIMIT 1)
  WHERE archived_at = $1 AND id = $2 AND user_id = $3`;
