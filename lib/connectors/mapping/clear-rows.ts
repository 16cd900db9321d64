/**
 * Removes the rows of proposals that were discarded: a version that was never in force decided nothing, and has up to a
 * million of them. What is known of it (who, when, which file, why it was declined) stays.
 */
import type pg from 'pg';
import { inTransaction } from '../../db.ts';
import { lockVersions } from '../../mapping/store/versions.ts';

/** How long somebody may still look at a proposal that was discarded. Screens say it. */
const KEPT_DAYS = 30;
/** Rows removed by one statement. */
const SET = 20_000;

/** `v`: a discarded version whose time is over. $1 organization, $2 days. */
const OVER = `v.organization_id = $1 AND v.status = 'discarded' AND v.applied_at IS NULL AND v.rows_cleared_at IS NULL
  AND coalesce(v.discarded_at, v.created_at) < now() - make_interval(days => $2)
  AND NOT EXISTS (SELECT 1 FROM organization h WHERE h.id = $1 AND h.deletion_suspended_at IS NOT NULL)`;
/** And no other version rests on its rows. */
const DUE = `${OVER} AND NOT EXISTS (SELECT 1 FROM mapping_version o WHERE o.organization_id = $1 AND o.connector_id = v.connector_id
    AND o.rest_version_id = v.id AND o.rows_cleared_at IS NULL)`;

/** What another process, or this one before it ended, has left is gone on with. @returns how many rows were removed */
export async function clearDiscardedRows(
  pool: pg.Pool,
  organizationId: string,
  signal: AbortSignal,
  keptDays: number = KEPT_DAYS,
): Promise<number> {
  // The newest first: what rests on another one is before it.
  const { rows: due } = await pool.query<{ id: string; connectorId: string }>(
    `SELECT v.id, v.connector_id AS "connectorId" FROM mapping_version v
      WHERE ${OVER} ORDER BY v.connector_id, v.number DESC`,
    [organizationId, keptDays],
  );
  for (const { id, connectorId } of due) {
    if (signal.aborted) return 0;
    await inTransaction(pool, async (client) => {
      // Nobody brings it back meanwhile: a version that is made of it would have no rows.
      await lockVersions(client, connectorId);
      await client.query(`UPDATE mapping_version v SET rows_cleared_at = now() WHERE v.id = $3 AND ${DUE}`, [
        organizationId,
        keptDays,
        id,
      ]);
    });
  }
  let removed = 0;
  const { rows: cleared } = await pool.query<{ id: string }>(
    `SELECT v.id FROM mapping_version v WHERE v.organization_id = $1 AND v.rows_cleared_at IS NOT NULL
       AND EXISTS (SELECT 1 FROM mapping_row r WHERE r.version_id = v.id AND r.organization_id = $1)`,
    [organizationId],
  );
  for (const { id } of cleared) {
    for (let count = SET; count === SET && !signal.aborted; removed += count) {
      const { rowCount } = await pool.query(
        `DELETE FROM mapping_row WHERE organization_id = $1 AND version_id = $2 AND ctid = ANY (ARRAY(
           SELECT ctid FROM mapping_row WHERE organization_id = $1 AND version_id = $2 LIMIT $3))`,
        [organizationId, id, SET],
      );
      count = rowCount ?? 0;
    }
  }
  return removed;
}
