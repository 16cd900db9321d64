/**
 * Copies on their way that nobody may deliver: the connector of their account is stopped by Microsoft 365, or there is
 * none any more, or it imports one user first and this copy is another's. Each goes on when it is let in again, or when
 * somebody lets the others follow; until then somebody may sign it off, and it ends with that.
 */
import type pg from 'pg';
import type { ReasonCode } from '../reasons.ts';
import type { DeliveryState } from '../transitions.ts';
import { MAY_DELIVER } from './connectors.ts';
import { COLLECTOR } from './counters.ts';
import { countTransitions } from './item-outcomes.ts';
import type { TransitionRow } from './twins.ts';
import type { UndoneKey } from './undone.ts';

/** Why a copy waits that Microsoft 365 would take. */
export const HELD: ReasonCode = 'one_user_first';

/** Everything that could still take effect has done so after so long (`doubt.ts` looks once more then, too). */
const SETTLED = `interval '24 hours'`;

/**
 * The copy `d` of organization `$1` may be given up by who finds it here: no connector of its account may deliver it, and
 * no request for it can take effect any more. One that is paused may deliver when it is resumed. Of those that one user
 * keeps back (`mayFollow` in `claims.ts`), what was sent before is looked for all the same, and is not held.
 */
export const IS_STOPPED = `(d.state = 'pending' OR d.state IN ('sending', 'created') AND d.not_before <= now()
    AND (d.sending_until IS NULL OR d.sending_until <= now() - ${SETTLED}))
  AND NOT EXISTS (SELECT 1 FROM connector c WHERE c.organization_id = $1 AND c.source_id = d.source_id
    AND c.status = 'live' AND ${MAY_DELIVER}
    AND (d.state <> 'pending' OR c.first_user_id IS NULL OR c.first_user_id = d.user_id))`;

/** In SQL, why copies of connector `$2` of organization `$1` are stopped. */
export const STOPPED_REASON = `(SELECT CASE WHEN c.status = 'live' AND ${MAY_DELIVER} THEN '${HELD}' ELSE c.stopped_reason END
  FROM connector c WHERE c.organization_id = $1 AND c.id = $2)`;

/** What is known of a copy in doubt when nobody can look any more. */
const NOT_KNOWN: ReasonCode = 'delivery_not_known';

export interface GivenUp {
  /** copies that are in no mailbox, as far as is known */
  readonly failed: readonly UndoneKey[];
  /** copies whose message is in its mailbox, and was to be completed */
  readonly partial: readonly UndoneKey[];
}

/**
 * Ends stopped copies whose items the caller has locked: *failed*, or *partially imported* where the message is there.
 * Copies that were skipped for them stay skipped; the message's place in the mailbox is free for one that comes later.
 * The caller signs them off in the same transaction.
 */
export async function giveUpStopped(
  client: pg.PoolClient,
  organizationId: string,
  connectorId: string,
  keys: readonly UndoneKey[],
): Promise<GivenUp> {
  // Who lets the connector go on waits for this, or this sees that it goes on.
  await client.query(
    `SELECT 1 FROM connector WHERE organization_id = $1 AND status = 'live'
       AND source_id = (SELECT source_id FROM connector WHERE id = $2) FOR SHARE`,
    [organizationId, connectorId],
  );
  const { rows } = await client.query<TransitionRow & { id: string; user_id: string; after: DeliveryState }>(
    `UPDATE delivery d SET
       state = CASE WHEN d.state = 'created' THEN 'partially_imported' ELSE 'failed' END,
       reason = CASE WHEN d.state = 'sending' THEN '${NOT_KNOWN}'
         ELSE coalesce(${STOPPED_REASON}, 'consent_missing') END,
       imported_at = CASE WHEN d.state = 'created' THEN now() ELSE d.imported_at END,
       sending_until = NULL, lookups = 0
     WHERE (d.archived_at, d.id) IN (SELECT * FROM unnest($3::timestamptz[], $4::bigint[]))
       AND d.organization_id = $1 AND ${IS_STOPPED}
     RETURNING d.id, d.import_id, d.archived_at, d.item_id, d.user_id, old.state AS before, new.state AS after,
       d.rule = 'fallback' AS fallback`,
    [organizationId, connectorId, keys.map(({ archivedAt }) => archivedAt), keys.map(({ id }) => id)],
  );
  await countTransitions(client, COLLECTOR, rows);
  const failed = rows.filter(({ after }) => after === 'failed');
  await client.query(
    `DELETE FROM message_twin m
     USING unnest($1::timestamptz[], $2::bigint[], $3::uuid[]) AS k (archived_at, item_id, user_id)
       JOIN item i ON i.archived_at = k.archived_at AND i.id = k.item_id
     WHERE m.source_id = i.source_id AND m.message_key = i.message_key AND m.user_id = k.user_id
       AND m.item_id = k.item_id`,
    [failed.map((row) => row.archived_at), failed.map((row) => row.item_id), failed.map((row) => row.user_id)],
  );
  const keyOf = (row: (typeof rows)[number]): UndoneKey => ({
    archivedAt: row.archived_at,
    id: row.id,
    itemId: row.item_id,
  });
  const partial = rows.filter(({ after }) => after === 'partially_imported');
  return { failed: failed.map(keyOf), partial: partial.map(keyOf) };
}
