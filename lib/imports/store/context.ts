/** What is needed to tell who is owed a copy, read for one page at a time: its numbers, not the whole mapping. */
import type pg from 'pg';
import type { MailboxAddress } from '../../mapping/mailbox-address.ts';
import type { E164, Region } from '../../mapping/number.ts';
import type { MappingMatch, OwedContext } from '../../mapping/owed.ts';
import type { RunningConnector } from './connectors.ts';

interface MappingPeriod extends MappingMatch {
  readonly from: Date | null;
  readonly to: Date | null;
}

/**
 * Reads the mapping in force and the registered users for some numbers.
 *
 * @param numbers every reading of every number that the page names
 */
export async function owedContext(
  pool: pg.Pool,
  connector: RunningConnector,
  numbers: readonly E164[],
): Promise<OwedContext> {
  const [mapping, users, organization] = await Promise.all([
    pool.query<{
      number: string;
      mailbox: MailboxAddress;
      version_id: string;
      row_number: number;
      from: Date | null;
      to: Date | null;
    }>(
      `SELECT r.number, r.mailbox, r.version_id, r.row_number,
         CASE WHEN isfinite(r.valid_from) THEN r.valid_from END AS from, CASE WHEN isfinite(r.valid_to) THEN r.valid_to END AS to
       FROM mapping_version v JOIN mapping_row r ON r.version_id = v.id
       WHERE v.organization_id = $1 AND v.connector_id = $2 AND v.status = 'in_force' AND r.number = ANY ($3)`,
      [connector.organizationId, connector.id, numbers],
    ),
    pool.query<{ number: string }>(
      `SELECT number FROM source_user WHERE source_id = $1 AND number = ANY ($2) AND status <> 'deleted'`,
      [connector.sourceId, numbers],
    ),
    pool.query<{ verified_domains: string[] }>('SELECT verified_domains FROM organization WHERE id = $1', [
      connector.organizationId,
    ]),
  ]);
  const periods = new Map<string, MappingPeriod[]>();
  for (const row of mapping.rows) {
    const of = periods.get(row.number) ?? [];
    of.push({ mailbox: row.mailbox, versionId: row.version_id, row: row.row_number, from: row.from, to: row.to });
    periods.set(row.number, of);
  }
  const registered = new Set(users.rows.map(({ number }) => number));
  return {
    mapping: (number, at) =>
      periods.get(number)?.find(({ from, to }) => (from === null || from <= at) && (to === null || at < to)) ?? null,
    isRegistered: (number) => registered.has(number),
    automaticMapping: connector.automaticMapping,
    verifiedDomains: new Set(organization.rows[0]?.verified_domains.map((domain) => domain.toLowerCase()) ?? []),
    defaultRegion: connector.defaultRegion as Region,
  };
}
