/** What is not, or not wholly, in its mailbox: found a set at a time, in the table that holds nothing else. */
import type pg from 'pg';
import type { UndoneKind } from '../counts.ts';
import { OF_SAME_SOURCE } from './missing.ts';
import { MAY_BE_ON_ITS_WAY } from './months.ts';
import { IS_STOPPED, STOPPED_REASON } from './stopped.ts';

/** Which of a connector's undone copies, or unreadable items, are meant. */
export interface UndoneSelection {
  readonly connectorId: string;
  readonly kind: UndoneKind;
  /** only those with this code of `reasons.ts`; null: with any */
  readonly reason: string | null;
  /** only those of this import; null: of all */
  readonly importId: string | null;
  /** only this one; null: all */
  readonly one: RowKey | null;
}

/** A row of the ledger: a copy's, or an unreadable item's. */
export interface RowKey {
  readonly archivedAt: Date;
  readonly id: string;
}

export interface UndoneKey extends RowKey {
  readonly itemId: string;
}

/** Keys that one query brings. */
const READ = 20_000;

/** Of the connector's own imports. */
const OF_CONNECTOR = 'd.organization_id = $1 AND d.connector_id = $2';

// Each has a list of its own in `undone`, which triggers keep, but for what is on its way. Literals, so that the planner can
// prove the partial indexes.
const PLACES: Readonly<Record<UndoneKind, string>> = {
  waiting: `undone d WHERE d.kind = 'waiting' AND ${OF_CONNECTOR}`,
  failed: `undone d WHERE d.kind = 'failed' AND ${OF_CONNECTOR}`,
  partial: `undone d WHERE d.kind = 'partial' AND ${OF_CONNECTOR}`,
  missing: `undone d WHERE d.kind = 'missing' AND ${OF_SAME_SOURCE}`,
  stopped: `delivery d WHERE ${IS_STOPPED} AND d.sign_off_id IS NULL AND ${OF_CONNECTOR} AND d.import_id IN (
    SELECT i.id FROM import i WHERE i.organization_id = $1 AND i.connector_id = $2 AND ${MAY_BE_ON_ITS_WAY})`,
  unreadable: `undone d WHERE d.kind = 'unreadable' AND ${OF_CONNECTOR}`,
};

/**
 * The undone of a connector that nobody has signed off, in sets of at most `size`. What becomes undone meanwhile may be
 * among them or not; nothing is given out twice.
 */
export async function* undoneSets(
  pool: pg.Pool,
  organizationId: string,
  selection: UndoneSelection,
  size: number,
): AsyncGenerator<readonly UndoneKey[]> {
  for (let after: RowKey | null = null; ; ) {
    const keys: readonly UndoneKey[] = await readUndone(pool, organizationId, selection, after, READ);
    for (let start = 0; start < keys.length; start += size) yield keys.slice(start, start + size);
    const last = keys.at(-1);
    if (last === undefined || keys.length < READ) return;
    after = last;
  }
}

/** The undone that follow `after`, oldest first; null for the first. */
export async function readUndone(
  pool: pg.Pool,
  organizationId: string,
  { connectorId, kind, reason, importId, one }: UndoneSelection,
  after: RowKey | null,
  limit: number,
): Promise<readonly UndoneKey[]> {
  const { rows } = await pool.query<UndoneKey>(
    `SELECT d.archived_at AS "archivedAt", d.id, d.item_id AS "itemId"
     FROM ${PLACES[kind]}
       AND ($3::uuid IS NULL OR d.import_id = $3)
       AND ($4::text IS NULL OR ${kind === 'stopped' ? `coalesce(${STOPPED_REASON}, '')` : 'd.reason'} = $4)
       AND (d.archived_at, d.id) ${one === null ? '>' : '='} ($5::timestamptz, $6::bigint)
     ORDER BY d.archived_at, d.id LIMIT $7`,
    [
      organizationId,
      connectorId,
      importId,
      reason,
      (one ?? after)?.archivedAt ?? '-infinity',
      (one ?? after)?.id ?? '0',
      limit,
    ],
  );
  return rows;
}

/** Locks the items of some rows, in the order of their ids: before their copies, twins and imports. In a transaction. */
export async function lockItems(client: pg.PoolClient, keys: readonly UndoneKey[]): Promise<void> {
  await client.query(
    `SELECT 1 FROM item WHERE (archived_at, id) IN (SELECT * FROM unnest($1::timestamptz[], $2::bigint[]))
     ORDER BY id FOR NO KEY UPDATE`,
    [keys.map((key) => key.archivedAt), keys.map((key) => key.itemId)],
  );
}
