/**
 * Mapping versions in PostgreSQL. A version is written once and never changed; at most one of a connector is in force
 * (a partial unique index holds that). Every query names the organization.
 */
import type { Queryable } from '../db.ts';
import type { StoredRow } from './lookup.ts';
import { isMailboxAddress } from './mailbox-address.ts';
import type { MappingRow } from './mapping-file.ts';
import { type E164, isE164 } from './number.ts';
import { versionRows } from './version-rows.ts';
import { FALLBACK_REGION, type MappingRule, RULE, ruleOf } from './version-rule.ts';

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

const VERSION = `id, connector_id AS "connectorId", number, status, origin, file_name AS "fileName", row_count AS "rowCount",
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

/** Adds rows to a version that is being written, as one set. */
export async function insertRows(
  client: Queryable,
  version: Pick<NewVersion, 'id' | 'organizationId'>,
  rows: readonly MappingRow[],
  origin: VersionOrigin = 'file',
): Promise<void> {
  await client.query(
    `INSERT INTO mapping_row (version_id, organization_id, number, mailbox, row_number, valid_from, valid_to, origin)
     SELECT $1, $2, r.number, r.mailbox, r.row_number, coalesce(r.valid_from, '-infinity'), coalesce(r.valid_to, 'infinity'), $8
       FROM unnest($3::text[], $4::text[], $5::integer[], $6::timestamptz[], $7::timestamptz[])
         AS r (number, mailbox, row_number, valid_from, valid_to)`,
    [
      version.id,
      version.organizationId,
      rows.map(({ number }) => number),
      rows.map(({ mailbox }) => mailbox),
      rows.map(({ row }) => row),
      rows.map(({ validity }) => validity.from),
      rows.map(({ validity }) => validity.to),
      origin,
    ],
  );
}

/** Takes out rows that later rows of the same file contradicted. */
export async function withdrawRows(
  client: Queryable,
  version: Pick<NewVersion, 'id' | 'organizationId'>,
  rowNumbers: readonly number[],
): Promise<void> {
  if (rowNumbers.length === 0) return;
  await client.query(
    'DELETE FROM mapping_row WHERE version_id = $1 AND organization_id = $2 AND row_number = ANY ($3::integer[])',
    [version.id, version.organizationId, rowNumbers],
  );
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

/** Ends a version that nobody applied. */
export async function discardVersion(client: Queryable, organizationId: string, versionId: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE mapping_version SET status = 'discarded' WHERE id = $1 AND organization_id = $2 AND status = 'proposed'`,
    [versionId, organizationId],
  );
  return rowCount === 1;
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

const ROW = `number, mailbox, row_number AS row, CASE WHEN isfinite(valid_from) THEN valid_from END AS "from",
  CASE WHEN isfinite(valid_to) THEN valid_to END AS "to"`;

interface RawRow {
  readonly number: string;
  readonly mailbox: string;
  readonly row: number;
  readonly from: Date | null;
  readonly to: Date | null;
}

/** All rows of a version for the numbers given, whatever their validity: `mappingLookup` chooses by time. */
export async function rowsFor(
  client: Queryable,
  organizationId: string,
  versionId: string,
  numbers: readonly E164[],
): Promise<readonly StoredRow[]> {
  if (numbers.length === 0) return [];
  const { rows } = await client.query<RawRow>(
    `SELECT ${ROW} FROM ${versionRows('$1')} mapping_row WHERE organization_id = $2 AND number = ANY ($3::text[])`,
    [versionId, organizationId, numbers],
  );
  return rows.map(stored);
}

/** Where a page of `rowsOf` ended. */
export interface RowCursor {
  readonly number: E164;
  readonly from: Date | null;
}

/** The rows of a version by number and time, a page after `after`; for downloads and comparisons of any size. */
export async function rowsOf(
  client: Queryable,
  organizationId: string,
  versionId: string,
  after: RowCursor | null,
  limit: number,
): Promise<readonly StoredRow[]> {
  const { rows } = await client.query<RawRow>(
    `SELECT ${ROW} FROM ${versionRows('$1')} mapping_row
      WHERE organization_id = $2
        AND (number, valid_from) > ($3::text, coalesce($4::timestamptz, '-infinity'))
      ORDER BY mapping_row.number, valid_from LIMIT $5`,
    [versionId, organizationId, after?.number ?? '', after?.from ?? null, limit],
  );
  return rows.map(stored);
}

/** Whether some row of a version is limited in time. */
export async function hasValidity(client: Queryable, organizationId: string, versionId: string): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM ${versionRows('$1')} mapping_row
       WHERE organization_id = $2 AND (isfinite(valid_from) OR isfinite(valid_to))) AS found`,
    [versionId, organizationId],
  );
  return rows[0]?.found ?? false;
}

/** Which of the numbers are phones of registered users of a source: everybody whom the source has not deleted. */
export async function registeredNumbers(
  client: Queryable,
  organizationId: string,
  sourceId: string,
  numbers: readonly E164[],
): Promise<ReadonlySet<E164>> {
  if (numbers.length === 0) return new Set();
  const { rows } = await client.query<{ number: string }>(
    `SELECT DISTINCT number FROM source_user
      WHERE source_id = $1 AND organization_id = $2 AND number = ANY ($3::text[]) AND status <> 'deleted'`,
    [sourceId, organizationId, numbers],
  );
  return new Set(rows.map(({ number }) => number).filter(isE164));
}

/** Rows are checked on their way in; a row that is not what it was is a fault that must not choose a mailbox. */
function stored({ number, mailbox, row, from, to }: RawRow): StoredRow {
  if (!isE164(number) || !isMailboxAddress(mailbox))
    throw new RangeError(`mapping row ${row} is not as it was checked`);
  return { number, mailbox, row, validity: { from, to } };
}

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
