/** The list of a correction: what became of its copies. Every change is the work of whoever holds the correction. */
import type pg from 'pg';
import { inTransaction } from '../../db.ts';
import type { CopyReason, CopyState } from '../correction.ts';
import { type HeldCorrection, lockHeld } from './corrections.ts';

export interface RowKey {
  readonly archived_at: Date;
  readonly id: string;
}

/** Copies that are not moved stay in the list, with the reason. @throws CorrectionLostError */
export async function keepBack(
  pool: pg.Pool,
  held: HeldCorrection,
  keys: readonly (RowKey | { readonly archivedAt: Date; readonly id: string })[],
  reason: CopyReason,
): Promise<void> {
  if (keys.length === 0) return;
  await inTransaction(pool, async (client) => {
    await lockHeld(client, held);
    await client.query(
      `UPDATE correction_copy SET state = 'kept_back', reason = $4, changed_at = now()
       WHERE correction_id = $1 AND state = 'listed'
         AND (archived_at, delivery_id) IN (SELECT * FROM unnest($2::timestamptz[], $3::bigint[]))`,
      [
        held.id,
        keys.map((key) => ('archivedAt' in key ? key.archivedAt : key.archived_at)),
        keys.map(({ id }) => id),
        reason,
      ],
    );
  });
}

/** What was found of a copy. */
export interface Finding {
  readonly archivedAt: Date;
  readonly deliveryId: string;
  readonly state: CopyState;
  readonly reason: CopyReason | null;
}

/** Writes what was found, where the copy is still in one of the states `from`. @throws CorrectionLostError */
export async function writeFindings(
  pool: pg.Pool,
  held: HeldCorrection,
  from: readonly CopyState[],
  findings: readonly Finding[],
): Promise<void> {
  if (findings.length === 0) return;
  await inTransaction(pool, async (client) => {
    await lockHeld(client, held);
    await client.query(
      `UPDATE correction_copy c SET state = n.state, reason = n.reason, changed_at = now()
       FROM unnest($3::timestamptz[], $4::bigint[], $5::text[], $6::text[]) AS n (archived_at, delivery_id, state, reason)
       WHERE c.correction_id = $1 AND c.state = ANY ($2) AND c.archived_at = n.archived_at
         AND c.delivery_id = n.delivery_id AND (c.state, c.reason) IS DISTINCT FROM (n.state, n.reason)`,
      [
        held.id,
        from,
        findings.map(({ archivedAt }) => archivedAt),
        findings.map(({ deliveryId }) => deliveryId),
        findings.map(({ state }) => state),
        findings.map(({ reason }) => reason),
      ],
    );
  });
}
