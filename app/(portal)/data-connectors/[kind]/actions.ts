'use server';

/** What the wizard's buttons do. Each checks its input and who asks, and calls one use-case. */
import { revalidatePath } from 'next/cache';
import { redirect } from 'next/navigation';
import { z } from 'zod';
import { requireActor } from '#app/authentication.ts';
import { setUpParts } from '#lib/connectors/composition.ts';
import {
  type AcceptTermsResult,
  acceptTerms,
  type ChooseMailboxesResult,
  checkCoverage,
  chooseMailboxes,
  type DiscardResult,
  type DraftCoverage,
  discardDraft,
  type FinishResult,
  finish,
  type LoginResult,
  loginToSource,
  type ProveConsentResult,
  proveConsent,
  type RequestConsentResult,
  removeMappingFile,
  requestConsent,
  type SaveMappingResult,
  type SignInToSourceResult,
  saveMapping,
  signInToSource,
  startDraft,
} from '#lib/connectors/set-up/use-cases.ts';
import { limits } from '#lib/limits/composition.ts';
import type { TooManyRequests } from '#lib/limits/limits.ts';
import type { ConsentMode } from '#lib/microsoft/prove-consent.ts';

// What a browser sends may be anything, whatever the types say.
const id = z.guid();
const slug = z.string().max(40);
const credentials = z.object({
  draftId: id,
  username: z.string().trim().min(1).max(320),
  password: z.string().min(1).max(1000),
});

export async function startDraftAction(kind: string): Promise<void> {
  const actor = await requireActor('connectors.manage');
  const result = await startDraft(setUpParts(), actor, { kind: slug.parse(kind) });
  if (result.kind === 'draft') redirect(`/data-connectors/${result.draft.kind}/new/terms`);
}

export async function discardDraftAction(draftId: string): Promise<DiscardResult> {
  const actor = await requireActor('connectors.manage');
  const result = await discardDraft(setUpParts(), actor, { draftId: id.parse(draftId) });
  revalidatePath('/data-connectors', 'layout');
  return result;
}

export async function acceptTermsAction(draftId: string, version: string): Promise<AcceptTermsResult> {
  const actor = await requireActor('connectors.manage');
  return acceptTerms(setUpParts(), actor, { draftId: id.parse(draftId), version: z.string().max(20).parse(version) });
}

export async function signInAction(draftId: string, username: string, password: string): Promise<SignInToSourceResult> {
  const actor = await requireActor('connectors.manage');
  return signInToSource(setUpParts(), actor, credentials.parse({ draftId, username, password }));
}

export async function loginAction(draftId: string, username: string, password: string): Promise<LoginResult> {
  const actor = await requireActor('connectors.manage');
  return loginToSource(setUpParts(), actor, credentials.parse({ draftId, username, password }));
}

export async function checkCoverageAction(
  draftId: string,
  automatic: boolean,
): Promise<DraftCoverage | { readonly kind: 'no_draft' }> {
  const actor = await requireActor('connectors.manage');
  const mapping = { automatic: z.boolean().parse(automatic) };
  return checkCoverage(setUpParts(), actor, { draftId: id.parse(draftId), mapping });
}

export async function saveMappingAction(
  draftId: string,
  automatic: boolean,
  defaultRegion: string,
): Promise<SaveMappingResult> {
  const actor = await requireActor('mapping.manage');
  const input = z
    .object({ draftId: id, automatic: z.boolean(), defaultRegion: z.string().max(2) })
    .parse({ draftId, automatic, defaultRegion });
  return saveMapping(setUpParts(), actor, input);
}

export async function removeMappingFileAction(draftId: string): Promise<void> {
  const actor = await requireActor('mapping.manage');
  await removeMappingFile(setUpParts(), actor, { draftId: id.parse(draftId) });
}

export async function requestConsentAction(draftId: string): Promise<RequestConsentResult | TooManyRequests> {
  const actor = await requireActor('connectors.manage');
  const taken = await limits().take('consent-request', actor.organizationId, actor.userId);
  if (!taken.allowed) return { kind: 'too_many', retryAfterSeconds: taken.retryAfterSeconds };
  return requestConsent(setUpParts(), actor, { draftId: id.parse(draftId) });
}

export async function chooseMailboxesAction(
  draftId: string,
  mode: ConsentMode,
  inside: string,
  outside: string,
): Promise<ChooseMailboxesResult> {
  const actor = await requireActor('connectors.manage');
  const address = z.string().max(400);
  const input = z
    .object({ draftId: id, mode: z.enum(['all', 'chosen']), inside: address, outside: address })
    .parse({ draftId, mode, inside, outside });
  return chooseMailboxes(setUpParts(), actor, input);
}

export async function proveConsentAction(
  draftId: string,
  write: boolean,
): Promise<ProveConsentResult | TooManyRequests> {
  const actor = await requireActor('connectors.manage');
  const input = z.object({ draftId: id, write: z.boolean() }).parse({ draftId, write });
  if (input.write) {
    const taken = await limits().take('mailbox-trial', actor.organizationId, actor.userId);
    if (!taken.allowed) return { kind: 'too_many', retryAfterSeconds: taken.retryAfterSeconds };
  }
  return proveConsent(setUpParts(), actor, input);
}

export async function finishAction(
  draftId: string,
  firstImportFrom: string,
  firstUser: string | null,
): Promise<FinishResult> {
  const actor = await requireActor('connectors.manage');
  const address = z.string().max(320).nullable();
  const from = z.iso.datetime().transform((text) => new Date(text));
  const input = {
    draftId: id.parse(draftId),
    firstImportFrom: from.parse(firstImportFrom),
    firstUser: address.parse(firstUser),
  };
  return finish(setUpParts(), actor, input);
}
