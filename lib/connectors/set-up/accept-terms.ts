/** Step 1: the terms of service. */

import { audit } from '../../audit/entries.ts';
import { type Actor, authorize } from '../../security/actor.ts';
import { TERMS } from '../terms.ts';
import { NO_DRAFT, type NoDraft } from './draft.ts';
import type { SetUpParts } from './parts.ts';
import { nameOf } from './start.ts';
import * as store from './store.ts';

export type AcceptTermsResult =
  | { readonly kind: 'accepted' }
  /** another version came into force while the page was open: it must be read first */
  | { readonly kind: 'other_version'; readonly version: string }
  | NoDraft;

/** Records who accepted which version and when. @throws NotAllowed */
export async function acceptTerms(
  parts: SetUpParts,
  actor: Actor,
  input: { readonly draftId: string; readonly version: string },
): Promise<AcceptTermsResult> {
  authorize(actor, 'connectors.manage');
  if (input.version !== TERMS.version) return { kind: 'other_version', version: TERMS.version };
  return parts.database.prisma.$transaction(async (tx) => {
    const accepted = await store.updateDraft(tx, actor.organizationId, input.draftId, {
      termsVersion: TERMS.version,
      termsAcceptedAt: parts.clock(),
      termsAcceptedBy: nameOf(actor),
    });
    if (!accepted) return NO_DRAFT;
    const detail = { version: TERMS.version };
    await audit(tx, actor, { action: 'connector.terms-accepted', connectorId: input.draftId, detail });
    return { kind: 'accepted' };
  });
}
