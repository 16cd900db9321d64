/** Applying a version: it comes into force against what its administrator compared it with, within the guards. */
import type { Actor } from '../../security/actor.ts';
import type { MappingParts } from './parts.ts';

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

/** Another version came into force since the comparison; `number` null: none is in force now. */
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
  | { readonly kind: 'bad_reason' }
  /** also where it was applied or discarded already */
  | { readonly kind: 'not_found' };

/** Needs `mapping.manage`. @throws NotAllowed */
export async function applyVersion(_parts: MappingParts, _actor: Actor, _input: ApplyInput): Promise<ApplyResult> {
  throw new Error('not built yet');
}

/** Ends a proposal that nobody applied. Needs `mapping.manage`. @throws NotAllowed */
export async function discardProposal(
  _parts: MappingParts,
  _actor: Actor,
  _input: { readonly connectorId: string; readonly versionId: string },
): Promise<{ readonly kind: 'discarded' } | { readonly kind: 'not_found' }> {
  throw new Error('not built yet');
}
