/** The account at the source and its registered users, as rows. Both outlive connectors. */
import type pg from 'pg';
import type { SourceAccount, SourceUser } from '../../archive/source.ts';
import { isRegion, parsePartyNumber, type Region } from '../../mapping/number.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

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

/** Users written at a time. */
const SET = 1_000;

/**
 * Writes the users that the source lists now; who is no longer among them counts as deleted. Inside a transaction.
 *
 * @param users in lists of any length
 * @returns how many are registered, deleted ones not counted
 */
export async function saveSourceUsers(
  client: Queryable,
  source: SourceRow,
  users: readonly SourceUser[],
  defaultRegion: string,
  at: Date,
): Promise<number> {
  const region: Region = isRegion(defaultRegion) ? defaultRegion : 'US';
  // The source may list a phone twice; the later line is the newer one, and one statement may touch a row only once.
  const distinct = [...new Map(users.map((user) => [user.mobile, user])).values()];
  for (let from = 0; from < distinct.length; from += SET) {
    await upsert(client, source, distinct.slice(from, from + SET), region, at);
  }
  await client.query(
    `UPDATE source_user SET status = 'deleted' WHERE source_id = $1 AND organization_id = $2 AND seen_at < $3`,
    [source.id, source.organizationId, at],
  );
  await client.query('UPDATE source SET users_read_at = $3 WHERE id = $1 AND organization_id = $2', [
    source.id,
    source.organizationId,
    at,
  ]);
  return distinct.filter(({ status }) => status !== 'deleted').length;
}

async function upsert(
  client: Queryable,
  source: SourceRow,
  users: readonly SourceUser[],
  region: Region,
  at: Date,
): Promise<void> {
  await client.query(
    `INSERT INTO source_user (source_id, organization_id, mobile, number, email, name, status, last_archived_at, seen_at)
     SELECT $1, $2, u.*, $9
       FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])
         AS u (mobile, number, email, name, status, last_archived_at)
     ON CONFLICT (source_id, mobile) DO UPDATE SET number = excluded.number, email = excluded.email,
       name = excluded.name, status = excluded.status, last_archived_at = excluded.last_archived_at,
       seen_at = excluded.seen_at`,
    [
      source.id,
      source.organizationId,
      users.map(({ mobile }) => mobile),
      users.map(({ mobile }) => parsePartyNumber(mobile, region)),
      users.map(({ email }) => email),
      users.map(({ name }) => name),
      users.map(({ status }) => status),
      users.map(({ lastArchivedTime }) => timeOrNull(lastArchivedTime)),
      at,
    ],
  );
}

/** Reads the national numbers of a source's users again, in another region. Inside a transaction. */
export async function readNumbersIn(client: Queryable, source: SourceRow, region: Region): Promise<void> {
  const { rows } = await client.query<{ mobile: string }>(
    `SELECT mobile FROM source_user WHERE source_id = $1 AND organization_id = $2 AND mobile NOT LIKE '+%'`,
    [source.id, source.organizationId],
  );
  const mobiles = rows.map(({ mobile }) => mobile);
  await client.query(
    `UPDATE source_user s SET number = u.number FROM unnest($3::text[], $4::text[]) AS u (mobile, number)
      WHERE s.source_id = $1 AND s.organization_id = $2 AND s.mobile = u.mobile`,
    [source.id, source.organizationId, mobiles, mobiles.map((mobile) => parsePartyNumber(mobile, region))],
  );
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

/** Impossible times were seen in the wild; PostgreSQL knows none after 294276. */
function timeOrNull(text: string | null): Date | null {
  const date = text === null ? null : new Date(text);
  if (date === null || Number.isNaN(date.getTime())) return null;
  return date.getUTCFullYear() > 9999 ? null : date;
}
