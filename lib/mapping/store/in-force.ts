/**
 * Which version of a connector is in force, and how another one takes its place. At most one is: a partial unique index
 * holds that. Every query names the organization.
 */
import type { Queryable } from '../../db.ts';
import { lockVersions, type MappingVersion, VERSION } from './versions.ts';

export interface Application {
  readonly organizationId: string;
  readonly connectorId: string;
  readonly versionId: string;
  /** the version that was in force when the administrator compared; null for none */
  readonly comparedWith: string | null;
  readonly appliedBy: string;
  readonly at: Date;
}

/**
 * Puts a proposed version in force. Inside a transaction, so that what follows from it (audit, releases) is one with it.
 *
 * @returns `collision` where another version came into force since the comparison; `gone` where it is not proposed
 */
export async function applyVersion(
  client: Queryable,
  application: Application,
): Promise<'applied' | 'collision' | 'gone'> {
  const { organizationId, connectorId, versionId, comparedWith, appliedBy, at } = application;
  await lockVersions(client, connectorId);
  const current = await versionInForce(client, organizationId, connectorId);
  if ((current?.id ?? null) !== comparedWith) return 'collision';
  const proposed = await client.query(
    `SELECT 1 FROM mapping_version WHERE id = $1 AND organization_id = $2 AND connector_id = $3 AND status = 'proposed' FOR UPDATE`,
    [versionId, organizationId, connectorId],
  );
  if (proposed.rowCount !== 1) return 'gone';
  await lockInForce(client, connectorId, 'to_change');
  await client.query(
    // A version of the set-up had the connector's rule, which may be another one from now on.
    `UPDATE mapping_version v SET status = 'superseded',
       automatic_mapping = coalesce(v.automatic_mapping, c.automatic_mapping),
       default_region = coalesce(v.default_region, c.default_region)
      FROM connector c WHERE c.id = v.connector_id AND v.organization_id = $1 AND v.connector_id = $2 AND v.status = 'in_force'`,
    [organizationId, connectorId],
  );
  await client.query(
    `UPDATE mapping_version SET status = 'in_force', applied_by = $3, applied_at = $4
      WHERE id = $1 AND organization_id = $2`,
    [versionId, organizationId, appliedBy, at],
  );
  await client.query(
    `UPDATE connector c SET automatic_mapping = v.automatic_mapping, default_region = v.default_region, updated_at = now()
      FROM mapping_version v WHERE v.id = $3 AND v.organization_id = $1 AND v.automatic_mapping IS NOT NULL
       AND c.organization_id = $1 AND c.id = $2 AND c.status = 'live'
       AND (c.automatic_mapping, c.default_region) IS DISTINCT FROM (v.automatic_mapping, v.default_region)`,
    [organizationId, connectorId, versionId],
  );
  // A draft has nothing on its way that another version decided.
  await client.query(
    `UPDATE connector SET decided_version_id = $3 WHERE organization_id = $1 AND id = $2 AND status = 'draft'`,
    [organizationId, connectorId, versionId],
  );
  return 'applied';
}

/**
 * Keeps a connector's version in force as it is to the end of the transaction (`as_it_is`, for those who decide by it;
 * any number at once), or from being relied on (`to_change`). Copies that were decided by a version are all written, and
 * so are found, when the next one comes into force.
 */
async function lockInForce(client: Queryable, connectorId: string, why: 'as_it_is' | 'to_change'): Promise<void> {
  const lock = why === 'as_it_is' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock';
  await client.query(`SELECT ${lock}(hashtextextended('mapping in force ' || $1, 0))`, [connectorId]);
}

export async function versionInForce(
  client: Queryable,
  organizationId: string,
  connectorId: string,
): Promise<MappingVersion | null> {
  const { rows } = await client.query<MappingVersion>(
    `SELECT ${VERSION} FROM mapping_version WHERE organization_id = $1 AND connector_id = $2 AND status = 'in_force'`,
    [organizationId, connectorId],
  );
  return rows[0] ?? null;
}

/** The version in force, which stays in force to the end of the transaction; null for none. */
export async function keptInForce(
  client: Queryable,
  organizationId: string,
  connectorId: string,
): Promise<MappingVersion | null> {
  await lockInForce(client, connectorId, 'as_it_is');
  return versionInForce(client, organizationId, connectorId);
}

/**
 * Whether the version that something was decided by is still in force; if so, it stays in force to the end of the
 * transaction. @param versionId null: no version was in force
 */
export async function staysInForce(
  client: Queryable,
  organizationId: string,
  connectorId: string,
  versionId: string | null,
): Promise<boolean> {
  return ((await keptInForce(client, organizationId, connectorId))?.id ?? null) === versionId;
}

/** Takes the version in force out of force, with none in its place. Inside a transaction. @returns it; null for none */
export async function withdrawInForce(
  client: Queryable,
  organizationId: string,
  connectorId: string,
): Promise<Pick<MappingVersion, 'number' | 'fileName'> | null> {
  await lockInForce(client, connectorId, 'to_change');
  const { rows } = await client.query<Pick<MappingVersion, 'number' | 'fileName'>>(
    `UPDATE mapping_version SET status = 'superseded'
      WHERE organization_id = $1 AND connector_id = $2 AND status = 'in_force'
      RETURNING number, file_name AS "fileName"`,
    [organizationId, connectorId],
  );
  await client.query(
    `UPDATE connector SET decided_version_id = NULL WHERE organization_id = $1 AND id = $2 AND status = 'draft'`,
    [organizationId, connectorId],
  );
  return rows[0] ?? null;
}
