/** Single things that are not imported, for who may open them. Pages name a row by one text, its key. */
import type pg from 'pg';
import { type Actor, authorize } from '../security/actor.ts';
import { type RowKey, readUndone, type UndoneSelection } from './store/undone.ts';

export interface UndoneRow {
  /** see `parseRowKey` */
  readonly key: string;
  readonly sourceItemId: string;
  /** when it reached the source, ISO 8601 in UTC */
  readonly archivedAt: string;
}

/** The oldest that nobody signed off. Empty where the connector is not the organization's. @throws NotAllowed */
export async function undoneRows(
  pool: pg.Pool,
  actor: Actor,
  selection: UndoneSelection,
  limit: number,
): Promise<readonly UndoneRow[]> {
  authorize(actor, 'content.read');
  const keys = await readUndone(pool, actor.organizationId, selection, null, limit);
  const { rows } = await pool.query<{ id: string; source_item_id: string }>(
    `SELECT id, source_item_id FROM item
     WHERE (archived_at, id) IN (SELECT * FROM unnest($1::timestamptz[], $2::bigint[]))`,
    [keys.map(({ archivedAt }) => archivedAt), keys.map(({ itemId }) => itemId)],
  );
  const ids = new Map(rows.map((row) => [row.id, row.source_item_id]));
  return keys.map(({ archivedAt, id, itemId }) => ({
    key: `${archivedAt.getTime()}-${id}`,
    sourceItemId: ids.get(itemId) ?? '',
    archivedAt: archivedAt.toISOString(),
  }));
}

/** The row that a key names; null where it is none. */
export function parseRowKey(key: string): RowKey | null {
  const [, time, id] = /^(-?\d{1,15})-(\d{1,18})$/.exec(key) ?? [];
  return time === undefined || id === undefined ? null : { archivedAt: new Date(Number(time)), id };
}
