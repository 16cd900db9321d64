/** Applying a version: it comes into force against what its administrator compared it with, within the guards. */
import type pg from 'pg';
import { auditIn } from '../../audit/entries.ts';
import { inTransaction } from '../../db.ts';
import { readNumbersIn } from '../../imports/source-users.ts';
import { type Guard, guardsOf } from '../../mapping/guards.ts';
import { applyVersion as putInForce } from '../../mapping/store/in-force.ts';
import { lockVersions } from '../../mapping/store/versions.ts';
import { type MappingRule, ruleChanges, ruleOf } from '../../mapping/version-rule.ts';
import { type Actor, authorize } from '../../security/actor.ts';
import { ruleDetail } from './change-rule.ts';
import { comparisonOf } from './kept-answers.ts';
import type { MappingParts } from './parts.ts';
import { reasonFrom } from './reason.ts';
import { type Compared, type Counted, countDifference } from './store/difference.ts';
import { peopleMoved } from './store/rule-effect.ts';
import {
  endProposal,
  hexOf,
  type LockedProposal,
  lockProposal,
  type MappedConnector,
  mappedConnector,
  readInForce,
  readSummary,
} from './store/versions.ts';
import { endWaitingAlert } from './store/waiting-alert.ts';
import type { VersionSummary } from './version-summary.ts';

export interface ApplyInput {
  readonly connectorId: string;
  readonly versionId: string;
  /** the version that was in force when the administrator compared; null: none was */
  readonly base: string | null;
  /** 3 to 1,000 characters */
  readonly reason: string;
  /** what was typed for `typed_confirmation` */
  readonly confirmation: string | null;
  /** what was typed for `rows_look_shifted` */
  readonly shiftedConfirmation: string | null;
}

/**
 * Another version came into force since the comparison, or since a file was proposed: `proposeAgain` makes it anew on what
 * is in force now. `number` null: nothing is in force.
 */
export interface ChangedMeanwhile {
  readonly kind: 'changed_meanwhile';
  readonly by: string | null;
  readonly number: number | null;
}

export type ApplyResult =
  | { readonly kind: 'applied'; readonly number: number }
  | ChangedMeanwhile
  /** type the phrase */
  | { readonly kind: 'needs_confirmation'; readonly phrase: string }
  | { readonly kind: 'rows_look_shifted'; readonly phrase: string }
  /** the organization demands that another administrator approves it: `requestApproval` */
  | { readonly kind: 'needs_approval' }
  /** the version has no row, and automatic mapping is off: nothing could be imported */
  | { readonly kind: 'nothing_on' }
  | { readonly kind: 'bad_reason' }
  /** also where it was applied or ended already */
  | { readonly kind: 'not_found' };

/** Needs `mapping.manage`. @throws NotAllowed */
export async function applyVersion(parts: MappingParts, actor: Actor, input: ApplyInput): Promise<ApplyResult> {
  authorize(actor, 'mapping.manage');
  const reason = reasonFrom(input.reason);
  if (reason === null) return { kind: 'bad_reason' };
  const judged = await judge(parts, actor, input);
  if (judged.kind !== 'judged') return judged;
  const { version, guards } = judged;
  if (guards.includes('rows_look_shifted') && !isTyped(input.shiftedConfirmation, SHIFTED_PHRASE))
    return { kind: 'rows_look_shifted', phrase: SHIFTED_PHRASE };
  if (guards.includes('approval')) return { kind: 'needs_approval' };
  const phrase = confirmationPhrase(version.number);
  if (guards.includes('typed_confirmation') && !isTyped(input.confirmation, phrase))
    return { kind: 'needs_confirmation', phrase };
  return comeIntoForce(parts, actor, input, judged, async (client) => {
    await client.query('UPDATE mapping_version SET reason = $3 WHERE organization_id = $1 AND id = $2', [
      actor.organizationId,
      input.versionId,
      reason,
    ]);
    return { reason };
  });
}

/** To be typed where much changes. */
export const confirmationPhrase = (number: number): string => `apply version ${number}`;
/** To be typed where mailboxes may have been sorted without their numbers. */
export const SHIFTED_PHRASE = 'the mailboxes are right';

/** Case and spaces do not matter: what counts is that somebody read it. */
export function isTyped(typed: string | null, phrase: string): boolean {
  return (typed ?? '').trim().replace(/\s+/g, ' ').toLowerCase() === phrase;
}

export interface Judged {
  readonly kind: 'judged';
  readonly connector: MappedConnector;
  readonly version: VersionSummary;
  readonly counts: Counted;
  readonly guards: readonly Guard[];
}

/**
 * What stands between a proposal and being in force. Versions do not change, so the answer is true of this one against
 * `base` whatever happens before it is applied.
 */
export async function judge(
  parts: MappingParts,
  actor: Actor,
  { connectorId, versionId, base }: Pick<ApplyInput, 'connectorId' | 'versionId' | 'base'>,
): Promise<Judged | ChangedMeanwhile | { readonly kind: 'nothing_on' | 'not_found' }> {
  const { pool } = parts.database;
  const connector = await mappedConnector(pool, actor.organizationId, connectorId);
  const version = connector && (await readSummary(pool, actor, connectorId, versionId));
  if (!connector || version?.status !== 'proposed') return { kind: 'not_found' };
  const inForce = await readInForce(pool, actor, connectorId);
  if ((inForce?.id ?? null) !== base || isStale(version, inForce)) return changedMeanwhile(inForce);
  if (!version.automaticMapping && version.rowCount === 0) return { kind: 'nothing_on' };
  const compared = { ...comparedBy(connector), versionId, against: base };
  const counts = await countDifference(pool, compared);
  const people = await movedByRule(pool, compared, connector, version);
  // Counted anew: what the page was shown may be older, and what is asked for now must be on it.
  parts.kept?.forget(comparisonOf({ organizationId: actor.organizationId, versionId, against: base }));
  return { kind: 'judged', connector, version, counts, guards: guardsOf(counts, connector, people?.counts ?? null) };
}

/** Whom another rule than the one in force would have archived elsewhere; null where it is the same. */
export async function movedByRule(
  pool: pg.Pool,
  compared: Compared,
  before: MappingRule,
  after: MappingRule,
): Promise<Awaited<ReturnType<typeof peopleMoved>> | null> {
  return ruleChanges(before, after).length === 0
    ? null
    : peopleMoved(pool, { ...compared, before, after }, MOST_PEOPLE);
}

/** Who are named of those whom another rule would have archived elsewhere. */
const MOST_PEOPLE = 50;

/** What a comparison needs to know of a connector. */
export function comparedBy({ id, organizationId, sourceId, verifiedDomains }: MappedConnector) {
  return { organizationId, connectorId: id, sourceId, verifiedDomains };
}

/** Whether a file was proposed on another version than the one in force: rows that came since would be lost. */
export function isStale(version: VersionSummary, inForce: VersionSummary | null): boolean {
  return version.mode !== 'restore' && version.basedOn !== (inForce?.number ?? null);
}

function changedMeanwhile(inForce: VersionSummary | null): ChangedMeanwhile {
  return { kind: 'changed_meanwhile', by: inForce?.appliedBy ?? null, number: inForce?.number ?? null };
}

/**
 * Puts a judged version in force, in one transaction with `note` and the audit entry, and has what waits looked at again.
 *
 * @param note writes down how it came to that; gives what is to be added to the audit entry
 * @param refuse asked while nobody else can change the proposal; what it gives instead of null is the answer, and nothing
 * is applied
 */
export async function comeIntoForce<Refusal extends { readonly kind: string } = never>(
  parts: MappingParts,
  actor: Actor,
  { connectorId, versionId, base }: Pick<ApplyInput, 'connectorId' | 'versionId' | 'base'>,
  { counts, guards }: Judged,
  note: (client: pg.PoolClient, proposal: LockedProposal) => Promise<Readonly<Record<string, string>>>,
  refuse: (proposal: LockedProposal) => Refusal | null = () => null,
): Promise<Extract<ApplyResult, { kind: 'applied' | 'changed_meanwhile' | 'not_found' }> | Refusal> {
  const { organizationId } = actor;
  const { added, changed, removed } = counts;
  const result = await inTransaction(parts.database.pool, async (client) => {
    await lockVersions(client, connectorId);
    const mapped = await mappedConnector(client, organizationId, connectorId);
    if (mapped === null) return NOT_FOUND;
    const rule = ruleOf(mapped);
    const inForce = await readInForce(client, actor, connectorId);
    const proposal = await lockProposal(client, organizationId, connectorId, versionId);
    if (proposal === null) return NOT_FOUND;
    const refusal = refuse(proposal);
    if (refusal !== null) return refusal;
    const current = inForce?.id ?? null;
    if (current !== base || (proposal.mode !== 'restore' && proposal.baseVersionId !== current))
      return changedMeanwhile(inForce);
    // First: of a version that is in force nothing changes any more.
    const noted = await note(client, proposal);
    const at = new Date();
    const application = { organizationId, connectorId, versionId, comparedWith: base, appliedBy: actor.name, at };
    const applied = await putInForce(client, application);
    if (applied !== 'applied') throw new RangeError(`a proposal that was looked at is ${applied}`);
    // Registered users are told by their number, as it is read from now on.
    if (proposal.defaultRegion !== rule.defaultRegion)
      await readNumbersIn(client, { id: mapped.sourceId, organizationId }, proposal.defaultRegion);
    await endWaitingAlert(client, connectorId);
    const { number } = proposal;
    const detail = {
      version: number,
      sha256: hexOf(proposal.fileSha256),
      before: inForce?.number ?? null,
      added,
      changed,
      removed,
      guards: [...guards],
      ...ruleDetail(rule, proposal),
      ...noted,
    };
    await auditIn(client, actor, { action: 'mapping.applied', connectorId, detail });
    return { kind: 'applied', number } as const;
  });
  if (result.kind === 'applied') await lookAgain(parts, organizationId, connectorId);
  return result;
}

const NOT_FOUND = { kind: 'not_found' } as const;

/** Another version is in force: what waits or is not sent yet is decided by it. Where Redis is away, within a minute. */
export async function lookAgain(
  { enqueue, notify }: Pick<MappingParts, 'enqueue' | 'notify'>,
  organizationId: string,
  connectorId: string,
): Promise<void> {
  notify({ organizationId, connectorId, importId: null });
  await enqueue('release', { organizationId, connectorId }, { key: connectorId });
}

export type DiscardResult =
  | { readonly kind: 'discarded' }
  /** somebody else asked for its approval: `declineVersion`, with a reason */
  | { readonly kind: 'asked_by_another' }
  | { readonly kind: 'not_found' };

/** Ends a proposal that nobody applied: one's own, or one that waits for no approval. Needs `mapping.manage`. @throws NotAllowed */
export async function discardProposal(
  parts: MappingParts,
  actor: Actor,
  { connectorId, versionId }: { readonly connectorId: string; readonly versionId: string },
): Promise<DiscardResult> {
  authorize(actor, 'mapping.manage');
  const result = await inTransaction(parts.database.pool, async (client): Promise<DiscardResult> => {
    await lockVersions(client, connectorId);
    const proposal = await lockProposal(client, actor.organizationId, connectorId, versionId);
    if (proposal === null) return NOT_FOUND;
    const { requestedById, createdById } = proposal;
    if (requestedById !== null && requestedById !== actor.userId && createdById !== actor.userId)
      return { kind: 'asked_by_another' };
    await endProposal(client, actor, { connectorId, versionId }, null);
    await auditIn(client, actor, { action: 'mapping.discarded', connectorId, detail: { version: proposal.number } });
    return { kind: 'discarded' };
  });
  if (result.kind === 'discarded') parts.notify({ organizationId: actor.organizationId, connectorId, importId: null });
  return result;
}
