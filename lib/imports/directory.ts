/**
 * The directory with a memory: what it said of an address is kept for a stated time, because a page of items asks for the
 * same few people again and again. The memory is never the truth about a delivery: a mailbox that is gone says so itself.
 */
import type pg from 'pg';
import { AppTokenError } from '../microsoft/app-token.ts';
import { type DirectoryResult, resolveAddresses } from '../microsoft/directory.ts';
import type { Graph } from '../microsoft/graph.ts';

/** How old an answer may be. Who had no mailbox is asked again sooner, because somebody is probably mending it. */
const KNOWN_SECONDS = 24 * 60 * 60;
const UNKNOWN_SECONDS = 10 * 60;

interface Row {
  address: string;
  result: 'mailbox' | 'none' | 'guest' | 'ambiguous' | 'no_mailbox';
  user_id: string | null;
  mailbox_address: string | null;
  display_name: string | null;
  user_principal_name: string | null;
}

/**
 * What the directory says of addresses, by their lower-case form.
 *
 * @param options.fresh true asks the directory whatever is remembered
 * @param options.mayWriteMail asked where a mailbox is closed to us: whether only that one is, or the organization
 * @throws GraphError; AppTokenError, also where the organization no longer lets us write mail
 */
export async function lookUpAddresses(
  pool: pg.Pool,
  graph: Graph,
  organizationId: string,
  addresses: Iterable<string>,
  options: {
    readonly fresh?: boolean;
    readonly signal?: AbortSignal;
    readonly mayWriteMail?: (organizationId: string) => Promise<boolean>;
  } = {},
): Promise<ReadonlyMap<string, DirectoryResult>> {
  const wanted = [...new Set([...addresses].map((address) => address.toLowerCase()))];
  const results = new Map<string, DirectoryResult>();
  if (wanted.length === 0) return results;
  if (!options.fresh) {
    const { rows } = await pool.query<Row>(
      `SELECT address, result, user_id, mailbox_address, display_name, user_principal_name FROM directory_entry
       WHERE organization_id = $1 AND address = ANY ($2)
         AND checked_at > now() - make_interval(secs => CASE WHEN result = 'mailbox' THEN $3::int ELSE $4::int END)`,
      [organizationId, wanted, KNOWN_SECONDS, UNKNOWN_SECONDS],
    );
    for (const row of rows) results.set(row.address, resultOf(row));
  }
  const unknown = wanted.filter((address) => !results.has(address));
  if (unknown.length === 0) return results;
  const asked = await resolveAddresses(graph, unknown, options.signal ? { signal: options.signal } : {});
  const closed = [...asked.values()].some((one) => one.kind === 'no_mailbox' && one.reason === 'access_denied');
  if (closed && options.mayWriteMail && !(await options.mayWriteMail(organizationId))) {
    throw new AppTokenError('app_not_in_tenant', 'the organization no longer lets this application write mail');
  }
  await remember(pool, organizationId, asked);
  for (const [address, result] of asked) results.set(address, result);
  return results;
}

function resultOf(row: Row): DirectoryResult {
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
  if (row.result === 'no_mailbox') return { kind: 'no_mailbox', reason: 'not_enabled' };
  return { kind: row.result === 'mailbox' ? 'none' : row.result };
}

async function remember(
  pool: pg.Pool,
  organizationId: string,
  results: ReadonlyMap<string, DirectoryResult>,
): Promise<void> {
  const entries = [...results].sort(([a], [b]) => (a < b ? -1 : 1));
  const mailbox = (result: DirectoryResult) => (result.kind === 'mailbox' ? result : null);
  await pool.query(
    `INSERT INTO directory_entry (organization_id, address, result, user_id, mailbox_address, display_name, user_principal_name)
     SELECT $1, * FROM unnest($2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::text[])
     ON CONFLICT (organization_id, address) DO UPDATE SET result = excluded.result, user_id = excluded.user_id,
       mailbox_address = excluded.mailbox_address, display_name = excluded.display_name,
       user_principal_name = excluded.user_principal_name, checked_at = now()`,
    [
      organizationId,
      entries.map(([address]) => address),
      entries.map(([, result]) => result.kind),
      entries.map(([, result]) => mailbox(result)?.userId ?? null),
      entries.map(([, result]) => mailbox(result)?.address ?? null),
      entries.map(([, result]) => mailbox(result)?.displayName ?? null),
      entries.map(([, result]) => mailbox(result)?.userPrincipalName ?? null),
    ],
  );
}
