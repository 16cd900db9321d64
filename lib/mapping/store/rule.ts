/** Reads the rule of a mapping version. Every query names the organization. */
import type { Queryable } from '../../db.ts';
import { FALLBACK_REGION, type MappingRule, RULE, ruleOf } from '../version-rule.ts';

/**
 * The version in force and its rule, read in one statement. Without a version the connector's set-up decides; with no
 * connector nothing does.
 */
export async function ruleInForce(
  client: Queryable,
  organizationId: string,
  connectorId: string,
): Promise<MappingRule & { readonly versionId: string | null }> {
  const { rows } = await client.query<{ versionId: string | null; automaticMapping: boolean; defaultRegion: string }>(
    `SELECT v.id AS "versionId", ${RULE} FROM connector c
       LEFT JOIN mapping_version v ON v.connector_id = c.id AND v.organization_id = c.organization_id AND v.status = 'in_force'
      WHERE c.organization_id = $1 AND c.id = $2`,
    [organizationId, connectorId],
  );
  const [row] = rows;
  if (row === undefined) return { versionId: null, automaticMapping: false, defaultRegion: FALLBACK_REGION };
  return { ...ruleOf(row), versionId: row.versionId };
}

/** The rule of a version, whatever its status; null: the one in force where none is. */
export async function ruleOfVersion(
  client: Queryable,
  organizationId: string,
  connectorId: string,
  versionId: string | null,
): Promise<MappingRule> {
  if (versionId === null) return ruleInForce(client, organizationId, connectorId);
  const { rows } = await client.query<{ automaticMapping: boolean; defaultRegion: string }>(
    `SELECT ${RULE} FROM mapping_version v JOIN connector c ON c.id = v.connector_id AND c.organization_id = v.organization_id
      WHERE v.organization_id = $1 AND v.connector_id = $2 AND v.id = $3`,
    [organizationId, connectorId, versionId],
  );
  const [row] = rows;
  if (row === undefined) throw new RangeError('the rule of a version that is not there');
  return ruleOf(row);
}
