/**
 * What moves together: a misfiled copy, and those that were skipped in favour of it. They lie in the same wrong mailbox
 * by one message; where it goes, each is owed its own.
 */
import type pg from 'pg';
import type { WaitingCopy } from '../../imports/store/waiting.ts';
import type { WantedItem } from '../fetch-items.ts';
import type { HeldCorrection } from './corrections.ts';

/** A copy of the ledger with its item, and all that is needed to have its content again. */
export interface FamilyCopy extends WaitingCopy, WantedItem {
  readonly import_id: string;
  /** the mailbox that it is in */
  readonly user_id: string;
  readonly state: 'imported' | 'partially_imported' | 'skipped';
  readonly reason: string | null;
  /** as the ledger has it: 1 where its mailbox is still to be looked into */
  readonly doubt: number;
  /** of its own message; null where it was skipped */
  readonly message_id: string | null;
  readonly content_hash: Buffer | null;
  /** the item for whose copy it was skipped, where that is another one */
  readonly twin_item_id: string | null;
}

/** A misfiled copy that is to be moved. */
export interface MisfiledCopy extends FamilyCopy {
  readonly to_user_id: string;
  readonly to_mailbox: string;
}

export interface Families {
  /** to be moved */
  readonly moving: readonly MisfiledCopy[];
  /** were skipped in favour of one of these, and stay in their mailbox */
  readonly staying: readonly FamilyCopy[];
  /** changed since they were listed, by delivery id: another phone's copy arrived first, somebody retried */
  readonly changed: readonly { readonly archivedAt: Date; readonly id: string }[];
}

interface Row extends WaitingCopy {
  import_id: string;
  user_id: string;
  state: FamilyCopy['state'];
  reason: string | null;
  doubt: number;
  message_id: string | null;
  content_hash: Buffer | null;
  twin_item_id: string | null;
  source_item_id: string;
  sha256: Buffer;
  starts_at: Date;
  ends_at: Date;
}

const COLUMNS = `d.archived_at, d.id, d.item_id, d.organization_id, i.message_key, d.participant, d.number, d.written,
  d.region, d.region_assumed, d.email, coalesce(i.message_time, i.archived_at) AS at, d.import_id, d.user_id, d.state, d.reason,
  d.doubt, d.twin_item_id,
  CASE WHEN d.state <> 'skipped' THEN d.message_id END AS message_id, d.content_hash,
  i.source_item_id, n.sha256, w.starts_at, w.ends_at`;

const JOINS = `JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id
  JOIN item_identity n ON n.source_id = i.source_id AND n.source_item_id = i.source_item_id
  JOIN import m ON m.id = d.import_id JOIN import_window w ON w.id = m.window_id`;

function familyOf(row: Row): FamilyCopy {
  return {
    ...row,
    itemId: row.item_id,
    archivedAt: row.archived_at,
    sourceItemId: row.source_item_id,
    window: { from: row.starts_at, to: row.ends_at },
  };
}

/**
 * The next copies of a correction that are to be moved, with those that were skipped in favour of one of them. Of these,
 * whoever is misfiled as well moves with it.
 */
export async function nextFamilies(
  pool: pg.Pool | pg.PoolClient,
  { id, organizationId }: Pick<HeldCorrection, 'id' | 'organizationId'>,
  limit: number,
): Promise<Families> {
  const { rows: next } = await pool.query<{ archived_at: Date; delivery_id: string }>(
    `SELECT archived_at, delivery_id FROM correction_copy WHERE correction_id = $1 AND state = 'listed'
     ORDER BY archived_at, delivery_id LIMIT $2`,
    [id, limit],
  );
  return readFamilies(
    pool,
    { id, organizationId },
    next.map((row) => ({ archivedAt: row.archived_at, id: row.delivery_id })),
  );
}

/** The families of these copies, as they are now. */
export async function readFamilies(
  client: pg.Pool | pg.PoolClient,
  { id, organizationId }: Pick<HeldCorrection, 'id' | 'organizationId'>,
  keys: readonly { readonly archivedAt: Date; readonly id: string }[],
): Promise<Families> {
  if (keys.length === 0) return { moving: [], staying: [], changed: [] };
  const first = await readListed(client, id, organizationId, keys);
  const dependents = await readDependents(
    client,
    organizationId,
    first.filter(({ message_id }) => message_id !== null),
  );
  const known = new Set(first.map(keyOf));
  const further = dependents.filter((copy) => !known.has(keyOf(copy)));
  const also = await readListed(
    client,
    id,
    organizationId,
    further.map((copy) => ({ archivedAt: copy.archived_at, id: copy.id })),
  );
  const moves = new Set([...first, ...also].map(keyOf));
  const missing = keys.filter((key) => !moves.has(`${key.archivedAt.getTime()}.${key.id}`));
  return { moving: [...first, ...also], staying: further.filter((copy) => !moves.has(keyOf(copy))), changed: missing };
}

const keyOf = (copy: Pick<FamilyCopy, 'archived_at' | 'id'>): string => `${copy.archived_at.getTime()}.${copy.id}`;

/** Of these copies, those that the correction is to move and that are as they were when it listed them. */
async function readListed(
  client: pg.Pool | pg.PoolClient,
  correctionId: string,
  organizationId: string,
  keys: readonly { readonly archivedAt: Date; readonly id: string }[],
): Promise<MisfiledCopy[]> {
  if (keys.length === 0) return [];
  const { rows } = await client.query<Row & { to_user_id: string; to_mailbox: string }>(
    `SELECT ${COLUMNS}, c.to_user_id, c.to_mailbox
     FROM correction_copy c JOIN delivery d ON d.archived_at = c.archived_at AND d.id = c.delivery_id ${JOINS}
     WHERE c.correction_id = $1 AND d.organization_id = $2 AND c.state = 'listed'
       AND (c.archived_at, c.delivery_id) IN (SELECT * FROM unnest($3::timestamptz[], $4::bigint[]))
       AND d.state IN ('imported', 'partially_imported', 'skipped') AND d.sign_off_id IS NULL
       AND d.user_id = c.from_user_id
       AND CASE WHEN d.state <> 'skipped' THEN d.message_id END IS NOT DISTINCT FROM c.from_message_id
     ORDER BY d.archived_at, d.id`,
    [correctionId, organizationId, keys.map((key) => key.archivedAt), keys.map((key) => key.id)],
  );
  return rows.map((row) => ({ ...familyOf(row), to_user_id: row.to_user_id, to_mailbox: row.to_mailbox }));
}

/** Copies that were skipped in favour of one of these. */
async function readDependents(
  client: pg.Pool | pg.PoolClient,
  organizationId: string,
  copies: readonly FamilyCopy[],
): Promise<FamilyCopy[]> {
  if (copies.length === 0) return [];
  const { rows } = await client.query<Row>(
    `WITH k AS MATERIALIZED (SELECT * FROM unnest($2::timestamptz[], $3::bigint[], $4::uuid[]) AS k (archived_at, item_id, user_id)),
     dependent AS (
       SELECT d.archived_at, d.id FROM k JOIN delivery d ON d.archived_at = k.archived_at AND d.item_id = k.item_id
         AND d.user_id = k.user_id AND d.state = 'skipped' AND d.twin_item_id IS NULL
       UNION SELECT d.archived_at, d.id FROM k JOIN delivery d ON d.twin_item_id = k.item_id AND d.user_id = k.user_id
         AND d.state = 'skipped')
     SELECT ${COLUMNS} FROM dependent t JOIN delivery d ON d.archived_at = t.archived_at AND d.id = t.id ${JOINS}
     WHERE d.organization_id = $1 ORDER BY d.id`,
    [
      organizationId,
      copies.map((copy) => copy.archived_at),
      copies.map((copy) => copy.item_id),
      copies.map((copy) => copy.user_id),
    ],
  );
  return rows.map(familyOf);
}
