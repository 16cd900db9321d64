import type { SourceAccount, SourceUser } from '../../archive/source.ts';
import type { Queryable } from '../../db.ts';

/** A row of `source`, and whose it is. */
export interface SourceRow {
  readonly id: bigint;
  readonly organizationId: string;
}

/** Makes the row of an account, or finds it, and keeps its name up to date. */
export async function saveSource(
  client: Queryable,
  source: { readonly organizationId: string; readonly kind: string; readonly account: SourceAccount },
): Promise<bigint> {
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO source (organization_id, kind, account_id, account_name) VALUES ($1, $2, $3, $4)
     ON CONFLICT (organization_id, kind, account_id) DO UPDATE SET account_name = excluded.account_name
     RETURNING id`,
    [source.organizationId, source.kind, source.account.id, source.account.name],
  );
  const [row] = rows;
  if (row === undefined) throw new RangeError('an upsert returned no row');
  return BigInt(row.id);
}

/** The registered users of a source, at most `limit`, by name. */
export async function readSourceUsers(
  client: Queryable,
  organizationId: string,
  sourceId: bigint,
  limit: number,
): Promise<readonly SourceUser[]> {
  const { rows } = await client.query<SourceUser>(
    `SELECT mobile, email, name, status, NULL AS "lastArchivedTime" FROM source_user
      WHERE source_id = $1 AND organization_id = $2 AND status <> 'deleted'
      ORDER BY name NULLS LAST, mobile LIMIT $3`,
    [sourceId, organizationId, limit],
  );
  return rows;
}

/** Removes an account that nothing hangs on any more: no connector and no item. Inside a transaction. */
export async function removeUnusedSource(client: Queryable, source: SourceRow): Promise<void> {
  const { id, organizationId } = source;
  const { rows } = await client.query(
    `SELECT 1 WHERE EXISTS (SELECT 1 FROM connector WHERE source_id = $1 AND organization_id = $2)
        OR EXISTS (SELECT 1 FROM item_identity WHERE source_id = $1 AND organization_id = $2)`,
    [id, organizationId],
  );
  if (rows.length > 0) return;
  await client.query('DELETE FROM source_user WHERE source_id = $1 AND organization_id = $2', [id, organizationId]);
  await client.query('DELETE FROM source WHERE id = $1 AND organization_id = $2', [id, organizationId]);
}
