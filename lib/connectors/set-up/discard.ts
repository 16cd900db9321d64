/** "Discard draft": what was registered is unregistered, and what was entered is deleted. */
import { SourceError } from '../../archive/source.ts';
import { audit } from '../../audit/entries.ts';
import { inTransaction } from '../../db.ts';
import type { Prisma } from '../../generated/prisma/client.ts';
import { type Actor, authorize } from '../../security/actor.ts';
import { type Draft, NO_DRAFT, type NoDraft } from './draft.ts';
import { refusalOr, type SourceRefusal, takeBack } from './login.ts';
import type { SetUpParts } from './parts.ts';
import { removeUnusedSource } from './source-users.ts';
import * as store from './store.ts';

export type DiscardResult =
  /** `unregistered` false: the source refuses the account by now, so that a registration stays behind there */
  | { readonly kind: 'discarded'; readonly unregistered: boolean }
  /** the source cannot be asked now; nothing was changed */
  | SourceRefusal
  | NoDraft;

/** As long as a file of a million rows may take to be read, with room to spare: it is waited for. */
const UPLOAD_MS = 60_000;

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
  // From here on nobody can finish it: a mapping that is not confirmed makes no live connector. The registration's id
  // stays until it is taken back, so that whatever breaks here can be tried again.
  if (!(await hold(parts, draft, null))) return NO_DRAFT;
  const unregistered = await refusalOr(parts, () => unregister(parts, draft, credentials)).catch(
    async (error: unknown) => {
      await hold(parts, draft, draft.mapping.confirmedAt);
      throw error;
    },
  );
  if (typeof unregistered !== 'boolean') {
    await hold(parts, draft, draft.mapping.confirmedAt);
    return unregistered;
  }
  const remove = async (tx: Prisma.TransactionClient): Promise<boolean> => {
    const where = { organizationId, connectorId: draft.id };
    // First of all: an upload that is being read or applied ends before, and is removed with it, or finds no draft.
    await tx.$queryRaw`SELECT 1 FROM connector WHERE id = ${draft.id}::uuid AND organization_id = ${organizationId}::uuid
      FOR UPDATE`;
    await tx.consentRequest.deleteMany({ where });
    await tx.mappingVersion.deleteMany({ where });
    const { count } = await tx.connector.deleteMany({ where: { id: draft.id, organizationId, status: 'draft' } });
    if (count === 0) return false;
    const detail = { kind: draft.kind, unregistered };
    await audit(tx, actor, { action: 'connector.draft-discarded', connectorId: draft.id, detail });
    return true;
  };
  const discarded = await prisma.$transaction(remove, { timeout: UPLOAD_MS });
  if (!discarded) return NO_DRAFT;
  const id = draft.login?.sourceId;
  if (id !== undefined)
    await inTransaction(parts.database.pool, (client) => removeUnusedSource(client, { id, organizationId }));
  return { kind: 'discarded', unregistered };
}

/** @returns false where it is no draft any more */
function hold(parts: SetUpParts, draft: Draft, mappingConfirmedAt: Date | null): Promise<boolean> {
  return store.updateDraft(parts.database.prisma, draft.organizationId, draft.id, { mappingConfirmedAt });
}

/** @throws SourceError where it is worth trying again */
async function unregister(
  parts: SetUpParts,
  draft: Draft,
  credentials: store.SealedCredentials | null,
): Promise<boolean> {
  if (credentials === null) return true;
  try {
    await takeBack(parts, draft, credentials);
    return true;
  } catch (error) {
    if (error instanceof SourceError && error.class === 'customer') return false;
    throw error;
  }
}
