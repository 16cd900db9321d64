/** What verifying reads. */
import type { Queryable } from '../../db.ts';
import type { LinkedRow } from '../verify.ts';
import { ENTRY_COLUMNS, type EntryRow } from './rows.ts';

type Row = EntryRow & {
  readonly seq: string;
  readonly entry_id: string;
  readonly key_id: string;
  readonly mac: Buffer;
  readonly entry_at: Date;
  readonly is_there: boolean;
};

/** The next links of a chain in their order, each with its entry. */
export async function readLinked(
  client: Queryable,
  organizationId: string,
  afterSeq: string,
  limit: number,
): Promise<LinkedRow[]> {
  const { rows } = await client.query<Row>(
    `SELECT l.seq::text, l.entry_id::text, l.entry_at, l.key_id, l.mac, e.id IS NOT NULL AS is_there, ${ENTRY_COLUMNS}
     FROM (SELECT * FROM audit_link WHERE organization_id = $1 AND seq > $2 ORDER BY seq LIMIT $3) l
     LEFT JOIN audit_entry e ON e.at = l.entry_at AND e.id = l.entry_id AND e.organization_id = $1
     ORDER BY l.seq`,
    [organizationId, afterSeq, limit],
  );
  return rows.map((row) => ({
    seq: row.seq,
    entryId: row.entry_id,
    entryAt: row.entry_at,
    keyId: row.key_id,
    mac: row.mac,
    entry: row.is_there ? row : null,
  }));
}

/** The first entry before a time that no link names. */
export async function neverLinked(
  client: Queryable,
  organizationId: string,
  before: Date,
): Promise<{ readonly id: string; readonly at: Date } | null> {
  const { rows } = await client.query<{ id: string; at: Date }>(
    `SELECT e.id::text, e.at FROM audit_entry e
     WHERE e.organization_id = $1 AND e.at < $2 AND NOT EXISTS (SELECT FROM audit_link l WHERE l.entry_id = e.id)
     ORDER BY e.at, e.id LIMIT 1`,
    [organizationId, before],
  );
  return rows[0] ?? null;
}
