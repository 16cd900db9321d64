/**
 * The rule of a mapping version: what decides for people whom none of its rows names. It is part of the version as its rows
 * are, because who decides by a version is fenced by its id alone.
 */
import type { Queryable } from '../db.ts';
import { isRegion, type Region } from './number.ts';

export interface MappingRule {
  /** whether the User's email address is used where no row matches */
  readonly automaticMapping: boolean;
  /** in which national numbers are read where their owner's number says nothing else */
  readonly defaultRegion: Region;
}

/** Parts of a rule, as a version names those that it changes. */
export const RULE_PARTS = ['automatic', 'region'] as const;
export type RulePart = (typeof RULE_PARTS)[number];

/** A region is checked on its way in; this one stands for a region that libphonenumber has dropped since. */
export const FALLBACK_REGION = 'US';

/** A rule as it lies in a row. Pure. */
export function ruleOf(row: { readonly automaticMapping: boolean; readonly defaultRegion: string }): MappingRule {
  const { automaticMapping, defaultRegion } = row;
  return { automaticMapping, defaultRegion: isRegion(defaultRegion) ? defaultRegion : FALLBACK_REGION };
}

/** In which parts two rules differ. Pure. */
export function ruleChanges(before: MappingRule, after: MappingRule): readonly RulePart[] {
  return RULE_PARTS.filter((part) =>
    part === 'automatic'
      ? before.automaticMapping !== after.automaticMapping
      : before.defaultRegion !== after.defaultRegion,
  );
}

/** In SQL, the rule of version `v` of connector `c`: its own, else the connector's. */
export const RULE = `coalesce(v.automatic_mapping, c.automatic_mapping) AS "automaticMapping",
  coalesce(v.default_region, c.default_region) AS "defaultRegion"`;

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
