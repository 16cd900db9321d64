/** Where the original of something undone lies. */
import type pg from 'pg';
import type { UndoneKind } from '../counts.ts';
import { IS_MISSING, OF_SAME_SOURCE } from './missing.ts';
import { IS_STOPPED } from './stopped.ts';
import type { RowKey } from './undone.ts';

export interface OriginalPlace {
  readonly archivedAt: Date;
  readonly itemId: string;
  readonly sourceItemId: string;
  readonly importId: string;
  /** of connector, and the account at the source */
  readonly kind: string;
  readonly account: string;
  readonly page: number;
  readonly frameOffset: number;
  readonly frameLength: number;
}

const ROWS: Readonly<Record<UndoneKind, string>> = {
  waiting: `delivery d JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id WHERE d.state = 'waiting'`,
  failed: `delivery d JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id WHERE d.state = 'failed'`,
  partial: `delivery d JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id
    WHERE d.state = 'partially_imported' AND d.reason IS DISTINCT FROM 'missing_in_mailbox'`,
  // Of one that was imported whole nothing is kept.
  missing: `delivery d JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id
    WHERE d.state = 'partially_imported' AND ${IS_MISSING}`,
  stopped: `delivery d JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id WHERE ${IS_STOPPED}`,
  unreadable: `item d JOIN item i ON i.archived_at = d.archived_at AND i.id = d.id WHERE d.outcome = 'unreadable'`,
};

/** Null where it is not undone, was signed off, or is not this organization's. */
export async function findOriginal(
  pool: pg.Pool,
  organizationId: string,
  connectorId: string,
  kind: UndoneKind,
  row: RowKey,
): Promise<OriginalPlace | null> {
  const { rows } = await pool.query<OriginalPlace>(
    `SELECT i.archived_at AS "archivedAt", i.id AS "itemId", i.source_item_id AS "sourceItemId", i.import_id AS "importId",
       s.kind, s.account_id AS account, d.page, d.frame_offset AS "frameOffset", d.frame_length AS "frameLength"
     FROM source s, ${ROWS[kind]} AND d.sign_off_id IS NULL AND s.id = d.source_id
       AND ${kind === 'missing' ? OF_SAME_SOURCE : 'd.organization_id = $1 AND d.connector_id = $2'}
       AND d.archived_at = $3 AND d.id = $4`,
    [organizationId, connectorId, row.archivedAt, row.id],
  );
  return rows[0] ?? null;
}
