/** The directory's memory: what it said of an address, and when. What is asked of it: `lib/imports/directory.ts`. */
import type pg from 'pg';
import type { DirectoryResult } from '../../microsoft/directory.ts';

/** How old an answer may be. Who had no mailbox is asked again sooner, because somebody is probably mending it. */
export const KNOWN_SECONDS = 24 * 60 * 60;
export const UNKNOWN_SECONDS = 10 * 60;

interface Row {
  address: string;
  result: 'mailbox' | 'none' | 'guest' | 'ambiguous' | 'no_mailbox';
  user_id: string | null;
  mailbox_address: string | null;
  display_name: string | null;
  user_principal_name: string | null;
  closed: boolean;
}

/** What is remembered of addresses and not too old. @param addresses in lower case */
export async function recallAddresses(
  pool: pg.Pool,
  organizationId: string,
  addresses: readonly string[],
): Promise<Map<string, DirectoryResult>> {
  const { rows } = await pool.query<Row>(
    `SELECT address, result, user_id, mailbox_address, display_name, user_principal_name, closed FROM directory_entry
     WHERE organization_id = $1 AND address = ANY ($2)
       AND checked_at > now() - make_interval(secs => CASE WHEN result = 'mailbox' THEN $3::int ELSE $4::int END)`,
    [organizationId, addresses, KNOWN_SECONDS, UNKNOWN_SECONDS],
  );
  return new Map(rows.map((row) => [row.address, resultOf(row)]));
}

/** What a remembered row says. */
export function resultOf(row: Row): DirectoryResult {
  if (row.result === 'mailbox' && row.user_id !== null) {
    const address = row.mailbox_address ?? row.address;
    return {
      kind: 'mailbox',
      userId: row.user_id,
      address,
      displayName: row.display_name ?? address,
      userPrincipalName: row.user_principal_name ?? address,
    };
  }
  if (row.result === 'no_mailbox') return { kind: 'no_mailbox', reason: row.closed ? 'access_denied' : 'not_enabled' };
  return { kind: row.result === 'mailbox' ? 'none' : row.result };
}

/** Remembers what the directory said. @param results by address in lower case */
export async function rememberAddresses(
  pool: pg.Pool,
  organizationId: string,
  results: ReadonlyMap<string, DirectoryResult>,
): Promise<void> {
  const entries = [...results].sort(([a], [b]) => (a < b ? -1 : 1));
  const mailbox = (result: DirectoryResult) => (result.kind === 'mailbox' ? result : null);
  await pool.query(
    `INSERT INTO directory_entry (organization_id, address, result, user_id, mailbox_address, display_name, user_principal_name, closed)
     SELECT $1, * FROM unnest($2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::boolean[])
     ON CONFLICT (organization_id, address) DO UPDATE SET result = excluded.result, user_id = excluded.user_id,
       mailbox_address = excluded.mailbox_address, display_name = excluded.display_name,
       user_principal_name = excluded.user_principal_name, closed = excluded.closed, checked_at = now()`,
    [
      organizationId,
      entries.map(([address]) => address),
      entries.map(([, result]) => result.kind),
      entries.map(([, result]) => mailbox(result)?.userId ?? null),
      entries.map(([, result]) => mailbox(result)?.address ?? null),
      entries.map(([, result]) => mailbox(result)?.displayName ?? null),
      entries.map(([, result]) => mailbox(result)?.userPrincipalName ?? null),
      entries.map(([, result]) => result.kind === 'no_mailbox' && result.reason === 'access_denied'),
    ],
  );
}

/** Forgets what was remembered of people whose mailbox is gone, so that the directory is asked before anything is sent. */
export async function forgetMailboxes(
  client: pg.PoolClient,
  organizationId: string,
  userIds: readonly string[],
): Promise<void> {
  await client.query(
    `DELETE FROM directory_entry WHERE (organization_id, address) IN (
       SELECT organization_id, address FROM directory_entry WHERE organization_id = $1 AND user_id = ANY ($2)
       ORDER BY address FOR UPDATE)`,
    [organizationId, userIds],
  );
}
