/**
 * Links new entries of the audit log to the chain of their organization, seconds after they were committed. Every worker
 * does it every few seconds; an organization's chain is one worker's at a time. What is not linked yet is not covered:
 * `verify.ts` finds entries that nobody linked, and the page says since when.
 */
import type pg from 'pg';
import { inTransaction, type Queryable } from '../db.ts';
import type { AuditKeys } from './keys.ts';
import { BEFORE_FIRST, linkMac } from './record.ts';
import { ENTRY_COLUMNS, type EntryRow, recordOf } from './store/rows.ts';

const AT_A_TIME = 500;

/** Links everything that is committed and not linked. @returns how many entries it linked */
export async function linkEntries(pool: pg.Pool, keys: AuditKeys): Promise<number> {
  const { rows } = await pool.query<{ organization_id: string }>(
    'SELECT DISTINCT organization_id FROM audit_unlinked LIMIT 1000',
  );
  let linked = 0;
  for (const { organization_id: organizationId } of rows) {
    for (;;) {
      const some = await inTransaction(pool, (client) => linkSome(client, keys, organizationId));
      linked += some;
      if (some < AT_A_TIME) break;
    }
  }
  return linked;
}

async function linkSome(client: Queryable, keys: AuditKeys, organizationId: string): Promise<number> {
  // Who finds another at it leaves it to the other.
  const turn = await client.query<{ mine: boolean }>(
    `SELECT pg_try_advisory_xact_lock(hashtextextended('audit_link ' || $1, 0)) AS mine`,
    [organizationId],
  );
  if (!turn.rows[0]?.mine) return 0;
  const { rows: entries } = await client.query<EntryRow>(
    `WITH due AS (DELETE FROM audit_unlinked
       WHERE (organization_id, entry_id) IN (
         SELECT organization_id, entry_id FROM audit_unlinked WHERE organization_id = $1 ORDER BY entry_id LIMIT $2)
       RETURNING entry_id, entry_at)
     SELECT ${ENTRY_COLUMNS} FROM due JOIN audit_entry e ON e.at = due.entry_at AND e.id = due.entry_id ORDER BY e.id`,
    [organizationId, AT_A_TIME],
  );
  if (entries.length === 0) return 0;
  const head = await headOf(client, organizationId);
  let seq = BigInt(head?.seq ?? 0);
  let before: Uint8Array = head?.mac ?? BEFORE_FIRST;
  const { id: keyId, linking } = keys.current;
  const links = entries.map((entry) => {
    seq += 1n;
    before = linkMac(linking, recordOf(entry), String(seq), keyId, before);
    return { seq: String(seq), mac: before, entry };
  });
  await client.query(
    `INSERT INTO audit_link (organization_id, seq, entry_id, entry_at, key_id, mac)
     SELECT $1, seq, entry_id, entry_at, $2, mac
     FROM unnest($3::bigint[], $4::bigint[], $5::timestamptz[], $6::bytea[]) AS l (seq, entry_id, entry_at, mac)`,
    [
      organizationId,
      keyId,
      links.map((link) => link.seq),
      links.map(({ entry }) => entry.id),
      links.map(({ entry }) => entry.at),
      links.map(({ mac }) => mac),
    ],
  );
  return entries.length;
}

/** The last link of an organization's chain. */
export async function headOf(
  client: Queryable,
  organizationId: string,
): Promise<{ readonly seq: string; readonly mac: Uint8Array } | null> {
  const { rows } = await client.query<{ seq: string; mac: Buffer }>(
    'SELECT seq::text, mac FROM audit_link WHERE organization_id = $1 ORDER BY seq DESC LIMIT 1',
    [organizationId],
  );
  return rows[0] ?? null;
}
