/** The versions of a connector's mapping: listed, and brought back. */
import { randomUUID } from 'node:crypto';
import { auditIn } from '../../audit/entries.ts';
import { inTransaction } from '../../db.ts';
import { countRows, insertVersion, lockVersions } from '../../mapping/store/versions.ts';
import { ruleOf } from '../../mapping/version-rule.ts';
import { type Actor, authorize } from '../../security/actor.ts';
import { ruleDetail } from './change-rule.ts';
import type { MappingParts } from './parts.ts';
import { takeOverAll } from './store/rows.ts';
import {
  describeProposal,
  mappedConnector,
  readInForce,
  readProposed,
  readSummaries,
  readSummary,
  restsOf,
} from './store/versions.ts';
import type { VersionSummary } from './version-summary.ts';

export interface VersionList {
  readonly inForce: VersionSummary | null;
  /** proposals that are neither applied nor ended, however old: first those that wait for approval; at most 20 */
  readonly proposed: readonly VersionSummary[];
  /** newest first */
  readonly versions: readonly VersionSummary[];
  /** `before` of the next page; null where this is the last */
  readonly next: number | null;
}

const MOST_VERSIONS = 200;
const MOST_PROPOSED = 20;

/** Needs `connectors.read`. @returns null for another organization's connector. @throws NotAllowed */
export async function listVersions(
  { database: { pool } }: Pick<MappingParts, 'database'>,
  actor: Actor,
  input: {
    readonly connectorId: string;
    /** versions with a smaller number; null: from the newest on */
    readonly before: number | null;
    /** at most 200 */
    readonly limit: number;
  },
): Promise<VersionList | null> {
  authorize(actor, 'connectors.read');
  const { connectorId } = input;
  if ((await mappedConnector(pool, actor.organizationId, connectorId)) === null) return null;
  const limit = Math.max(1, Math.min(input.limit, MOST_VERSIONS));
  const read = await readSummaries(pool, actor, connectorId, input.before ?? 2 ** 31 - 1, limit + 1);
  const versions = read.slice(0, limit);
  return {
    inForce: await readInForce(pool, actor, connectorId),
    proposed: await readProposed(pool, actor, connectorId, MOST_PROPOSED),
    versions,
    next: read.length > limit ? (versions.at(-1)?.number ?? null) : null,
  };
}

/** One version. Needs `connectors.read`. @throws NotAllowed */
export async function findVersion(
  { database: { pool } }: Pick<MappingParts, 'database'>,
  actor: Actor,
  { connectorId, versionId }: { readonly connectorId: string; readonly versionId: string },
): Promise<VersionSummary | null> {
  authorize(actor, 'connectors.read');
  if ((await mappedConnector(pool, actor.organizationId, connectorId)) === null) return null;
  return readSummary(pool, actor, connectorId, versionId);
}

export type RestoreResult =
  | { readonly kind: 'proposed'; readonly versionId: string; readonly number: number }
  /** it is what is in force */
  | { readonly kind: 'in_force' }
  /** its rows were removed */
  | { readonly kind: 'cleared' }
  | { readonly kind: 'not_found' };

/** Go back to a version: proposes a new one with its rows and its rule. Needs `mapping.manage`. @throws NotAllowed */
export async function restoreVersion(
  parts: Pick<MappingParts, 'database'>,
  actor: Actor,
  { connectorId, versionId: restoredId }: { readonly connectorId: string; readonly versionId: string },
): Promise<RestoreResult> {
  authorize(actor, 'mapping.manage');
  const { organizationId, userId, name } = actor;
  const versionId = randomUUID();
  return inTransaction(parts.database.pool, async (client) => {
    await lockVersions(client, connectorId);
    const connector = await mappedConnector(client, organizationId, connectorId);
    const restored = connector && (await readSummary(client, actor, connectorId, restoredId));
    if (!restored) return { kind: 'not_found' } as const;
    if (restored.rowsClearedAt !== null) return { kind: 'cleared' } as const;
    if (restored.status === 'in_force') return { kind: 'in_force' } as const;
    const { origin, fileName, fileSha256, leftOutCount } = restored;
    const sha256 = fileSha256 === null ? null : Buffer.from(fileSha256, 'hex');
    const version = { id: versionId, organizationId, connectorId, origin, fileName, fileSha256: sha256 };
    const number = await insertVersion(client, { ...version, createdBy: name, reason: null });
    if (number === null) return { kind: 'not_found' } as const;
    const [rest = null] = await restsOf(client, organizationId, [restoredId]);
    const restId =
      restored.rowCount === 0
        ? null
        : await takeOverAll(client, { organizationId, versionId }, { id: restoredId, restId: rest });
    const facts = {
      mode: 'restore',
      portalRows: null,
      baseVersionId: restoredId,
      restId,
      createdById: userId,
      rule: ruleOf(restored),
    } as const;
    await describeProposal(client, version, facts);
    await countRows(client, version, restored.rowCount, leftOutCount);
    const { number: restores, rowCount: all } = restored;
    const rule = ruleDetail(connector, restored);
    const detail = { version: number, sha256: fileSha256, mode: 'restore', restores, rows: all, ...rule };
    await auditIn(client, actor, { action: 'mapping.proposed', connectorId, detail });
    return { kind: 'proposed', versionId, number } as const;
  });
}
