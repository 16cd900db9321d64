/** Copies that were in doubt once, however they ended: looked at once more when nothing can arrive any more. */
import type pg from 'pg';
import { inTransaction } from '../../db.ts';
import type { ReasonCode } from '../reasons.ts';
import { shardOf } from '../shards.ts';
import type { DeliveryState } from '../transitions.ts';
import { reopenClearing } from './clearing.ts';
import { COLLECTOR } from './counters.ts';
import { countTransitions } from './item-outcomes.ts';
import { claimTwins, type SettledCopy, settleSkipped } from './twins.ts';

/** Everything that could still take effect has done so after so long. */
const SETTLED = `interval '24 hours'`;
/** A mailbox that is gone for so long does not come back with what it held. */
const GIVEN_UP = `interval '30 days'`;

/** When the last request that left a doubt was looked after: `not_before` moves with every look-up and every claim. */
const DOUBTED_AT = `CASE WHEN d.state IN ('imported', 'partially_imported') THEN d.imported_at ELSE d.not_before END`;
const IS_DOUBTED = `d.doubt = 1 AND d.state IN ('imported', 'partially_imported', 'failed', 'waiting', 'skipped')
  AND d.sign_off_id IS NULL AND d.reason IS DISTINCT FROM 'missing_in_mailbox' AND ${DOUBTED_AT} <= now() - ${SETTLED}`;

/** Organizations with such copies. */
export async function doubtfulOrganizations(pool: pg.Pool): Promise<{ readonly organizationId: string }[]> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT o.id FROM organization o
     WHERE EXISTS (SELECT 1 FROM delivery d WHERE d.organization_id = o.id AND ${IS_DOUBTED})`,
  );
  return rows.map(({ id }) => ({ organizationId: id }));
}

export interface DoubtedDelivery {
  readonly archivedAt: Date;
  readonly id: string;
  readonly itemId: string;
  readonly sourceId: string;
  readonly sourceItemId: string;
  readonly connectorId: string;
  readonly importId: string;
  readonly state: DeliveryState;
  /** a reason code, perhaps of another version */
  readonly reason: string | null;
  /** null while it waits */
  readonly userId: string | null;
  /** mailboxes for which it was meant before */
  readonly doubtUserIds: readonly string[];
  readonly messageId: string | null;
  readonly attachments: number;
  /** its doubt is so old that a mailbox which is not there is no reason to ask again */
  readonly givenUp: boolean;
}

/** The next of them by id. */
export async function doubtedDeliveries(
  pool: pg.Pool,
  organizationId: string,
  afterId: string,
  limit: number,
): Promise<DoubtedDelivery[]> {
  const { rows } = await pool.query<DoubtedDelivery>(
    `SELECT d.archived_at AS "archivedAt", d.id, d.item_id AS "itemId", d.source_id AS "sourceId",
       i.source_item_id AS "sourceItemId", d.connector_id AS "connectorId", d.import_id AS "importId", d.state, d.reason,
       d.user_id AS "userId", coalesce(d.doubt_user_ids, '{}') AS "doubtUserIds", d.message_id AS "messageId",
       d.attachments, ${DOUBTED_AT} <= now() - ${GIVEN_UP} AS "givenUp"
     FROM delivery d JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id
     WHERE d.organization_id = $1 AND ${IS_DOUBTED} AND d.id > $2 ORDER BY d.id LIMIT $3`,
    [organizationId, afterId, limit],
  );
  return rows;
}

/** Which copy a mailbox has of an item by the ledger, or is to get. */
export interface KnownCopy {
  readonly id: string;
  readonly state: DeliveryState;
  readonly messageId: string | null;
}

/** The copy of a delivery's item for a mailbox; null where none is meant for it. */
export async function copyFor(
  pool: pg.Pool,
  { archivedAt, itemId }: Pick<DoubtedDelivery, 'archivedAt' | 'itemId'>,
  userId: string,
): Promise<KnownCopy | null> {
  const { rows } = await pool.query<KnownCopy>(
    `SELECT id, state, message_id AS "messageId" FROM delivery
     WHERE archived_at = $1 AND item_id = $2 AND user_id = $3 AND state <> 'skipped'`,
    [archivedAt, itemId, userId],
  );
  return rows[0] ?? null;
}

/** A message that was found in a mailbox, for a copy that the ledger has as waiting or failed. */
export interface FoundMessage {
  /** the copy that it is */
  readonly deliveryId: string;
  readonly userId: string;
  readonly messageId: string;
  /** `created`: its attachments are to be listed and completed */
  readonly state: 'imported' | 'partially_imported' | 'created';
  readonly reason: ReasonCode | null;
}

/**
 * Makes a copy that waits or failed the one that was found, with the numbers, in one transaction.
 *
 * @returns `twin` where the mailbox got the same message from another phone meanwhile; `changed` where the copy or the
 *   mailbox is another one's by now: nothing was written then
 */
export async function adoptMessage(
  pool: pg.Pool,
  organizationId: string,
  doubted: Pick<DoubtedDelivery, 'archivedAt' | 'itemId' | 'sourceId'>,
  found: FoundMessage,
): Promise<'adopted' | 'twin' | 'changed'> {
  return inTransaction(pool, (client) => adoptMessageIn(client, organizationId, doubted, found));
}

/** The same within a transaction that writes more. */
export async function adoptMessageIn(
  client: pg.PoolClient,
  organizationId: string,
  doubted: Pick<DoubtedDelivery, 'archivedAt' | 'itemId' | 'sourceId'>,
  found: FoundMessage,
): Promise<'adopted' | 'twin' | 'changed'> {
  const { archivedAt, itemId, sourceId } = doubted;
  const { deliveryId, userId, messageId, state, reason } = found;
  const { rows: items } = await client.query<{ message_key: string | null }>(
    'SELECT message_key FROM item WHERE archived_at = $1 AND id = $2 FOR NO KEY UPDATE',
    [archivedAt, itemId],
  );
  const messageKey = items[0]?.message_key ?? null;
  if (messageKey !== null) {
    const twins = await claimTwins(client, { sourceId, organizationId }, [{ messageKey, userId, itemId, archivedAt }]);
    if ([...twins.values()].some((winner) => winner.itemId !== itemId)) return 'twin';
  }
  const { rows } = await client.query<SettledCopy>(
    `UPDATE delivery d SET state = $4, reason = $5, message_id = $6, content_hash = NULL, user_id = $3, shard = $7,
         rule = CASE WHEN d.rule <> 'none' THEN d.rule WHEN d.mapping_version_id IS NULL THEN 'automatic' ELSE 'mapping' END,
         imported_at = CASE WHEN $4 = 'created' THEN NULL ELSE now() END, doubt = CASE WHEN $4 = 'created' THEN 1 ELSE 2 END,
         doubt_user_ids = NULL, lookups = 0, not_before = now(), sending_until = NULL
       WHERE d.archived_at = $1 AND d.id = $2 AND d.state IN ('waiting', 'failed') AND d.sign_off_id IS NULL
         AND coalesce(d.user_id, $3) = $3
         AND NOT EXISTS (SELECT 1 FROM delivery other WHERE other.archived_at = $1 AND other.item_id = $8
           AND other.user_id = $3 AND other.state <> 'skipped' AND other.id <> $2)
       RETURNING d.import_id, d.archived_at, d.item_id, d.user_id, old.state AS before, new.state AS after,
         d.rule = 'fallback' AS fallback`,
    [archivedAt, deliveryId, userId, state, reason, messageId, shardOf(userId), itemId],
  );
  if (rows.length === 0) return 'changed';
  const further = await settleSkipped(client, rows);
  const importIds = await countTransitions(client, COLLECTOR, [...rows, ...further]);
  await reopenClearing(client, importIds);
  return 'adopted';
}

/**
 * Ends the doubt about a copy. `reason` null leaves what it says. The doubt about one that is missing in its mailbox lasts
 * until somebody signs it off (`missing.ts`).
 */
export async function endDoubt(pool: pg.Pool, delivery: DoubtedDelivery, reason: ReasonCode | null): Promise<void> {
  await pool.query(
    `UPDATE delivery SET doubt = CASE WHEN $3 = 'missing_in_mailbox' THEN 1 ELSE 2 END, reason = coalesce($3, reason)
     WHERE archived_at = $1 AND id = $2 AND doubt = 1`,
    [delivery.archivedAt, delivery.id, reason],
  );
}

/** Notes in the audit log that a surplus copy is about to be removed. @param removed the message's id */
export async function noteSurplusRemoval(
  pool: pg.Pool,
  organizationId: string,
  delivery: DoubtedDelivery,
  removal: { readonly userId: string; readonly removed: string; readonly kept: string | null },
): Promise<void> {
  await pool.query(
    `INSERT INTO audit_entry (organization_id, actor, actor_name, action, target_type, target_id, detail)
     VALUES ($1, 'system', 'System', 'message.surplus-removed', 'delivery', $2, $3)`,
    [organizationId, delivery.id, JSON.stringify(removal)],
  );
}
