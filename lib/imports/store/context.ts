/** What is needed to tell who is owed a copy, read for one page at a time: its numbers, not the whole mapping. */
import type pg from 'pg';
import { mappingLookup, noMapping } from '../../mapping/lookup.ts';
import { type E164, isRegion } from '../../mapping/number.ts';
import type { OwedContext } from '../../mapping/owed.ts';
import { registeredNumbers, rowsFor, versionInForce } from '../../mapping/store.ts';
import type { RunningConnector } from './connectors.ts';

/** A connector's region is checked on its way in; this one stands for a region that libphonenumber has dropped since. */
export const FALLBACK_REGION = 'US';

/** Who is owed a copy, and by which mapping version that is decided; null where none is in force. */
export type DecidingContext = OwedContext & { readonly versionId: string | null };

/**
 * Reads the mapping in force and the registered users for some numbers.
 *
 * @param numbers every reading of every number that the page names
 */
export async function owedContext(
  pool: pg.Pool,
  connector: RunningConnector,
  numbers: readonly E164[],
): Promise<DecidingContext> {
  const { organizationId, id, sourceId, automaticMapping, defaultRegion } = connector;
  const version = await versionInForce(pool, organizationId, id);
  const [rows, registered, organization] = await Promise.all([
    version === null ? [] : rowsFor(pool, organizationId, version.id, numbers),
    registeredNumbers(pool, organizationId, sourceId, numbers),
    pool.query<{ verified_domains: string[] }>('SELECT verified_domains FROM organization WHERE id = $1', [
      organizationId,
    ]),
  ]);
  return {
    versionId: version?.id ?? null,
    mapping: version === null ? noMapping : mappingLookup(version.id, rows),
    isRegistered: (number) => registered.has(number),
    automaticMapping,
    verifiedDomains: new Set(organization.rows[0]?.verified_domains.map((domain) => domain.toLowerCase()) ?? []),
    defaultRegion: isRegion(defaultRegion) ? defaultRegion : FALLBACK_REGION,
  };
}
