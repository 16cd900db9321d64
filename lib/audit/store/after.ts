/** What a program reads of the audit log: in the order of the chain, which has no gap and never changes. */
import type { Queryable } from '../../db.ts';
import { type AuditEntry, type EntryOfLog, entryOf } from '../log.ts';
import { ENTRY_COLUMNS } from './rows.ts';

export interface EntriesAfter {
  readonly entries: readonly AuditEntry[];
  /** place of the last link that was looked at; where nothing follows, the one that was given */
  readonly through: string;
}

/**
 * The next links behind a place, each with its entry. Entries whose month was purged have their link and are passed over.
 *
 * @param place decimal; `0` for the beginning
 * @param limit links
 */
export async function entriesAfter(
  client: Queryable,
  organizationId: string,
  place: string,
  limit: number,
): Promise<EntriesAfter> {
  const { rows } = await client.query<EntryOfLog & { readonly seq: string; readonly is_there: boolean }>(
    `SELECT l.seq::text, l.key_id, l.mac, e.id IS NOT NULL AS is_there, ${ENTRY_COLUMNS}, c.name AS target_name
     FROM (SELECT * FROM audit_link WHERE organization_id = $1 AND seq > $2::bigint ORDER BY seq LIMIT $3) l
     LEFT JOIN audit_entry e ON e.at = l.entry_at AND e.id = l.entry_id AND e.organization_id = $1
     LEFT JOIN connector c ON e.target_type = 'connector' AND c.id::text = e.target_id AND c.organization_id = $1
     ORDER BY l.seq`,
    [organizationId, place, limit],
  );
  return { entries: rows.filter((row) => row.is_there).map(entryOf), through: rows.at(-1)?.seq ?? place };
}
