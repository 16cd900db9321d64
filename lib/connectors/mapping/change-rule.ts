/** Another rule beside the same rows: automatic user mapping and the default region become a proposed version. */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { auditIn } from '../../audit/entries.ts';
import { inTransaction } from '../../db.ts';
import { isRegion } from '../../mapping/number.ts';
import { versionInForce } from '../../mapping/store/in-force.ts';
import { ruleInForce } from '../../mapping/store/rule.ts';
import { countRows, insertVersion, lockVersions } from '../../mapping/store/versions.ts';
import { type MappingRule, type RulePart, ruleChanges } from '../../mapping/version-rule.ts';
import { type Actor, authorize } from '../../security/actor.ts';
import type { MappingParts } from './parts.ts';
import type { Proposed } from './propose.ts';
import { takeOverAll } from './store/rows.ts';
import { describeProposal, mappedConnector } from './store/versions.ts';

export interface ChangeRuleInput {
  readonly connectorId: string;
  readonly automatic: boolean;
  /** ISO 3166 */
  readonly defaultRegion: string;
  /** what the person saw in force: only what they changed is proposed */
  readonly seen: { readonly automatic: boolean; readonly defaultRegion: string };
}

export type ChangeRuleResult =
  | Proposed
  /** neither automatic mapping nor a row: nothing could be imported */
  | { readonly kind: 'nothing_on' }
  /** it is the rule in force */
  | { readonly kind: 'unchanged' }
  /** somebody changed the rule since it was shown: this is in force now */
  | ({ readonly kind: 'changed_meanwhile'; readonly by: string | null } & MappingRule)
  | { readonly kind: 'unknown_region' }
  | { readonly kind: 'not_found' };

/**
 * Proposes a version with the rows in force and another rule; nothing else changes until it is applied, with a reason and
 * within the guards, like a file. Rows are not copied: the version rests on the one that has them. Needs `mapping.manage`.
 *
 * @throws NotAllowed
 */
export async function changeRule(
  parts: Pick<MappingParts, 'database'>,
  actor: Actor,
  { connectorId, automatic, defaultRegion, seen }: ChangeRuleInput,
): Promise<ChangeRuleResult> {
  authorize(actor, 'mapping.manage');
  const { organizationId } = actor;
  if (!isRegion(defaultRegion)) return { kind: 'unknown_region' };
  return inTransaction(parts.database.pool, async (client): Promise<ChangeRuleResult> => {
    await lockVersions(client, connectorId);
    if ((await mappedConnector(client, organizationId, connectorId)) === null) return { kind: 'not_found' };
    const { versionId, ...before } = await ruleInForce(client, organizationId, connectorId);
    if (before.automaticMapping !== seen.automatic || before.defaultRegion !== seen.defaultRegion) {
      const by = versionId === null ? null : await whoLastChanged(client, organizationId, connectorId);
      return { kind: 'changed_meanwhile', by, ...before };
    }
    const changes = ruleChanges(before, { automaticMapping: automatic, defaultRegion });
    if (changes.length === 0) return { kind: 'unchanged' };
    const after = { automaticMapping: automatic, defaultRegion };
    return proposeRule(client, actor, { connectorId, before, after, changes, createdBy: actor.name, reason: null });
  });
}

async function whoLastChanged(client: pg.PoolClient, organizationId: string, connectorId: string) {
  const { rows } = await client.query<{ by: string | null }>(
    `SELECT applied_by AS by FROM mapping_version WHERE organization_id = $1 AND connector_id = $2
       AND mode IN ('rule', 'restore') AND applied_at IS NOT NULL ORDER BY applied_at DESC LIMIT 1`,
    [organizationId, connectorId],
  );
  return rows[0]?.by ?? null;
}

export interface NewRule {
  readonly connectorId: string;
  readonly before: MappingRule;
  readonly after: MappingRule;
  /** not empty */
  readonly changes: readonly RulePart[];
  readonly createdBy: string;
  readonly createdById?: string | null;
  readonly reason: string | null;
  /** the proposal in whose place it is made */
  readonly inPlaceOf?: number;
}

/** Writes the proposal, on what is in force. Inside a transaction that has the lock of the versions. */
export async function proposeRule(
  client: pg.PoolClient,
  actor: Actor,
  rule: NewRule,
): Promise<Proposed | { readonly kind: 'nothing_on' | 'not_found' }> {
  const { organizationId } = actor;
  const { connectorId, before, after, changes, createdBy, reason } = rule;
  const base = await versionInForce(client, organizationId, connectorId);
  const rowCount = base?.rowCount ?? 0;
  if (!after.automaticMapping && rowCount === 0) return { kind: 'nothing_on' };
  const versionId = randomUUID();
  const about = { fileName: null, fileSha256: null, createdBy, reason } as const;
  const version = { id: versionId, organizationId, connectorId, origin: 'portal', ...about } as const;
  const number = await insertVersion(client, version);
  if (number === null) return { kind: 'not_found' };
  // Without a row there is nothing to rest on.
  const restId =
    base === null || rowCount === 0 ? null : await takeOverAll(client, { organizationId, versionId }, base);
  await describeProposal(client, version, {
    mode: 'rule',
    portalRows: null,
    baseVersionId: base?.id ?? null,
    restId,
    createdById: rule.createdById === undefined ? actor.userId : rule.createdById,
    rule: after,
    changes,
  });
  await countRows(client, version, rowCount, 0);
  const detail = {
    version: number,
    mode: 'rule',
    rows: rowCount,
    ...(rule.inPlaceOf === undefined ? {} : { inPlaceOf: rule.inPlaceOf }),
    ...ruleDetail(before, after),
  };
  await auditIn(client, actor, { action: 'mapping.proposed', connectorId, detail });
  return { kind: 'proposed', versionId, number };
}

/** What a version changes of the rule, for an entry of the audit log; nothing where it leaves it. Pure. */
export function ruleDetail(before: MappingRule, after: MappingRule): Readonly<Record<string, boolean | string>> {
  const changes = ruleChanges(before, after);
  return {
    ...(changes.includes('automatic')
      ? { automaticBefore: before.automaticMapping, automatic: after.automaticMapping }
      : {}),
    ...(changes.includes('region') ? { regionBefore: before.defaultRegion, defaultRegion: after.defaultRegion } : {}),
  };
}
