/** Copies that were in doubt once and are in their mailbox now: looked at once more when nothing can arrive any more. */
import type pg from 'pg';
import type { ReasonCode } from '../reasons.ts';

/** Everything that could still take effect has done so after so long. */
const SETTLED = `interval '24 hours'`;

const IS_DOUBTED = `d.doubt = 1 AND d.state IN ('imported', 'partially_imported') AND d.imported_at <= now() - ${SETTLED}`;

/** Organizations with such copies. */
export async function doubtfulOrganizations(pool: pg.Pool): Promise<{ readonly organizationId: string }[]> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT o.id FROM organization o
     WHERE EXISTS (SELECT 1 FROM delivery d WHERE d.organization_id = o.id AND ${IS_DOUBTED})`,
  );
  return rows.map(({ id }) => ({ organizationId: id }));
}

export interface DoubtedDelivery {
  readonly archivedAt: Date;
  readonly id: string;
  readonly sourceId: string;
  readonly sourceItemId: string;
  readonly connectorId: string;
  readonly importId: string;
  readonly userId: string;
  readonly messageId: string;
}

/** The next of them by id. */
export async function doubtedDeliveries(
  pool: pg.Pool,
  organizationId: string,
  afterId: string,
  limit: number,
): Promise<DoubtedDelivery[]> {
  const { rows } = await pool.query<{
    archived_at: Date;
    id: string;
    source_id: string;
    source_item_id: string;
    connector_id: string;
    import_id: string;
    user_id: string;
    message_id: string;
  }>(
    `SELECT d.archived_at, d.id, d.source_id, i.source_item_id, d.connector_id, d.import_id, d.user_id, d.message_id
     FROM delivery d JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id
     WHERE d.organization_id = $1 AND ${IS_DOUBTED} AND d.id > $2 ORDER BY d.id LIMIT $3`,
    [organizationId, afterId, limit],
  );
  return rows.map((row) => ({
    archivedAt: row.archived_at,
    id: row.id,
    sourceId: row.source_id,
    sourceItemId: row.source_item_id,
    connectorId: row.connector_id,
    importId: row.import_id,
    userId: row.user_id,
    messageId: row.message_id,
  }));
}

/** Ends the doubt about a copy. `reason` null leaves what it says. */
export async function endDoubt(pool: pg.Pool, delivery: DoubtedDelivery, reason: ReasonCode | null): Promise<void> {
  await pool.query(
    'UPDATE delivery SET doubt = 2, reason = coalesce($3, reason) WHERE archived_at = $1 AND id = $2 AND doubt = 1',
    [delivery.archivedAt, delivery.id, reason],
  );
}

/** Notes in the audit log that a surplus copy is about to be removed. @param removed the message's id */
export async function noteSurplusRemoval(
  pool: pg.Pool,
  organizationId: string,
  delivery: DoubtedDelivery,
  removed: string,
): Promise<void> {
  await pool.query(
    `INSERT INTO audit_entry (organization_id, actor, actor_name, action, target_type, target_id, detail)
     VALUES ($1, 'system', 'System', 'message.surplus-removed', 'delivery', $2, $3)`,
    [organizationId, delivery.id, JSON.stringify({ userId: delivery.userId, removed, kept: delivery.messageId })],
  );
}
