/** What happened to an item after it was imported. */
import type pg from 'pg';
import type { CopyState } from '../../corrections/correction.ts';
import type { RowKey } from '../../imports/store/undone.ts';

export interface ChangeRow {
  readonly seen_at: Date;
  readonly sha256: string;
  readonly reason: string;
}

/** Other contents that the source listed under the item's id. */
export async function readChanges(pool: pg.Pool, organizationId: string, itemId: string): Promise<ChangeRow[]> {
  const { rows } = await pool.query<ChangeRow>(
    `SELECT seen_at, encode(sha256, 'hex') AS sha256, reason FROM item_change
     WHERE organization_id = $1 AND item_id = $2 ORDER BY id`,
    [organizationId, itemId],
  );
  return rows;
}

export interface CorrectionRow {
  readonly delivery_id: string;
  readonly changed_at: Date;
  readonly state: CopyState;
  readonly reason: string | null;
  readonly from_mailbox: string;
  readonly from_message_id: string | null;
  readonly to_mailbox: string | null;
  readonly why: string;
  readonly created_by_name: string;
}

/** What corrections found of its copies, but for those that were in the right mailbox. */
export async function readCorrections(
  pool: pg.Pool,
  organizationId: string,
  { archivedAt, id }: RowKey,
): Promise<CorrectionRow[]> {
  const { rows } = await pool.query<CorrectionRow>(
    `SELECT c.delivery_id, c.changed_at, c.state, c.reason, c.from_mailbox,
       c.from_message_id, c.to_mailbox, k.reason AS why, k.created_by_name
     FROM correction_copy c JOIN correction k ON k.id = c.correction_id
     WHERE c.organization_id = $1 AND c.item_id = $2 AND c.archived_at = $3 AND c.state <> 'right'
     ORDER BY c.changed_at, c.delivery_id`,
    [organizationId, id, archivedAt],
  );
  return rows;
}

export interface SignOffRow {
  readonly id: string;
  readonly signed_at: Date;
  readonly signed_by_name: string;
  readonly reason: string;
  readonly comment: string;
}

export async function readSignOffs(
  pool: pg.Pool,
  organizationId: string,
  ids: readonly string[],
): Promise<SignOffRow[]> {
  if (ids.length === 0) return [];
  const { rows } = await pool.query<SignOffRow>(
    `SELECT id, signed_at, signed_by_name, reason, comment FROM sign_off
     WHERE organization_id = $1 AND id = ANY ($2::bigint[]) ORDER BY id`,
    [organizationId, ids],
  );
  return rows;
}

export interface ActRow {
  readonly at: Date;
  readonly actor_name: string;
  readonly action: string;
  readonly target_id: string;
}

/** Entries of the audit log that name the item or one of its copies: originals that were opened, messages that were removed. */
export async function readActs(
  pool: pg.Pool,
  organizationId: string,
  item: { readonly connectorId: string; readonly sourceItemId: string; readonly deliveryIds: readonly string[] },
): Promise<ActRow[]> {
  const { rows } = await pool.query<ActRow>(
    `SELECT at, actor_name, action, target_id FROM audit_entry
     WHERE organization_id = $1 AND target_type = 'delivery' AND target_id = ANY ($2) AND action = 'message.surplus-removed'
     UNION ALL
     SELECT at, actor_name, action, target_id FROM audit_entry
     WHERE organization_id = $1 AND target_type = 'connector' AND target_id = $3
       AND action IN ('original.opened', 'correction.message-removed') AND detail ->> 'item' = $4
     ORDER BY at`,
    [organizationId, item.deliveryIds, item.connectorId, item.sourceItemId],
  );
  return rows;
}
