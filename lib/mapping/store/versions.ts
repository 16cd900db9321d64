/**
 * Mapping versions in PostgreSQL. A version is written once and never changed. Every query names the organization.
 */
import type { Queryable } from '../../db.ts';

export type VersionOrigin = 'file' | 'portal' | 'api';

export interface NewVersion {
  readonly id: string;
  readonly organizationId: string;
  readonly connectorId: string;
  readonly origin: VersionOrigin;
  readonly fileName: string | null;
  readonly fileSha256: Uint8Array | null;
  readonly createdBy: string;
  readonly reason: string | null;
}

export interface MappingVersion {
  readonly id: string;
  readonly connectorId: string;
  /** 1 for a connector's first */
  readonly number: number;
  readonly status: 'proposed' | 'in_force' | 'superseded' | 'discarded';
  readonly origin: string;
  readonly fileName: string | null;
  readonly rowCount: number;
  /** erroneous rows that somebody chose to leave out */
  readonly leftOutCount: number;
  /** the version that it rests on (`version-rows.ts`) */
  readonly restId: string | null;
  readonly reason: string | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly appliedBy: string | null;
  readonly appliedAt: Date | null;
}

/** Columns of a `MappingVersion`. */
export const VERSION = `id, connector_id AS "connectorId", number, status, origin, file_name AS "fileName", row_count AS "rowCount",
  left_out_count AS "leftOutCount", rest_version_id AS "restId", reason, created_by AS "createdBy", created_at AS "createdAt",
  applied_by AS "appliedBy", applied_at AS "appliedAt"`;

/** Makes those who add, apply or end a connector's versions take turns, to the end of the transaction. Before locks of their rows. */
export async function lockVersions(client: Queryable, connectorId: string): Promise<void> {
  await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('mapping ' || $1, 0))`, [connectorId]);
}

/**
 * Begins a version with the connector's next number. Inside a transaction: two that begin one take turns.
 *
 * @returns its number; null where the organization has no such connector
 */
export async function insertVersion(client: Queryable, version: NewVersion): Promise<number | null> {
  await lockVersions(client, version.connectorId);
  return (await beginVersion(client, version)) ? numberVersion(client, version) : null;
}

/**
 * Begins a version without a number, for whose rows nobody is to wait. Inside a transaction, of which `numberVersion` must
 * follow: nobody else sees what this writes.
 *
 * @returns false where the organization has no such connector
 */
export async function beginVersion(client: Queryable, version: NewVersion): Promise<boolean> {
  // Below zero, and at random, so that two that are begun at once do not wait for each other at the index.
  const { rowCount } = await client.query(
    `INSERT INTO mapping_version (id, organization_id, connector_id, number, origin, file_name, file_sha256, created_by, reason)
     SELECT $1, $2, c.id, -1 - floor(random() * 2147483647)::int, $4, $5, $6, $7, $8
       FROM connector c WHERE c.id = $3 AND c.organization_id = $2 FOR KEY SHARE`,
    [
      version.id,
      version.organizationId,
      version.connectorId,
      version.origin,
      version.fileName,
      version.fileSha256 === null ? null : Buffer.from(version.fileSha256),
      version.createdBy,
      version.reason,
    ],
  );
  return rowCount === 1;
}

/** Gives a version that was begun the connector's next number. From then on others wait. @returns the number */
export async function numberVersion(
  client: Queryable,
  { id, organizationId, connectorId }: Pick<NewVersion, 'id' | 'organizationId' | 'connectorId'>,
): Promise<number> {
  await lockVersions(client, connectorId);
  const { rows } = await client.query<{ number: number }>(
    // The rule is the one in force, unless somebody proposes another. A draft's is still being chosen.
    `UPDATE mapping_version v SET number = 1 + coalesce(
         (SELECT max(number) FROM mapping_version WHERE connector_id = $3 AND organization_id = $2 AND number > 0), 0),
       automatic_mapping = CASE WHEN c.status <> 'draft' THEN c.automatic_mapping END,
       default_region = CASE WHEN c.status <> 'draft' THEN c.default_region END
      FROM connector c WHERE v.id = $1 AND v.organization_id = $2 AND v.connector_id = $3 AND v.number < 0 AND c.id = $3
      RETURNING v.number`,
    [id, organizationId, connectorId],
  );
  const [row] = rows;
  if (row === undefined) throw new RangeError('a version that was begun is not there');
  return row.number;
}

/** Writes down how many rows a version has, once they are all there. */
export async function countRows(
  client: Queryable,
  version: Pick<NewVersion, 'id' | 'organizationId'>,
  rowCount: number,
  leftOutCount: number,
): Promise<void> {
  await client.query(
    'UPDATE mapping_version SET row_count = $3, left_out_count = $4 WHERE id = $1 AND organization_id = $2',
    [version.id, version.organizationId, rowCount, leftOutCount],
  );
}

/** Ends a version that nobody applied. */
export async function discardVersion(client: Queryable, organizationId: string, versionId: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE mapping_version SET status = 'discarded' WHERE id = $1 AND organization_id = $2 AND status = 'proposed'`,
    [versionId, organizationId],
  );
  return rowCount === 1;
}

export async function readVersion(
  client: Queryable,
  organizationId: string,
  versionId: string,
): Promise<MappingVersion | null> {
  const { rows } = await client.query<MappingVersion>(
    `SELECT ${VERSION} FROM mapping_version WHERE organization_id = $1 AND id = $2`,
    [organizationId, versionId],
  );
  return rows[0] ?? null;
}
