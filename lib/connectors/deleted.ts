/** Connectors that were deleted: what they imported, and who did what to them, is evidence and stays to be read. */
import type pg from 'pg';
import { type Actor, authorize } from '../security/actor.ts';
import { isAllowed } from '../security/roles.ts';

export interface DeletedConnector {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  /** at the source */
  readonly accountName: string;
  /** ISO 8601 */
  readonly deletedAt: string;
  /** null for who may not see who did what, and where the audit log does not say it */
  readonly deletedBy: string | null;
  readonly imports: number;
}

interface Row extends Omit<DeletedConnector, 'deletedAt'> {
  readonly deletedAt: Date;
}

// A number that nobody gave is the next one: as many as there were imports.
const SELECT = `SELECT c.id, c.name, c.kind, coalesce(s.account_name, '') AS "accountName", c.deleted_at AS "deletedAt",
    c.next_import_number - 1 AS imports,
    (SELECT a.actor_name FROM audit_entry a WHERE a.organization_id = $1 AND a.target_type = 'connector'
       AND a.target_id = c.id::text AND a.action = 'connector.deleted' ORDER BY a.id DESC LIMIT 1) AS "deletedBy"
  FROM connector c LEFT JOIN source s ON s.id = c.source_id AND s.organization_id = c.organization_id
  WHERE c.organization_id = $1 AND c.status = 'deleted' AND c.deleted_at IS NOT NULL`;

/**
 * A page of the organization's deleted connectors, the last one first.
 *
 * @param before only those that were deleted before this one's place; null for the newest
 * @throws NotAllowed
 */
export async function deletedConnectors(
  pool: pg.Pool,
  actor: Actor,
  before: string | null,
  size: number,
): Promise<{ readonly connectors: readonly DeletedConnector[]; readonly next: string | null }> {
  authorize(actor, 'connectors.read');
  const { rows } = await pool.query<Row>(
    `${SELECT} AND ($2::uuid IS NULL OR (c.deleted_at, c.id) < (
         SELECT b.deleted_at, b.id FROM connector b WHERE b.organization_id = $1 AND b.id = $2))
     ORDER BY c.deleted_at DESC, c.id DESC LIMIT $3`,
    [actor.organizationId, before, size + 1],
  );
  const shown = rows.slice(0, size);
  return {
    connectors: shown.map((row) => shownTo(actor, row)),
    next: rows.length > size ? (shown.at(-1)?.id ?? null) : null,
  };
}

/** Null where the organization has none of this id that was deleted. @throws NotAllowed */
export async function deletedConnector(
  pool: pg.Pool,
  actor: Actor,
  connectorId: string,
): Promise<DeletedConnector | null> {
  authorize(actor, 'connectors.read');
  const { rows } = await pool.query<Row>(`${SELECT} AND c.id = $2`, [actor.organizationId, connectorId]);
  return rows[0] === undefined ? null : shownTo(actor, rows[0]);
}

function shownTo(actor: Actor, row: Row): DeletedConnector {
  return {
    ...row,
    deletedAt: row.deletedAt.toISOString(),
    deletedBy: isAllowed(actor.roles, 'history.read') ? row.deletedBy : null,
  };
}
