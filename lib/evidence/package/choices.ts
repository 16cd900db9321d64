/** The connectors that a package can be about: also deleted ones, whose books stay. */
import type pg from 'pg';
import { type Actor, authorize } from '../../security/actor.ts';

export interface ConnectorChoice {
  readonly id: string;
  readonly name: string;
  readonly isDeleted: boolean;
}

/** By name. @throws NotAllowed */
export async function packageConnectors(pool: pg.Pool, actor: Actor): Promise<ConnectorChoice[]> {
  authorize(actor, 'evidence.read');
  const { rows } = await pool.query<ConnectorChoice>(
    `SELECT id, name, status = 'deleted' AS "isDeleted" FROM connector
     WHERE organization_id = $1 AND status <> 'draft' ORDER BY lower(name), id LIMIT 2000`,
    [actor.organizationId],
  );
  return rows;
}
