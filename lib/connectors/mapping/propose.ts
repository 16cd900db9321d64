/** Upload new version: a file becomes a proposed version of a live connector. The mapping in force is not touched. */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { auditIn } from '../../audit/entries.ts';
import { inTransaction } from '../../db.ts';
import type { FileRefusal, RowError } from '../../mapping/mapping-file.ts';
import { versionInForce } from '../../mapping/store/in-force.ts';
import { countRows, insertVersion, lockVersions } from '../../mapping/store/versions.ts';
import { uploadMapping } from '../../mapping/upload.ts';
import { type MappingRule, ruleChanges, ruleOf } from '../../mapping/version-rule.ts';
import { type Actor, authorize } from '../../security/actor.ts';
import { AsksPortalRows, type Assembly, assemble, TooLarge } from './assemble.ts';
import { proposeRule } from './change-rule.ts';
import type { MappingParts, ReadingParts } from './parts.ts';
import { bringAgain, saysTheSame } from './store/rows.ts';
import {
  endProposal,
  hexOf,
  type LockedProposal,
  lockProposal,
  type MappedConnector,
  mappedConnector,
} from './store/versions.ts';
import { currentDomains } from './verified-domains.ts';

export interface ProposeInput {
  readonly connectorId: string;
  readonly fileName: string;
  readonly bytes: Uint8Array;
  /** `add`: beside what is in force; for the time that a row of the file speaks of, the file decides */
  readonly mode: 'replace' | 'add';
  /** the explicit choice to go on without the rows that have errors: as many as were shown; recorded. 0: nobody chose */
  readonly leaveOut: number;
  /** what becomes of rows that were added in the portal and whose number the file does not have; null: ask */
  readonly portalRows: 'keep' | 'remove' | null;
  /** who brings it: a page, or a program by the API. Default: file */
  readonly origin?: 'file' | 'api';
  /** aborted by whoever no longer wants it: then nothing is stored */
  readonly signal?: AbortSignal;
}

export interface Proposed {
  readonly kind: 'proposed';
  readonly versionId: string;
  readonly number: number;
}

/** Nothing was stored: ask again with the answer. */
export interface AsksAboutPortalRows {
  readonly kind: 'asks_portal_rows';
  readonly count: number;
}

export type ProposeResult =
  | Proposed
  /** nothing was stored: rows have errors, and nobody chose to leave out as many */
  | {
      readonly kind: 'erroneous';
      readonly rowCount: number;
      readonly erroneousRowCount: number;
      /** at most 100 */
      readonly firstErrors: readonly RowError[];
    }
  | { readonly kind: 'refused'; readonly refusal: FileRefusal }
  | AsksAboutPortalRows
  /** also the answer for another organization's connector */
  | { readonly kind: 'not_found' };

/** @throws NotAllowed; the signal's reason */
export function proposeVersion(parts: ReadingParts, actor: Actor, input: ProposeInput): Promise<ProposeResult> {
  return storeUnless(parts, actor, input, async () => {});
}

/** Nothing was stored: the version would have the rows of the one in force. */
export interface Same {
  readonly kind: 'same';
  /** of the version in force */
  readonly number: number;
  readonly rowCount: number;
}

/** Rolls the transaction back. */
class SameAsInForce extends Error {
  override name = 'SameAsInForce';
  readonly result: Same;
  constructor(result: Same) {
    super('the version would have the rows of the one in force');
    this.result = result;
  }
}

/**
 * As `proposeVersion`, for who brings the same rows every night: versions are kept for ever, and one of a million rows that
 * changes nothing is not to be. @throws NotAllowed; the signal's reason
 */
export async function proposeUnlessSame(
  parts: ReadingParts,
  actor: Actor,
  input: ProposeInput,
): Promise<ProposeResult | Same> {
  const { organizationId } = actor;
  try {
    return await storeUnless(parts, actor, input, async (client, versionId, rowCount) => {
      const base = await versionInForce(client, organizationId, input.connectorId);
      if (base?.rowCount === rowCount && (await saysTheSame(client, { organizationId, versionId }, base.id)))
        throw new SameAsInForce({ kind: 'same', number: base.number, rowCount });
    });
  } catch (error) {
    if (error instanceof SameAsInForce) return error.result;
    throw error;
  }
}

/** @param check looks at the version when all of its rows are written; throws to store nothing */
/** The default region was changed while a file was read in the one of before. Rolls the transaction back. */
class ReadInOtherRegion extends Error {
  override name = 'ReadInOtherRegion';
}

async function storeUnless(
  parts: ReadingParts,
  actor: Actor,
  input: ProposeInput,
  check: (client: pg.PoolClient, versionId: string, rowCount: number) => Promise<void>,
): Promise<ProposeResult> {
  authorize(actor, 'mapping.manage');
  const { pool } = parts.database;
  const { organizationId, userId } = actor;
  const { connectorId, fileName, mode, portalRows, leaveOut } = input;
  const connector = await mappedConnector(pool, organizationId, connectorId);
  if (connector === null) return { kind: 'not_found' };
  const versionId = randomUUID();
  try {
    const uploaded = await uploadMapping(pool, {
      id: versionId,
      organizationId,
      connectorId,
      origin: input.origin ?? 'file',
      fileName,
      createdBy: actor.name,
      reason: null,
      bytes: input.bytes,
      options: { ...(await readingOf(parts, connector)), signal: input.signal },
      leaveOut,
      complete: async (client, { number, rowCount, leftOutCount, fileSha256 }) => {
        const assembly = { connectorId, versionId, ownRows: rowCount, mode, portalRows, createdById: userId };
        const now = await mappedConnector(client, organizationId, connectorId);
        if (now?.defaultRegion !== connector.defaultRegion) throw new ReadInOtherRegion();
        const all = await assemble(client, actor, assembly);
        await check(client, versionId, all);
        const sha256 = hexOf(fileSha256);
        const detail = { version: number, file: fileName, sha256, mode, rows: all, leftOut: leftOutCount, portalRows };
        await auditIn(client, actor, { action: 'mapping.proposed', connectorId, detail });
        return all;
      },
    });
    if (uploaded.kind === 'no_connector') return { kind: 'not_found' };
    if (uploaded.kind !== 'stored') return uploaded;
    return { kind: 'proposed', versionId, number: uploaded.number };
  } catch (error) {
    // Read once more, in the region that is in force now.
    if (error instanceof ReadInOtherRegion) return storeUnless(parts, actor, input, check);
    return notStored(error);
  }
}

/** How a connector's files are read: numbers in its region, addresses in the organization's domains where they are known. */
export async function readingOf(parts: ReadingParts, connector: MappedConnector) {
  const domains = await currentDomains(parts, connector);
  const verifiedDomains = domains.length === 0 ? undefined : new Set(domains);
  return { region: connector.defaultRegion, verifiedDomains };
}

function notStored(error: unknown): AsksAboutPortalRows | Exclude<ProposeResult, Proposed> {
  if (error instanceof AsksPortalRows) return { kind: 'asks_portal_rows', count: error.count };
  if (!(error instanceof TooLarge)) throw error;
  const { periodsOf } = error;
  if (periodsOf === null) return { kind: 'refused', refusal: { problem: 'too_many_rows' } };
  const { row, number: value } = periodsOf;
  const problem = { row, column: 'number', value, problem: 'too_many_periods', readings: [], otherRow: null } as const;
  return { kind: 'erroneous', rowCount: 0, erroneousRowCount: 1, firstErrors: [problem] };
}

export type ProposeAgainResult =
  | Proposed
  | AsksAboutPortalRows
  /** beside what is in force now it would be larger than a file may be */
  | { readonly kind: 'too_large' }
  /** its numbers were read in another default region than the one in force: the file has to be uploaded again */
  | { readonly kind: 'read_in_other_region' }
  /** neither automatic mapping nor a row would be left */
  | { readonly kind: 'nothing_on' }
  /** what it changes of the rule was changed so meanwhile */
  | { readonly kind: 'unchanged' }
  /** also where nothing came into force since it was proposed */
  | { readonly kind: 'not_found' };

/**
 * Compare again: a file was proposed, and another version came into force meanwhile. A new proposal with the same rows of
 * the same file takes its place, made on what is in force now; of a changed rule, what was changed of it. Who proposed it
 * first stays its author.
 *
 * Needs `mapping.manage`. @throws NotAllowed
 */
export async function proposeAgain(
  parts: MappingParts,
  actor: Actor,
  input: Pick<ProposeInput, 'connectorId' | 'portalRows'> & { readonly versionId: string },
): Promise<ProposeAgainResult> {
  authorize(actor, 'mapping.manage');
  const versionId = randomUUID();
  try {
    return await inTransaction(parts.database.pool, (client) => proposeInPlace(client, actor, input, versionId));
  } catch (error) {
    if (error instanceof AsksPortalRows) return { kind: 'asks_portal_rows', count: error.count };
    if (error instanceof TooLarge) return { kind: 'too_large' };
    throw error;
  }
}

async function proposeInPlace(
  client: pg.PoolClient,
  actor: Actor,
  { connectorId, versionId: proposalId, portalRows }: Parameters<typeof proposeAgain>[2],
  versionId: string,
): Promise<ProposeAgainResult> {
  const { organizationId } = actor;
  await lockVersions(client, connectorId);
  const connector = await mappedConnector(client, organizationId, connectorId);
  if (connector === null) return { kind: 'not_found' };
  const before = await lockProposal(client, organizationId, connectorId, proposalId);
  if (before === null || before.mode === 'restore') return { kind: 'not_found' };
  // It would end what somebody may have asked to be approved, and say the same again.
  const inForce = await versionInForce(client, organizationId, connectorId);
  if (before.baseVersionId === (inForce?.id ?? null)) return { kind: 'not_found' };
  const { origin, fileName, fileSha256, createdBy, createdById, reason, leftOutCount, mode } = before;
  if (mode === 'rule') return ruleInPlace(client, actor, { connectorId, proposalId }, before, connector);
  // Rows do not say any more how their numbers were written.
  if (before.defaultRegion !== connector.defaultRegion) return { kind: 'read_in_other_region' };
  const version = { id: versionId, organizationId, connectorId, origin, fileName, fileSha256, createdBy, reason };
  const number = await insertVersion(client, version);
  if (number === null) return { kind: 'not_found' };
  const ownRows = await bringAgain(client, { organizationId, versionId }, proposalId);
  const assembly: Assembly = { connectorId, versionId, ownRows, mode, portalRows, createdById };
  const rowCount = await assemble(client, actor, assembly);
  await countRows(client, version, rowCount, leftOutCount);
  await endProposal(client, actor, { connectorId, versionId: proposalId }, null);
  const sha256 = hexOf(fileSha256);
  const detail = { version: number, sha256, inPlaceOf: before.number, mode, rows: rowCount, portalRows };
  await auditIn(client, actor, { action: 'mapping.proposed', connectorId, detail });
  return { kind: 'proposed', versionId, number };
}

/** What a proposal changes of the rule, on the rows and the rest of the rule that are in force now. */
async function ruleInPlace(
  client: pg.PoolClient,
  actor: Actor,
  { connectorId, proposalId }: { readonly connectorId: string; readonly proposalId: string },
  proposal: LockedProposal,
  inForce: MappingRule,
): Promise<ProposeAgainResult> {
  const { ruleChanges: wanted, createdBy, createdById, reason, number } = proposal;
  const before = ruleOf(inForce);
  const after = {
    automaticMapping: (wanted.includes('automatic') ? proposal : before).automaticMapping,
    defaultRegion: (wanted.includes('region') ? proposal : before).defaultRegion,
  };
  const changes = ruleChanges(before, after);
  if (changes.length === 0) return { kind: 'unchanged' };
  const about = { createdBy, createdById, reason, inPlaceOf: number };
  const proposed = await proposeRule(client, actor, { connectorId, before, after, changes, ...about });
  if (proposed.kind === 'proposed') await endProposal(client, actor, { connectorId, versionId: proposalId }, null);
  return proposed;
}
