/** What is told once: claimed by a conditional update of the settings, in the transaction that tells it. */
import type { Queryable } from '../../db.ts';

/** Moves the summaries that are due to their next time. @returns their connectors: each is claimed once a day */
export async function claimSummaries(
  client: Queryable,
  organizationId: string,
  due: readonly { readonly connectorId: string; readonly nextAt: Date }[],
  now: Date,
): Promise<string[]> {
  const { rows } = await client.query<{ connectorId: string }>(
    `UPDATE notification_setting s SET summary_due_at = d."nextAt"
     FROM jsonb_to_recordset($2) AS d("connectorId" uuid, "nextAt" timestamptz)
     WHERE s.organization_id = $1 AND s.connector_id = d."connectorId" AND s.summary_due_at <= $3
     RETURNING s.connector_id AS "connectorId"`,
    [organizationId, JSON.stringify(due), now],
  );
  return rows.map(({ connectorId }) => connectorId);
}

/** Notes the newest complete import of connectors. @returns those for which it was not noted before */
export async function claimHeartbeats(
  client: Queryable,
  organizationId: string,
  complete: readonly { readonly connectorId: string; readonly number: number }[],
): Promise<string[]> {
  const { rows } = await client.query<{ connectorId: string }>(
    `UPDATE notification_setting s SET heartbeat_number = d.number
     FROM jsonb_to_recordset($2) AS d("connectorId" uuid, number integer)
     WHERE s.organization_id = $1 AND s.connector_id = d."connectorId" AND s.heartbeat_number < d.number
     RETURNING s.connector_id AS "connectorId"`,
    [organizationId, JSON.stringify(complete)],
  );
  return rows.map(({ connectorId }) => connectorId);
}

export interface AppliedVersion {
  readonly connectorId: string;
  readonly version: number;
  readonly rows: number;
  readonly at: Date;
}

/** Mapping versions that came into force since the last one that was told, also those that another has replaced since. */
export async function claimMappings(client: Queryable, organizationId: string): Promise<AppliedVersion[]> {
  const { rows } = await client.query<AppliedVersion>(
    `WITH applied AS (
       SELECT v.connector_id, v.number, v.row_count, v.applied_at
       FROM notification_setting s JOIN mapping_version v ON v.connector_id = s.connector_id
       WHERE s.organization_id = $1 AND v.organization_id = $1 AND v.applied_at > s.mapping_told_at),
     told AS (
       UPDATE notification_setting s SET mapping_told_at = a.at
       FROM (SELECT connector_id, max(applied_at) AS at FROM applied GROUP BY 1) AS a
       WHERE s.organization_id = $1 AND s.connector_id = a.connector_id)
     SELECT connector_id AS "connectorId", number AS version, row_count AS rows, applied_at AS at FROM applied
     ORDER BY applied_at`,
    [organizationId],
  );
  return rows;
}
