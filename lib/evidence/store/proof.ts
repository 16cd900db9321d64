/** What the ledger holds about some items: each statement finds rows by the keys of the items that are shown. */
import type pg from 'pg';
import type { Queryable } from '../../db.ts';
import { inMonths, monthsOf } from '../../imports/store/months.ts';
import type { RowKey } from '../../imports/store/undone.ts';

const KEYS = 'SELECT * FROM unnest($2::timestamptz[], $3::bigint[])';
/** What `KEYS` and `IN_THEIR_MONTHS` name, of at least one key. */
const keysOf = (keys: readonly RowKey[]) => {
  const times = keys.map((key) => key.archivedAt);
  return [times, keys.map((key) => key.id), ...monthsOf(times)];
};
const inTheirMonths = (column: string): string => inMonths(column, '$4', '$5');

export interface ItemRow {
  readonly archived_at: Date;
  readonly id: string;
  readonly source_item_id: string;
  readonly type: string;
  readonly message_time: Date | null;
  readonly outcome: string;
  readonly reason: string | null;
  readonly sha256: string;
  readonly source_kind: string;
  readonly account_name: string;
  readonly connector_id: string;
  readonly connector: string;
  readonly import_id: string;
  readonly import_number: number;
  readonly import_trigger: string;
  readonly collected_at: Date | null;
  readonly window_from: Date;
  readonly window_to: Date;
  readonly sign_off_id: string | null;
}

/** Items with what collected them, in no order. */
export async function readItems(
  client: Queryable,
  organizationId: string,
  keys: readonly RowKey[],
): Promise<ItemRow[]> {
  if (keys.length === 0) return [];
  const { rows } = await client.query<ItemRow>(
    `SELECT i.archived_at, i.id, i.source_item_id, i.type, i.message_time, i.outcome, i.reason,
       encode(n.sha256, 'hex') AS sha256, s.kind AS source_kind, s.account_name, i.connector_id, c.name AS connector,
       i.import_id, m.number AS import_number, m.trigger AS import_trigger, m.collected_at, w.starts_at AS window_from,
       w.ends_at AS window_to, i.sign_off_id
     FROM item i JOIN item_identity n ON n.source_id = i.source_id AND n.source_item_id = i.source_item_id
       JOIN source s ON s.id = i.source_id JOIN connector c ON c.id = i.connector_id
       JOIN import m ON m.id = i.import_id JOIN import_window w ON w.id = m.window_id
     WHERE i.organization_id = $1 AND (i.archived_at, i.id) IN (${KEYS}) AND ${inTheirMonths('i.archived_at')}`,
    [organizationId, ...keysOf(keys)],
  );
  return rows;
}

export interface CopyRow {
  readonly archived_at: Date;
  readonly id: string;
  readonly item_id: string;
  readonly participant: string;
  readonly number: string | null;
  readonly rule: 'mapping' | 'automatic' | 'fallback' | 'none';
  readonly mapping_version: number | null;
  readonly mapping_version_id: string | null;
  readonly mapping_row: number | null;
  /** of the file whose line the row is */
  readonly file_version: number | null;
  readonly file_name: string | null;
  readonly file_sha256: string | null;
  readonly user_id: string | null;
  readonly mailbox_address: string | null;
  readonly state: string;
  readonly reason: string | null;
  readonly attempts: number;
  readonly doubt: number;
  readonly message_id: string | null;
  readonly content_hash: string | null;
  readonly imported_at: Date | null;
  /** the item for whose copy it was skipped, where that is another one */
  readonly twin_archived_at: Date | null;
  readonly twin_item_id: string | null;
  readonly sign_off_id: string | null;
}

/** The row that chose, in its version or in the one on which that rests, and the version whose file has the line. */
const MAPPING = `LEFT JOIN mapping_version v ON v.id = d.mapping_version_id
  LEFT JOIN LATERAL (
    SELECT r.brought_by, r.version_id FROM mapping_row r
    WHERE r.version_id IN (v.id, v.rest_version_id) AND r.number = d.number AND r.row_number = d.mapping_row
    ORDER BY r.version_id = v.id DESC LIMIT 1) r ON d.rule = 'mapping'
  LEFT JOIN mapping_version h ON h.id = r.version_id
  LEFT JOIN mapping_version f ON f.connector_id = h.connector_id AND f.number = coalesce(r.brought_by, h.number)`;

/** The copies that items are owed as, in the order in which they were decided. */
export async function readCopies(
  client: Queryable,
  organizationId: string,
  keys: readonly RowKey[],
): Promise<CopyRow[]> {
  if (keys.length === 0) return [];
  const { rows } = await client.query<CopyRow>(
    `SELECT d.archived_at, d.id, d.item_id, d.participant, d.number, d.rule, v.number AS mapping_version,
       d.mapping_version_id, d.mapping_row, f.number AS file_version, f.file_name, encode(f.file_sha256, 'hex') AS file_sha256,
       d.user_id, d.mailbox_address, d.state, d.reason, d.attempts, d.doubt, d.message_id,
       encode(d.content_hash, 'hex') AS content_hash, d.imported_at, d.twin_archived_at, d.twin_item_id, d.sign_off_id
     FROM delivery d ${MAPPING}
     WHERE d.organization_id = $1 AND (d.archived_at, d.item_id) IN (${KEYS}) AND ${inTheirMonths('d.archived_at')}
     ORDER BY d.id`,
    [organizationId, ...keysOf(keys)],
  );
  return rows;
}

/** What the source calls these items, by id. */
export async function itemsNamed(
  pool: pg.Pool,
  organizationId: string,
  keys: readonly RowKey[],
): Promise<ReadonlyMap<string, string>> {
  if (keys.length === 0) return new Map();
  const { rows } = await pool.query<{ id: string; name: string }>(
    `SELECT id, source_item_id AS name FROM item
     WHERE organization_id = $1 AND (archived_at, id) IN (${KEYS}) AND ${inTheirMonths('archived_at')}`,
    [organizationId, ...keysOf(keys)],
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

export interface AttachmentEvidence {
  readonly sourceAttachmentId: string;
  readonly size: number;
  readonly state: string;
  readonly reason: string | null;
  /** in hex, of the bytes as they came; null where none came */
  readonly sha256: string | null;
}

/** The attachments of an item, in its order. */
export async function readAttachments(
  pool: pg.Pool,
  organizationId: string,
  { archivedAt, id }: RowKey,
): Promise<AttachmentEvidence[]> {
  const { rows } = await pool.query<AttachmentEvidence>(
    `SELECT source_attachment_id AS "sourceAttachmentId", size::float8 AS size, state, reason,
       encode(sha256, 'hex') AS sha256
     FROM attachment WHERE organization_id = $1 AND archived_at = $2 AND item_id = $3 ORDER BY position`,
    [organizationId, archivedAt, id],
  );
  return rows;
}
