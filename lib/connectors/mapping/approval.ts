/** Where an organization demands it, another administrator approves a version that changes much. Nobody approves their own. */
import type { Actor } from '../../security/actor.ts';
import type { ApplyInput, ChangedMeanwhile } from './apply.ts';
import type { MappingParts } from './parts.ts';

export type RequestApprovalResult =
  | { readonly kind: 'requested' }
  | ChangedMeanwhile
  | { readonly kind: 'rows_look_shifted'; readonly phrase: string }
  /** the guards ask for none: apply it */
  | { readonly kind: 'not_needed' }
  | { readonly kind: 'bad_reason' }
  | { readonly kind: 'not_found' };

/** Asks other administrators. Needs `mapping.manage`. @throws NotAllowed */
export async function requestApproval(
  _parts: MappingParts,
  _actor: Actor,
  _input: Omit<ApplyInput, 'confirmation'>,
): Promise<RequestApprovalResult> {
  throw new Error('not built yet');
}

export type ApproveResult =
  | { readonly kind: 'applied'; readonly number: number }
  /** the one who proposed it, or asked for approval */
  | { readonly kind: 'own_proposal' }
  /** nobody asked for it */
  | { readonly kind: 'not_requested' }
  | ChangedMeanwhile
  | { readonly kind: 'rows_look_shifted'; readonly phrase: string }
  | { readonly kind: 'not_found' };

/** Approves a version and puts it in force. Needs `mapping.manage`. @throws NotAllowed */
export async function approveVersion(
  _parts: MappingParts,
  _actor: Actor,
  _input: Pick<ApplyInput, 'connectorId' | 'versionId' | 'base' | 'shiftedConfirmation'>,
): Promise<ApproveResult> {
  throw new Error('not built yet');
}

/** Declines a version that somebody asked to be approved; it ends. Needs `mapping.manage`. @throws NotAllowed */
export async function declineVersion(
  _parts: MappingParts,
  _actor: Actor,
  _input: { readonly connectorId: string; readonly versionId: string; readonly reason: string },
): Promise<{ readonly kind: 'declined' | 'bad_reason' | 'not_requested' | 'not_found' }> {
  throw new Error('not built yet');
}

export interface ApprovalSetting {
  readonly demanded: boolean;
  /** who asked to switch it off; another administrator has to agree */
  readonly offRequestedBy: string | null;
  readonly offRequestedByMe: boolean;
}

/** Needs `connectors.read`. @throws NotAllowed */
export async function approvalSetting(_parts: MappingParts, _actor: Actor): Promise<ApprovalSetting> {
  throw new Error('not built yet');
}

/**
 * Switches the demand on at once; off only when two administrators ask for it, because one alone could otherwise do
 * without approval. Needs `mapping.manage`. @throws NotAllowed
 */
export async function setApprovalDemanded(
  _parts: MappingParts,
  _actor: Actor,
  _demanded: boolean,
): Promise<'done' | 'unchanged' | 'asked'> {
  throw new Error('not built yet');
}
