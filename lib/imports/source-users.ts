/** The source's registered users, copied into the ledger's database: who is owed copies, and whom to suggest for a number. */
import type pg from 'pg';
import type { SourceUser } from '../archive/source.ts';
import { parsePartyNumber, type Region } from '../mapping/number.ts';

const SET = 1000;

/**
 * Reads all users and replaces what was known of them. Users that the source no longer lists become `deleted`.
 *
 * @param region in which national numbers are read
 * @returns how many users are registered, deleted ones not counted
 * @throws SourceError
 */
export async function syncSourceUsers(
  pool: pg.Pool,
  owner: { readonly organizationId: string; readonly sourceId: string; readonly region: Region },
  users: AsyncIterable<SourceUser>,
): Promise<number> {
  const started = await pool.query<{ now: Date }>('SELECT now()');
  let registered = 0;
  let set: SourceUser[] = [];
  const flush = async (): Promise<void> => {
    await upsert(pool, owner, set);
    set = [];
  };
  for await (const user of users) {
    if (user.status !== 'deleted') registered++;
    set.push(user);
    if (set.length === SET) await flush();
  }
  await flush();
  await pool.query(
    `UPDATE source_user SET status = 'deleted' WHERE source_id = $1 AND seen_at < $2 AND status <> 'deleted'`,
    [owner.sourceId, started.rows[0]?.now],
  );
  await pool.query('UPDATE source SET users_read_at = now() WHERE id = $1', [owner.sourceId]);
  return registered;
}

async function upsert(
  pool: pg.Pool,
  owner: { readonly organizationId: string; readonly sourceId: string; readonly region: Region },
  users: readonly SourceUser[],
): Promise<void> {
  // The same phone twice in one statement cannot be upserted; the last word counts.
  const distinct = [...new Map(users.map((user) => [user.mobile, user])).values()];
  if (distinct.length === 0) return;
  await pool.query(
    `INSERT INTO source_user (source_id, organization_id, mobile, number, email, name, status, last_archived_at)
     SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])
     ON CONFLICT (source_id, mobile) DO UPDATE SET number = excluded.number, email = excluded.email, name = excluded.name,
       status = excluded.status, last_archived_at = excluded.last_archived_at, seen_at = now()`,
    [
      owner.sourceId,
      owner.organizationId,
      distinct.map(({ mobile }) => mobile),
      distinct.map(({ mobile }) => parsePartyNumber(mobile, owner.region)),
      distinct.map(({ email }) => email),
      distinct.map(({ name }) => name),
      distinct.map(({ status }) => status),
      distinct.map(({ lastArchivedTime }) => timeOf(lastArchivedTime)),
    ],
  );
}

function timeOf(text: string | null): Date | null {
  const time = text === null ? Number.NaN : Date.parse(text);
  return Number.isFinite(time) ? new Date(time) : null;
}
