/** What is needed to tell who is owed a copy, read for one page at a time: its numbers, not the whole mapping. */
import type pg from 'pg';
import { mappingLookup, noMapping } from '../../mapping/lookup.ts';
import type { E164, Region } from '../../mapping/number.ts';
import type { OwedContext } from '../../mapping/owed.ts';
import { registeredNumbers } from '../../mapping/store/registered-numbers.ts';
import { rowsFor } from '../../mapping/store/rows.ts';
import { ruleInForce } from '../../mapping/store/rule.ts';
import type { RunningConnector } from './connectors.ts';

/** Who is owed a copy, and by which mapping version that is decided; null where none is in force. */
export type DecidingContext = OwedContext & { readonly versionId: string | null };

/**
 * Reads the mapping in force and the registered users for some numbers. Rows and rule are one version's: whatever comes
 * into force meanwhile has another id, and whoever writes by this one finds that it is not in force any more.
 *
 * @param numbersIn every reading of every number that the page names, in the region that the version reads them in
 */
export async function owedContext(
  pool: pg.Pool,
  connector: Pick<RunningConnector, 'id' | 'organizationId' | 'sourceId'>,
  numbersIn: (region: Region) => readonly E164[],
): Promise<DecidingContext> {
  const { organizationId, id, sourceId } = connector;
  const { versionId, automaticMapping, defaultRegion } = await ruleInForce(pool, organizationId, id);
  const numbers = numbersIn(defaultRegion);
  const [rows, registered, organization] = await Promise.all([
    versionId === null ? [] : rowsFor(pool, organizationId, versionId, numbers),
    registeredNumbers(pool, organizationId, sourceId, numbers),
    pool.query<{ verified_domains: string[] }>('SELECT verified_domains FROM organization WHERE id = $1', [
      organizationId,
    ]),
  ]);
  return {
    versionId,
    mapping: versionId === null ? noMapping : mappingLookup(versionId, rows),
    isRegistered: (number) => registered.has(number),
    automaticMapping,
    verifiedDomains: new Set(organization.rows[0]?.verified_domains.map((domain) => domain.toLowerCase()) ?? []),
    defaultRegion,
  };
}
