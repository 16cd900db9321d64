/** "Discard draft": what was registered is unregistered, and what was entered is deleted. */
import { SourceError } from '../../archive/source.ts';
import { inTransaction } from '../../db.ts';
import { type Actor, authorize } from '../../security/actor.ts';
import { audit } from '../../security/audit.ts';
import { openPassword } from '../password.ts';
import { type Draft, NO_DRAFT, type NoDraft } from './draft.ts';
import { refusalOr, type SourceRefusal } from './login.ts';
import type { SetUpParts } from './parts.ts';
import { removeUnusedSource } from './source-users.ts';
import * as store from './store.ts';

export type DiscardResult =
  /** `unregistered` false: the source refuses the account by now, so that a registration stays behind there */
  | { readonly kind: 'discarded'; readonly unregistered: boolean }
  /** the source cannot be asked now; nothing was changed */
  | SourceRefusal
  | NoDraft;

/** @throws NotAllowed */
export async function discardDraft(
  parts: SetUpParts,
  actor: Actor,
  input: { readonly draftId: string },
): Promise<DiscardResult> {
  authorize(actor, 'connectors.manage');
  const { prisma } = parts.database;
  const { organizationId } = actor;
  const draft = await store.readDraft(prisma, organizationId, input.draftId);
  if (draft === null) return NO_DRAFT;
  const credentials = await store.readCredentials(prisma, organizationId, draft.id);
  // From here on nobody can finish it: a live connector must have a registration.
  const held = await store.updateDraft(prisma, organizationId, draft.id, { sourceConnectorId: null });
  if (!held) return NO_DRAFT;
  const unregistered = await refusalOr(parts, () => unregister(parts, draft, credentials));
  if (typeof unregistered !== 'boolean') {
    await store.updateDraft(prisma, organizationId, draft.id, {
      sourceConnectorId: draft.login?.registrationId ?? null,
    });
    return unregistered;
  }
  const discarded = await prisma.$transaction(async (tx) => {
    const where = { organizationId, connectorId: draft.id };
    await tx.consentRequest.deleteMany({ where });
    await tx.mappingVersion.deleteMany({ where });
    const { count } = await tx.connector.deleteMany({ where: { id: draft.id, organizationId, status: 'draft' } });
    if (count === 0) return false;
    const detail = { kind: draft.kind, unregistered };
    await audit(tx, actor, { action: 'connector.draft-discarded', connectorId: draft.id, detail });
    return true;
  });
  if (!discarded) return NO_DRAFT;
  const sourceId = draft.login?.sourceId;
  if (sourceId !== undefined)
    await inTransaction(parts.database.pool, (client) => removeUnusedSource(client, sourceId));
  return { kind: 'discarded', unregistered };
}

/** @throws SourceError where it is worth trying again */
async function unregister(
  parts: SetUpParts,
  draft: Draft,
  credentials: { readonly username: string; readonly passwordSealed: string } | null,
): Promise<boolean> {
  if (draft.login === null || credentials === null) return true;
  const password = openPassword(parts.keyRing, draft.id, credentials.passwordSealed);
  try {
    await parts
      .openSource(draft.kind, { username: credentials.username, password })
      .unregister(draft.login.registrationId);
    return true;
  } catch (error) {
    if (error instanceof SourceError && error.class === 'customer') return false;
    throw error;
  }
}
