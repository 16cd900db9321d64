/** Beginning, finding and reading drafts. */

import { audit } from '../../audit/entries.ts';
import { welcomeOrganization } from '../../organizations/welcome.ts';
import { type Actor, authorize } from '../../security/actor.ts';
import { findKind } from '../catalogue.ts';
import type { Draft } from './draft.ts';
import type { SetUpParts } from './parts.ts';
import * as store from './store.ts';

export type StartResult =
  /** `begun` false: the organization has a draft of this kind, and this is it */
  { readonly kind: 'draft'; readonly draft: Draft; readonly begun: boolean } | { readonly kind: 'unknown_kind' };

/** "Add connector": begins a draft, or goes on with the one that is there. @throws NotAllowed */
export async function startDraft(
  parts: SetUpParts,
  actor: Actor,
  input: { readonly kind: string },
): Promise<StartResult> {
  authorize(actor, 'connectors.manage');
  const kind = findKind(input.kind);
  if (kind === undefined) return { kind: 'unknown_kind' };
  const { prisma } = parts.database;
  const { organizationId } = actor;
  await welcomeOrganization(prisma, organizationId, actor.address);
  const id = parts.newId();
  const begun = await prisma.$transaction(async (tx) => {
    const row = { id, organizationId, kind: kind.slug, name: kind.name, createdBy: nameOf(actor) };
    const inserted = await store.insertDraft(tx, row);
    if (inserted)
      await audit(tx, actor, { action: 'connector.draft-started', connectorId: id, detail: { kind: kind.slug } });
    return inserted;
  });
  const draft = await store.readDraftOfKind(prisma, organizationId, kind.slug);
  if (draft === null) throw new RangeError('a draft was finished or discarded while it was begun');
  return { kind: 'draft', draft, begun };
}

/** The organization's draft of a kind; null where there is none. @throws NotAllowed */
export async function findDraft(
  parts: SetUpParts,
  actor: Actor,
  input: { readonly kind: string },
): Promise<Draft | null> {
  authorize(actor, 'connectors.read');
  return store.readDraftOfKind(parts.database.prisma, actor.organizationId, input.kind);
}

/** Drafts and live connectors of each kind, for the catalogue. @throws NotAllowed */
export async function countConnectors(
  parts: SetUpParts,
  actor: Actor,
): Promise<ReadonlyMap<string, { readonly drafts: number; readonly live: number }>> {
  authorize(actor, 'connectors.read');
  return store.countByKind(parts.database.prisma, actor.organizationId);
}

/** How a person is named in a row that others read: the audit log has the object id. */
export function nameOf(actor: Actor): string {
  return actor.name === actor.address ? actor.address : `${actor.name} (${actor.address})`;
}
