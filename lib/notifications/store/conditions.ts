/** `notification_condition`: what was told and is not over. */
import type { Queryable } from '../../db.ts';
import type { Condition } from '../rules.ts';

export interface ToldCondition extends Omit<Condition, 'since'> {
  readonly id: string;
  readonly connectorId: string;
  readonly beganAt: Date;
}

const CONDITION = `c.id, c.connector_id AS "connectorId", c.event, c.subject, c.detail, c.began_at AS "beganAt"`;

/** @param connectorId of this one alone; null: of all */
export async function openConditions(
  client: Queryable,
  organizationId: string,
  connectorId: string | null = null,
): Promise<ToldCondition[]> {
  const { rows } = await client.query<ToldCondition>(
    `SELECT ${CONDITION} FROM notification_condition c
     WHERE c.organization_id = $1 AND c.ended_at IS NULL AND ($2::uuid IS NULL OR c.connector_id = $2) ORDER BY c.id`,
    [organizationId, connectorId],
  );
  return rows;
}

/** Notes conditions as told. @returns those that were not told before: another round may have been faster */
export async function beginConditions(
  client: Queryable,
  organizationId: string,
  conditions: readonly (Condition & { readonly connectorId: string })[],
): Promise<ToldCondition[]> {
  const { rows } = await client.query<ToldCondition>(
    `INSERT INTO notification_condition AS c (organization_id, connector_id, event, subject, detail, began_at)
     SELECT $1, n."connectorId", n.event, n.subject, n.detail, n.since
     FROM jsonb_to_recordset($2) AS n("connectorId" uuid, event text, subject text, detail jsonb, since timestamptz)
     ON CONFLICT (connector_id, event, subject) WHERE ended_at IS NULL DO NOTHING RETURNING ${CONDITION}`,
    [organizationId, JSON.stringify(conditions)],
  );
  return rows;
}

/** Notes that conditions are over. @returns those that were not before */
export async function endConditions(
  client: Queryable,
  organizationId: string,
  ids: readonly string[],
  now: Date,
): Promise<ToldCondition[]> {
  const { rows } = await client.query<ToldCondition>(
    `UPDATE notification_condition c SET ended_at = $3
     WHERE c.organization_id = $1 AND c.id = ANY ($2) AND c.ended_at IS NULL RETURNING ${CONDITION}`,
    [organizationId, ids, now],
  );
  return rows;
}
