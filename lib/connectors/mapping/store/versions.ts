/** Mapping versions as they are listed, and the steps of a proposal. Every statement names organization and connector. */
import type pg from 'pg';
import type { Queryable } from '../../../db.ts';
import { type MappingRule, RULE, type RulePart, ruleOf } from '../../../mapping/version-rule.ts';
import type { Actor } from '../../../security/actor.ts';
import type { VersionSummary } from '../version-summary.ts';
import { endWaitingAlert } from './waiting-alert.ts';

/** A live connector, as far as its mapping is concerned; with the rule in force. */
export interface MappedConnector extends MappingRule {
  readonly id: string;
  readonly organizationId: string;
  readonly sourceId: string;
  /** lower case; empty: not known yet */
  readonly verifiedDomains: readonly string[];
  readonly domainsReadAt: Date | null;
  /** an approval is demanded for what changes much */
  readonly demandsApproval: boolean;
}

/** A live connector of the organization; null where there is none. */
export async function mappedConnector(
  client: Queryable,
  organizationId: string,
  connectorId: string,
): Promise<MappedConnector | null> {
  const { rows } = await client.query<Omit<MappedConnector, keyof MappingRule> & RawRule>(
    `SELECT c.id, c.organization_id AS "organizationId", c.source_id::text AS "sourceId", c.default_region AS "defaultRegion",
       c.automatic_mapping AS "automaticMapping",
       ARRAY(SELECT lower(domain) FROM unnest(o.verified_domains) AS domain) AS "verifiedDomains",
       o.directory_read_at AS "domainsReadAt", o.mapping_approval AS "demandsApproval"
     FROM connector c JOIN organization o ON o.id = c.organization_id
     WHERE c.organization_id = $1 AND c.id = $2 AND c.status = 'live'`,
    [organizationId, connectorId],
  );
  const [row] = rows;
  return row === undefined ? null : { ...row, ...ruleOf(row) };
}

/** A rule as it lies in a row. */
interface RawRule {
  readonly automaticMapping: boolean;
  readonly defaultRegion: string;
}

interface SummaryRow extends Omit<VersionSummary, 'createdByMe' | 'approval' | keyof MappingRule>, RawRule {
  readonly createdById: string | null;
  readonly requestedBy: string | null;
  readonly requestedById: string | null;
  readonly requestedAt: Date | null;
}

const SUMMARY = `
  SELECT v.id, v.number, v.status, v.origin, v.mode, b.number AS "basedOn", v.file_name AS "fileName",
    encode(v.file_sha256, 'hex') AS "fileSha256", v.row_count AS "rowCount", v.left_out_count AS "leftOutCount",
    v.portal_rows AS "portalRows", v.reason, v.created_by AS "createdBy", v.created_by_id AS "createdById",
    v.created_at AS "createdAt", v.applied_by AS "appliedBy", v.applied_at AS "appliedAt",
    v.approval_requested_by AS "requestedBy", v.approval_requested_by_id AS "requestedById",
    v.approval_requested_at AS "requestedAt", v.approved_by AS "approvedBy", v.discarded_by AS "discardedBy",
    v.discarded_at AS "discardedAt", v.declined_reason AS "declinedReason",
    v.rows_cleared_at AS "rowsClearedAt", v.rule_changes AS "ruleChanges", ${RULE}
  FROM mapping_version v JOIN connector c ON c.id = v.connector_id AND c.organization_id = v.organization_id LEFT JOIN mapping_version b ON b.id = v.base_version_id AND b.organization_id = v.organization_id
  WHERE v.organization_id = $1 AND v.connector_id = $2`;

function summaryOf(row: SummaryRow, actor: Actor): VersionSummary {
  const { createdById, requestedBy, requestedById, requestedAt, ...summary } = row;
  const isAsked = requestedBy !== null && !isAskedByProgram(row);
  return {
    ...summary,
    ...ruleOf(row),
    createdByMe: createdById === actor.userId,
    approval:
      !isAsked || requestedAt === null
        ? null
        : { requestedBy, requestedByMe: requestedById === actor.userId, requestedAt },
  };
}

/** A version of one of the organization's connectors. */
export async function readSummary(
  client: Queryable,
  actor: Actor,
  connectorId: string,
  versionId: string,
): Promise<VersionSummary | null> {
  const { rows } = await client.query<SummaryRow>(`${SUMMARY} AND v.id = $3`, [
    actor.organizationId,
    connectorId,
    versionId,
  ]);
  const [row] = rows;
  return row === undefined ? null : summaryOf(row, actor);
}

export async function readInForce(
  client: Queryable,
  actor: Actor,
  connectorId: string,
): Promise<VersionSummary | null> {
  const { rows } = await client.query<SummaryRow>(`${SUMMARY} AND v.status = 'in_force'`, [
    actor.organizationId,
    connectorId,
  ]);
  const [row] = rows;
  return row === undefined ? null : summaryOf(row, actor);
}

/** Those that wait for approval first, then the newest. */
export async function readProposed(
  client: Queryable,
  actor: Actor,
  connectorId: string,
  limit: number,
): Promise<readonly VersionSummary[]> {
  const { rows } = await client.query<SummaryRow>(
    `${SUMMARY} AND v.status = 'proposed' ORDER BY v.approval_requested_at IS NULL, v.number DESC LIMIT $3`,
    [actor.organizationId, connectorId, limit],
  );
  return rows.map((row) => summaryOf(row, actor));
}

/** Newest first, with numbers below `before`. */
export async function readSummaries(
  client: Queryable,
  actor: Actor,
  connectorId: string,
  before: number,
  limit: number,
): Promise<readonly VersionSummary[]> {
  const { rows } = await client.query<SummaryRow>(`${SUMMARY} AND v.number < $3 ORDER BY v.number DESC LIMIT $4`, [
    actor.organizationId,
    connectorId,
    before,
    limit,
  ]);
  return rows.map((row) => summaryOf(row, actor));
}

/** Which version each of some versions rests on; null: it has all of its rows itself. */
export async function restsOf(
  client: Queryable,
  organizationId: string,
  versionIds: readonly (string | null)[],
): Promise<(string | null)[]> {
  const { rows } = await client.query<{ id: string; rest: string | null }>(
    `SELECT id, rest_version_id AS rest FROM mapping_version WHERE organization_id = $1 AND id = ANY ($2::uuid[])`,
    [organizationId, versionIds.filter((id) => id !== null)],
  );
  const rests = new Map(rows.map(({ id, rest }) => [id, rest]));
  return versionIds.map((id) => (id === null ? null : (rests.get(id) ?? null)));
}

/** What a proposal is, beside its file. Inside the transaction that writes it, before its rows are counted. */
export async function describeProposal(
  client: pg.PoolClient,
  version: { readonly id: string; readonly organizationId: string },
  facts: Pick<VersionSummary, 'mode' | 'portalRows'> & {
    readonly baseVersionId: string | null;
    /** the version that it rests on (`lib/mapping/version-rows.ts`); null: it has all of its rows itself */
    readonly restId: string | null;
    readonly createdById: string | null;
    /** left out: the one in force */
    readonly rule?: MappingRule;
    /** of the mode `rule` */
    readonly changes?: readonly RulePart[];
  },
): Promise<void> {
  await client.query(
    `UPDATE mapping_version SET mode = $3, base_version_id = $4, portal_rows = $5, created_by_id = $6, rest_version_id = $7,
       automatic_mapping = coalesce($8, automatic_mapping), default_region = coalesce($9, default_region), rule_changes = $10
      WHERE id = $1 AND organization_id = $2`,
    [
      version.id,
      version.organizationId,
      facts.mode,
      facts.baseVersionId,
      facts.portalRows,
      facts.createdById,
      facts.restId,
      facts.rule?.automaticMapping ?? null,
      facts.rule?.defaultRegion ?? null,
      facts.changes ?? [],
    ],
  );
}

/** A proposal that is about to be applied, approved or ended: locked, so that only one of them happens. */
export interface LockedProposal extends MappingRule {
  readonly number: number;
  readonly mode: VersionSummary['mode'];
  readonly origin: VersionSummary['origin'];
  readonly fileName: string | null;
  readonly fileSha256: Uint8Array | null;
  readonly rowCount: number;
  readonly leftOutCount: number;
  readonly portalRows: VersionSummary['portalRows'];
  readonly baseVersionId: string | null;
  readonly ruleChanges: readonly RulePart[];
  readonly reason: string | null;
  readonly createdBy: string;
  readonly createdById: string | null;
  /** the person who asked for approval; null also where the program did that brought it */
  readonly requestedBy: string | null;
  readonly requestedById: string | null;
}

export async function lockProposal(
  client: pg.PoolClient,
  organizationId: string,
  connectorId: string,
  versionId: string,
): Promise<LockedProposal | null> {
  const { rows } = await client.query<Omit<LockedProposal, keyof MappingRule> & RawRule>(
    `SELECT v.number, v.mode, v.origin, v.file_name AS "fileName", v.file_sha256 AS "fileSha256", v.row_count AS "rowCount",
       v.left_out_count AS "leftOutCount", v.portal_rows AS "portalRows", v.base_version_id AS "baseVersionId", v.reason,
       v.created_by AS "createdBy", v.created_by_id AS "createdById", v.approval_requested_by AS "requestedBy",
       v.approval_requested_by_id AS "requestedById", v.rule_changes AS "ruleChanges", ${RULE}
     FROM mapping_version v JOIN connector c ON c.id = v.connector_id
     WHERE v.organization_id = $1 AND v.connector_id = $2 AND v.id = $3 AND v.status = 'proposed' FOR UPDATE OF v`,
    [organizationId, connectorId, versionId],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const proposal = { ...row, ...ruleOf(row) };
  return isAskedByProgram(row) ? { ...proposal, requestedBy: null, requestedById: null } : proposal;
}

/** A program once asked for the approval of what it had brought itself. That counts for nothing: a person asks. */
function isAskedByProgram(row: Pick<LockedProposal, 'origin' | 'mode' | 'createdById' | 'requestedById'>): boolean {
  return isByProgram(row) && row.requestedById === row.createdById;
}

/** Whether a program brought it. Who brings back the rows of such a version is a person. */
function isByProgram({ origin, mode }: Pick<VersionSummary, 'origin' | 'mode'>): boolean {
  return origin === 'api' && mode !== 'restore';
}

/** Of a file, as the audit log has it. */
export function hexOf(sha256: Uint8Array | null): string | null {
  return sha256 === null ? null : Buffer.from(sha256).toString('hex');
}

/**
 * Ends a proposal, and the alert that it waited where it was the last. @param declined why another administrator declined
 * it; null where nobody did
 */
export async function endProposal(
  client: pg.PoolClient,
  actor: Actor,
  { connectorId, versionId }: { readonly connectorId: string; readonly versionId: string },
  declined: string | null,
): Promise<void> {
  await client.query(
    `UPDATE mapping_version SET status = 'discarded', discarded_by = $3, discarded_at = now(), declined_reason = $4
      WHERE organization_id = $1 AND id = $2 AND status = 'proposed'`,
    [actor.organizationId, versionId, actor.name, declined],
  );
  await endWaitingAlert(client, connectorId);
}
