/** Items that the source sent again with other content: how many, and which. */
import type pg from 'pg';
import { type Actor, authorize } from '../security/actor.ts';
import type { ReasonCode } from './reasons.ts';

/** One other content under an id that was known. Times are ISO 8601 in UTC. */
export interface ItemChange {
  /** position in the list, as a decimal number */
  readonly id: string;
  /** the source's id of the item */
  readonly itemId: string;
  readonly type: string;
  /** of the import that met the other content */
  readonly importNumber: number;
  /** when the item reached the source */
  readonly archivedAt: string;
  readonly seenAt: string;
  readonly reason: Extract<ReasonCode, 'changed_at_source' | 'mended_at_source'>;
  /** SHA-256 of the other content, in lower-case hexadecimal */
  readonly sha256: string;
}

export interface ItemChangePage {
  /** of the connector, in all */
  readonly total: number;
  /** newest first */
  readonly changes: readonly ItemChange[];
  /** where the next page begins; null where this is the last */
  readonly olderThan: string | null;
}

interface Row {
  readonly id: string;
  readonly source_item_id: string;
  readonly type: string;
  readonly number: number;
  readonly archived_at: Date;
  readonly seen_at: Date;
  readonly reason: string;
  readonly sha256: Buffer;
}

/**
 * A page of what changed at the source. Empty where the connector is not the organization's.
 *
 * @param olderThan `olderThan` of the page before; null for the newest
 * @param size changes a page
 * @throws NotAllowed
 */
export async function itemChanges(
  pool: pg.Pool,
  actor: Actor,
  connectorId: string,
  olderThan: string | null,
  size: number,
): Promise<ItemChangePage> {
  authorize(actor, 'connectors.read');
  const counted = await pool.query<{ total: number }>(
    'SELECT count(*)::float8 AS total FROM item_change WHERE connector_id = $1 AND organization_id = $2',
    [connectorId, actor.organizationId],
  );
  const { rows } = await pool.query<Row>(
    `SELECT c.id, t.source_item_id, t.type, i.number, c.archived_at, c.seen_at, c.reason, c.sha256
       FROM item_change c JOIN import i ON i.id = c.import_id
       JOIN item t ON t.archived_at = c.archived_at AND t.id = c.item_id
      WHERE c.connector_id = $1 AND c.organization_id = $2 AND ($3::bigint IS NULL OR c.id < $3)
      ORDER BY c.id DESC LIMIT $4`,
    [connectorId, actor.organizationId, olderThan, size + 1],
  );
  const shown = rows.slice(0, size);
  return {
    total: counted.rows[0]?.total ?? 0,
    changes: shown.map(changeOf),
    olderThan: rows.length > size ? (shown.at(-1)?.id ?? null) : null,
  };
}

function changeOf(row: Row): ItemChange {
  return {
    id: row.id,
    itemId: row.source_item_id,
    type: row.type,
    importNumber: row.number,
    archivedAt: row.archived_at.toISOString(),
    seenAt: row.seen_at.toISOString(),
    reason: row.reason === 'mended_at_source' ? 'mended_at_source' : 'changed_at_source',
    sha256: row.sha256.toString('hex'),
  };
}
