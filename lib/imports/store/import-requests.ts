import type { Queryable } from '../../db.ts';

export interface ImportRequest {
  readonly at: Date;
  /** name of the person who asked */
  readonly by: string;
}

/** Asks for an import of a live connector. Asking again while one waits changes who and when. Inside a transaction. */
export async function requestImport(
  client: Queryable,
  organizationId: string,
  connectorId: string,
  by: string,
): Promise<void> {
  await client.query(
    `UPDATE connector SET import_requested_at = clock_timestamp(), import_requested_by = $3, updated_at = now()
      WHERE organization_id = $1 AND id = $2 AND status = 'live'`,
    [organizationId, connectorId, by],
  );
}

/** The request that waits; null where nobody has asked. */
export async function importRequest(
  client: Queryable,
  organizationId: string,
  connectorId: string,
): Promise<ImportRequest | null> {
  const { rows } = await client.query<ImportRequest>(
    `SELECT import_requested_at AS at, import_requested_by AS by FROM connector
      WHERE organization_id = $1 AND id = $2 AND status = 'live' AND import_requested_at IS NOT NULL`,
    [organizationId, connectorId],
  );
  return rows[0] ?? null;
}

/** Ends a request that was planned; one that came after it stays. */
export async function importPlanned(
  client: Queryable,
  organizationId: string,
  connectorId: string,
  request: ImportRequest,
): Promise<void> {
  await client.query(
    `UPDATE connector SET import_requested_at = NULL, import_requested_by = NULL
      WHERE organization_id = $1 AND id = $2 AND import_requested_at = $3`,
    [organizationId, connectorId, request.at],
  );
}

/** Running connectors with a request, of every organization. */
export async function requestedConnectors(
  client: Queryable,
): Promise<{ readonly organizationId: string; readonly connectorId: string }[]> {
  const { rows } = await client.query<{ organizationId: string; connectorId: string }>(
    `SELECT organization_id AS "organizationId", id AS "connectorId" FROM connector
      WHERE status = 'live' AND paused_at IS NULL AND stopped_at IS NULL AND import_requested_at IS NOT NULL
      ORDER BY import_requested_at`,
  );
  return rows;
}
