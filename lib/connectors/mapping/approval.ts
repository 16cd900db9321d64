/** Where an organization demands it, another administrator approves a version that changes much. Nobody approves their own. */
import type pg from 'pg';
import { auditIn } from '../../audit/entries.ts';
import { inTransaction } from '../../db.ts';
import { lockVersions } from '../../mapping/store/versions.ts';
import { type Actor, authorize } from '../../security/actor.ts';
import {
  type ApplyInput,
  type ApplyResult,
  type ChangedMeanwhile,
  comeIntoForce,
  isTyped,
  judge,
  SHIFTED_PHRASE,
} from './apply.ts';
import type { MappingParts } from './parts.ts';
import { reasonFrom } from './reason.ts';
import { endProposal, type LockedProposal, lockProposal } from './store/versions.ts';

type LooksShifted = Extract<ApplyResult, { kind: 'rows_look_shifted' }>;

export type RequestApprovalResult =
  | { readonly kind: 'requested' }
  | ChangedMeanwhile
  | LooksShifted
  /** the guards ask for none: apply it */
  | { readonly kind: 'not_needed' }
  | { readonly kind: 'nothing_on' }
  | { readonly kind: 'bad_reason' }
  | { readonly kind: 'not_found' };

/**
 * Asks other administrators. Needs `mapping.approve`, which no program has: whoever holds its secret would be both the one
 * who asks and another who approves. @throws NotAllowed
 */
export async function requestApproval(
  parts: MappingParts,
  actor: Actor,
  input: Omit<ApplyInput, 'confirmation'>,
): Promise<RequestApprovalResult> {
  authorize(actor, 'mapping.approve');
  const reason = reasonFrom(input.reason);
  if (reason === null) return { kind: 'bad_reason' };
  const judged = await judge(parts, actor, input);
  if (judged.kind !== 'judged') return judged;
  if (judged.guards.includes('rows_look_shifted') && !isTyped(input.shiftedConfirmation, SHIFTED_PHRASE))
    return { kind: 'rows_look_shifted', phrase: SHIFTED_PHRASE };
  if (!judged.guards.includes('approval')) return { kind: 'not_needed' };
  const { connectorId, versionId } = input;
  const { organizationId } = actor;
  const result = await inTransaction(parts.database.pool, async (client) => {
    await lockVersions(client, connectorId);
    const proposal = await lockProposal(client, organizationId, connectorId, versionId);
    if (proposal === null) return { kind: 'not_found' } as const;
    await client.query(
      `UPDATE mapping_version SET reason = $3, approval_requested_by = $4, approval_requested_by_id = $5,
         approval_requested_at = now() WHERE organization_id = $1 AND id = $2`,
      [organizationId, versionId, reason, actor.name, actor.userId],
    );
    const detail = { version: proposal.number, reason };
    await auditIn(client, actor, { action: 'mapping.approval-requested', connectorId, detail });
    return { kind: 'requested' } as const;
  });
  if (result.kind === 'requested') parts.notify({ organizationId, connectorId, importId: null });
  return result;
}

export type ApproveResult =
  | { readonly kind: 'applied'; readonly number: number }
  /** the one who proposed it, or asked for approval */
  | { readonly kind: 'own_proposal' }
  /** nobody asked for it */
  | { readonly kind: 'not_requested' }
  | { readonly kind: 'nothing_on' }
  | ChangedMeanwhile
  | LooksShifted
  | { readonly kind: 'not_found' };

/** Approves a version and puts it in force, for the reason of the one who asked. Needs `mapping.approve`. @throws NotAllowed */
export async function approveVersion(
  parts: MappingParts,
  actor: Actor,
  input: Pick<ApplyInput, 'connectorId' | 'versionId' | 'base' | 'shiftedConfirmation'>,
): Promise<ApproveResult> {
  authorize(actor, 'mapping.approve');
  const judged = await judge(parts, actor, input);
  if (judged.kind !== 'judged') return judged;
  const { approval, createdByMe } = judged.version;
  if (approval === null) return { kind: 'not_requested' };
  if (createdByMe || approval.requestedByMe) return { kind: 'own_proposal' };
  if (judged.guards.includes('rows_look_shifted') && !isTyped(input.shiftedConfirmation, SHIFTED_PHRASE))
    return { kind: 'rows_look_shifted', phrase: SHIFTED_PHRASE };
  const note = async (client: pg.PoolClient, { reason, createdBy, requestedBy }: LockedProposal) => {
    await client.query(
      `UPDATE mapping_version SET approved_by = $3, approved_by_id = $4 WHERE organization_id = $1 AND id = $2`,
      [actor.organizationId, input.versionId, actor.name, actor.userId],
    );
    return { reason: reason ?? '', proposedBy: createdBy, askedBy: requestedBy ?? '', approvedBy: actor.name };
  };
  // whoever asks anew in another tab at this moment would approve their own request
  const own = ({ requestedById }: LockedProposal) =>
    requestedById === actor.userId ? ({ kind: 'own_proposal' } as const) : null;
  return comeIntoForce(parts, actor, input, judged, note, own);
}

/** Declines a version that somebody asked to be approved; it ends. Needs `mapping.approve`. @throws NotAllowed */
export async function declineVersion(
  parts: MappingParts,
  actor: Actor,
  input: { readonly connectorId: string; readonly versionId: string; readonly reason: string },
): Promise<{ readonly kind: 'declined' | 'bad_reason' | 'not_requested' | 'not_found' }> {
  authorize(actor, 'mapping.approve');
  const reason = reasonFrom(input.reason);
  if (reason === null) return { kind: 'bad_reason' };
  const { connectorId, versionId } = input;
  const result = await inTransaction(parts.database.pool, async (client) => {
    await lockVersions(client, connectorId);
    const proposal = await lockProposal(client, actor.organizationId, connectorId, versionId);
    if (proposal === null) return { kind: 'not_found' } as const;
    if (proposal.requestedById === null) return { kind: 'not_requested' } as const;
    await endProposal(client, actor, { connectorId, versionId }, reason);
    const detail = { version: proposal.number, reason };
    await auditIn(client, actor, { action: 'mapping.declined', connectorId, detail });
    return { kind: 'declined' } as const;
  });
  if (result.kind === 'declined') parts.notify({ organizationId: actor.organizationId, connectorId, importId: null });
  return result;
}
