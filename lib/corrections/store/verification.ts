/** Moved copies, and which message of the right mailbox serves each. */
import type pg from 'pg';
import { auditIn, SYSTEM } from '../../audit/entries.ts';
import { inTransaction } from '../../db.ts';
import type { DeliveryState } from '../../imports/transitions.ts';
import type { CopyKey } from '../correction.ts';
import { goTo, type HeldCorrection, lockHeld } from './corrections.ts';

/** A message by which a copy is in its mailbox: its own, or the one in favour of which it was skipped. */
export interface ServingMessage {
  /** of that copy */
  readonly state: DeliveryState;
  readonly reason: string | null;
  readonly messageId: string | null;
  /** the item whose message it is */
  readonly sourceItemId: string;
  /** whether that is the copy's own item */
  readonly own: boolean;
}

/** A copy that was moved, and what the engine made of it. */
export interface MovedCopy extends CopyKey {
  readonly toUserId: string;
  readonly fromMessageId: string | null;
  readonly removable: boolean;
  readonly contentHashes: readonly string[];
  readonly state: DeliveryState;
  readonly reason: string | null;
  /** the mailbox that it has now; null while it waits for one */
  readonly userId: string | null;
  /** null where nothing serves it */
  readonly served: ServingMessage | null;
}

interface Row {
  archived_at: Date;
  delivery_id: string;
  to_user_id: string;
  from_message_id: string | null;
  removable: boolean;
  content_hashes: string[] | null;
  state: DeliveryState;
  reason: string | null;
  user_id: string | null;
  served_state: DeliveryState | null;
  served_reason: string | null;
  served_message_id: string | null;
  served_source_item_id: string | null;
  own: boolean | null;
}

const COLUMNS = `c.archived_at, c.delivery_id, c.to_user_id, c.from_message_id, c.removable, c.content_hashes, d.state,
  d.reason, d.user_id, s.state AS served_state, s.reason AS served_reason, s.message_id AS served_message_id,
  t.source_item_id AS served_source_item_id, t.id = d.item_id AS own`;

/** The copy itself, or the one of its item or of another phone's that has its place. */
const JOINS = `JOIN delivery d ON d.archived_at = c.archived_at AND d.id = c.delivery_id
  LEFT JOIN delivery s ON s.archived_at = coalesce(d.twin_archived_at, d.archived_at)
    AND s.item_id = coalesce(d.twin_item_id, d.item_id) AND s.user_id = d.user_id AND s.state <> 'skipped'
  LEFT JOIN item t ON t.archived_at = s.archived_at AND t.id = s.item_id`;

const movedOf = (row: Row): MovedCopy => ({
  archivedAt: row.archived_at,
  deliveryId: row.delivery_id,
  toUserId: row.to_user_id,
  fromMessageId: row.from_message_id,
  removable: row.removable,
  contentHashes: row.content_hashes ?? [],
  state: row.state,
  reason: row.reason,
  userId: row.user_id,
  served:
    row.served_state === null || row.served_source_item_id === null
      ? null
      : {
          state: row.served_state,
          reason: row.served_reason,
          messageId: row.served_message_id,
          sourceItemId: row.served_source_item_id,
          own: row.own === true,
        },
});

/** Moved copies that are not on their way any more, and were not looked for since. */
export async function arrivedCopies(
  pool: pg.Pool,
  { id }: Pick<HeldCorrection, 'id'>,
  after: CopyKey | null,
  limit: number,
): Promise<MovedCopy[]> {
  const { rows } = await pool.query<Row>(
    `SELECT ${COLUMNS} FROM correction_copy c ${JOINS}
     WHERE c.correction_id = $1 AND c.state = 'moved' AND c.reason = 'on_its_way'
       AND (c.archived_at, c.delivery_id) > ($2, $3)
       AND d.state NOT IN ('pending', 'sending', 'created')
       AND NOT (d.state = 'skipped' AND coalesce(s.state, 'failed') IN ('pending', 'sending', 'created'))
     ORDER BY c.archived_at, c.delivery_id LIMIT $4`,
    [id, after?.archivedAt ?? '-infinity', after?.deliveryId ?? '0', limit],
  );
  return rows.map(movedOf);
}

/** One copy as it is now. */
export async function movedCopy(
  pool: pg.Pool,
  { id }: Pick<HeldCorrection, 'id'>,
  { archivedAt, deliveryId }: CopyKey,
): Promise<MovedCopy | null> {
  const { rows } = await pool.query<Row>(
    `SELECT ${COLUMNS} FROM correction_copy c ${JOINS}
     WHERE c.correction_id = $1 AND c.archived_at = $2 AND c.delivery_id = $3`,
    [id, archivedAt, deliveryId],
  );
  return rows[0] ? movedOf(rows[0]) : null;
}

/**
 * Hands the correction to an administrator, where nothing of it is to be moved or on its way any more.
 *
 * @returns false where something is
 * @throws CorrectionLostError
 */
export async function endCopying(pool: pg.Pool, held: HeldCorrection): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    await lockHeld(client, held);
    const counts = await countStates(client, held.id);
    const { rows } = await client.query(
      `SELECT 1 FROM correction_copy WHERE correction_id = $1
         AND (state = 'listed' OR state = 'moved' AND reason = 'on_its_way') LIMIT 1`,
      [held.id],
    );
    if (rows.length > 0) return false;
    await goTo(client, held, 'copied');
    await auditIn(
      client,
      { ...SYSTEM, organizationId: held.organizationId },
      {
        action: 'correction.copies-verified',
        connectorId: held.connectorId,
        detail: { correction: held.id, number: held.number, counts },
      },
    );
    return true;
  });
}

/** How many copies of a correction are in each state. */
export async function countStates(
  client: pg.Pool | pg.PoolClient,
  correctionId: string,
): Promise<Record<string, number>> {
  const { rows } = await client.query<{ state: string; count: number }>(
    'SELECT state, count(*)::int AS count FROM correction_copy WHERE correction_id = $1 GROUP BY 1',
    [correctionId],
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}
