/**
 * The source's registered users, copied into the ledger's database: who is owed copies, and whom to suggest for a number.
 * Written by the login of the wizard and before every plan.
 */
import type pg from 'pg';
import { storableText } from '../archive/item.ts';
import type { SourceUser } from '../archive/source.ts';
import { parseTime } from '../archive/times.ts';
import { inTransaction, type Queryable } from '../db.ts';
import { parsePartyNumber, type Region } from '../mapping/number.ts';
import { keptInForce } from '../mapping/store/in-force.ts';
import { ruleInForce } from '../mapping/store/rule.ts';

/** Users written at a time. */
export const SET = 1000;
/** As in an item: no phone whose number is longer can own one. */
export const MAX_MOBILE_LENGTH = 512;

/** Whose users, and the region in which their national numbers are read. */
export interface UsersOwner {
  readonly organizationId: string;
  readonly sourceId: string;
  readonly region: Region;
}

/**
 * Writes the users that the source lists now; who is no longer among them counts as deleted. Of two readings that overlap
 * the later one is right, in whatever order they write: a row never goes back to what an earlier one saw, and whoever
 * ends last removes what the later one did not see.
 *
 * @param at when the reading began, by the database's clock (`databaseTime`)
 * @returns how many are registered, deleted ones not counted
 * @throws SourceError where `users` does
 */
export async function saveSourceUsers(
  client: Queryable,
  owner: UsersOwner,
  users: Iterable<SourceUser> | AsyncIterable<SourceUser>,
  at: Date,
): Promise<number> {
  let set = new Map<string, SourceUser>();
  const registered = new Map<string, boolean>();
  for await (const user of users) {
    if (user.mobile === '' || user.mobile.length > MAX_MOBILE_LENGTH) continue;
    // The source may list a phone twice; the later line is the newer one, and one statement may touch a row only once.
    const mobile = storableText(user.mobile);
    set.set(mobile, { ...user, mobile });
    registered.set(mobile, user.status !== 'deleted');
    if (set.size < SET) continue;
    await upsert(client, owner, [...set.values()], at);
    set = new Map();
  }
  if (set.size > 0) await upsert(client, owner, [...set.values()], at);
  await client.query(
    'UPDATE source SET users_read_at = greatest(users_read_at, $3) WHERE id = $1 AND organization_id = $2',
    [owner.sourceId, owner.organizationId, at],
  );
  await client.query(
    `UPDATE source_user u SET status = 'deleted' FROM source s
     WHERE s.id = $1 AND s.organization_id = $2 AND u.source_id = s.id AND u.organization_id = s.organization_id
       AND u.seen_at < s.users_read_at AND u.status <> 'deleted'`,
    [owner.sourceId, owner.organizationId],
  );
  return [...registered.values()].filter(Boolean).length;
}

/** Reads all users and replaces what was known of them, at the database's time. @throws SourceError */
export async function syncSourceUsers(
  pool: pg.Pool,
  owner: UsersOwner,
  users: AsyncIterable<SourceUser>,
): Promise<number> {
  const registered = await saveSourceUsers(pool, owner, users, await databaseTime(pool));
  await readNumbersAgain(pool, owner);
  return registered;
}

/** Reads the national numbers of a source's users again, in another region. Inside a transaction. */
export async function readNumbersIn(
  client: Queryable,
  source: { readonly id: string | bigint; readonly organizationId: string },
  region: Region,
): Promise<void> {
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

/** Another default region may have come into force while the source was read: numbers are read in that one. */
async function readNumbersAgain(pool: pg.Pool, { organizationId, sourceId, region }: UsersOwner): Promise<void> {
  await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `SELECT id FROM connector WHERE organization_id = $1 AND source_id = $2 AND status = 'live'`,
      [organizationId, sourceId],
    );
    const [connector] = rows;
    if (connector === undefined) return;
    // Whoever puts another version in force has read what is here, or finds it when this is over.
    await keptInForce(client, organizationId, connector.id);
    const { defaultRegion } = await ruleInForce(client, organizationId, connector.id);
    if (defaultRegion !== region) await readNumbersIn(client, { id: sourceId, organizationId }, defaultRegion);
  });
}

/** One clock for every reading, whichever process makes it. */
export async function databaseTime(client: Queryable): Promise<Date> {
  const { rows } = await client.query<{ now: Date }>('SELECT now()');
  const [row] = rows;
  if (row === undefined) throw new RangeError('the database gave no time');
  return row.now;
}

async function upsert(client: Queryable, owner: UsersOwner, users: readonly SourceUser[], at: Date): Promise<void> {
  const textOf = (text: string | null): string | null => (text === null ? null : storableText(text));
  await client.query(
    `INSERT INTO source_user (source_id, organization_id, mobile, number, email, name, status, last_archived_at, seen_at)
     SELECT $1, $2, u.*, $9
     FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])
       AS u (mobile, number, email, name, status, last_archived_at) ORDER BY mobile
     ON CONFLICT (source_id, mobile) DO UPDATE SET number = excluded.number, email = excluded.email,
       name = excluded.name, status = excluded.status, last_archived_at = excluded.last_archived_at,
       seen_at = excluded.seen_at WHERE source_user.seen_at <= excluded.seen_at`,
    [
      owner.sourceId,
      owner.organizationId,
      users.map(({ mobile }) => mobile),
      users.map(({ mobile }) => parsePartyNumber(mobile, owner.region)),
      users.map(({ email }) => textOf(email)),
      users.map(({ name }) => textOf(name)),
      users.map(({ status }) => status),
      users.map(({ lastArchivedTime }) => timeOf(lastArchivedTime)),
      at,
    ],
  );
}

/** Impossible times were seen in the wild: they are none. */
export function timeOf(text: string | null): Date | null {
  const time = text === null ? null : parseTime(text);
  return time === null ? null : new Date(time);
}
