/**
 * Copies that were imported and are not in their mailbox any more. Each stays in doubt until somebody signs it off, so
 * that the partial index over what is in doubt finds it; it stays in its state and in both equations.
 */
import type pg from 'pg';
import type { DeliveryState } from '../transitions.ts';
import type { RowKey, UndoneKey } from './undone.ts';

/** `d` is the copy. */
export const IS_MISSING = `d.doubt = 1 AND d.state IN ('imported', 'partially_imported')
  AND d.reason = 'missing_in_mailbox' AND d.sign_off_id IS NULL`;

/**
 * Copies of the account of connector `$2` of organization `$1`, whichever connector imported them: mailboxes are looked
 * into for the one that is live, and what it tells of a connector before it is to be seen with it.
 */
export const OF_SAME_SOURCE = `d.organization_id = $1
  AND d.source_id = (SELECT c.source_id FROM connector c WHERE c.organization_id = $1 AND c.id = $2)`;

/** Whether any copy of the connector's account is missing, and nobody signed it off. */
export async function anyMissing(
  client: pg.Pool | pg.PoolClient,
  organizationId: string,
  connectorId: string,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT 1 FROM delivery d WHERE ${IS_MISSING} AND ${OF_SAME_SOURCE} LIMIT 1`,
    [organizationId, connectorId],
  );
  return rowCount === 1;
}

/** Ends the doubt about missing copies, whose items the caller has locked. @returns those that were missing until now */
export async function endMissing(
  client: pg.PoolClient,
  keys: readonly RowKey[],
): Promise<readonly (UndoneKey & { readonly state: DeliveryState })[]> {
  const { rows } = await client.query<UndoneKey & { readonly state: DeliveryState }>(
    `UPDATE delivery d SET doubt = 2 WHERE ${IS_MISSING}
       AND (d.archived_at, d.id) IN (SELECT * FROM unnest($1::timestamptz[], $2::bigint[]))
     RETURNING d.archived_at AS "archivedAt", d.id, d.item_id AS "itemId", d.state`,
    [keys.map((key) => key.archivedAt), keys.map((key) => key.id)],
  );
  return rows;
}
