/**
 * Step 4: admin consent. Asked for by a link that carries no session, answered by anybody's browser, believed only when
 * a fresh token has the roles.
 */

import { audit, SYSTEM } from '../../audit/entries.ts';
import { AppTokenError } from '../../microsoft/app-token.ts';
import {
  adminConsentUrl,
  type ConsentCallback,
  nonceHash,
  parseConsentCallback,
  signConsentState,
  verifyConsentState,
} from '../../microsoft/consent.ts';
import type { ConsentProof } from '../../microsoft/prove-consent.ts';
import { organizationLabel, refreshOrganization } from '../../organizations/profile.ts';
import { type Actor, authorize } from '../../security/actor.ts';
import { type ConsentAnswerProblem, type Draft, NO_DRAFT, type NoDraft } from './draft.ts';
import type { SetUpParts } from './parts.ts';
import { proveAsChosen } from './prove.ts';
import { nameOf } from './start.ts';
import * as store from './store.ts';

/** How long a link may be on its way to somebody who can consent. */
export const CONSENT_LINK_HOURS = 72;

export type RequestConsentResult =
  | { readonly kind: 'asked'; readonly url: string; readonly expiresAt: Date }
  | { readonly kind: 'unreachable' }
  | NoDraft;

/** Makes a link to Entra ID's own consent page, for this draft, to be used once. @throws NotAllowed */
export async function requestConsent(
  parts: SetUpParts,
  actor: Actor,
  input: { readonly draftId: string },
): Promise<RequestConsentResult> {
  authorize(actor, 'connectors.manage');
  const { organizationId } = actor;
  const draft = await store.readDraft(parts.database.prisma, organizationId, input.draftId);
  if (draft === null) return NO_DRAFT;
  const authorizationEndpoint = await endpointOrNull(parts, organizationId);
  if (authorizationEndpoint === null) return { kind: 'unreachable' };
  const now = parts.clock();
  const expiresAt = new Date(now.getTime() + CONSENT_LINK_HOURS * 3_600_000);
  const nonce = parts.newNonce();
  const asked = await parts.database.prisma.$transaction(async (tx) => {
    const still = await store.updateDraft(tx, organizationId, draft.id, {
      consentRequestedAt: now,
      consentProblem: null,
    });
    if (!still) return false;
    await tx.consentRequest.create({
      data: {
        id: parts.newId(),
        organizationId,
        connectorId: draft.id,
        nonceSha256: Buffer.from(nonceHash(nonce)),
        createdBy: nameOf(actor),
        createdAt: now,
        expiresAt,
      },
    });
    await audit(tx, actor, { action: 'connector.consent-requested', connectorId: draft.id });
    return true;
  });
  if (!asked) return NO_DRAFT;
  const { stateKey, clientId, scope, redirectUri } = parts.consent;
  const state = signConsentState({ draftId: draft.id, nonce, expiresAt }, stateKey);
  const url = adminConsentUrl({ authorizationEndpoint, tenantId: organizationId, clientId, scope, redirectUri, state });
  return { kind: 'asked', url, expiresAt };
}

export type ConsentAnswer =
  | { readonly kind: 'given' }
  /** accepted, and Microsoft has not applied it everywhere yet */
  | { readonly kind: 'accepted' }
  | ConsentAnswerProblem
  | { readonly kind: 'used' | 'expired' | 'invalid' };

/**
 * The answer of the consent page, from whoever's browser brings it. Takes the link's single use; says what to tell the
 * person; proves nothing by what the query says.
 */
export async function completeConsent(parts: SetUpParts, query: URLSearchParams): Promise<ConsentAnswer> {
  const callback = parseConsentCallback(query);
  if (callback === null) return { kind: 'invalid' };
  const state = verifyConsentState(callback.state, parts.consent.stateKey, parts.clock());
  if (state === 'expired') return { kind: 'expired' };
  if (typeof state === 'string') return { kind: 'invalid' };
  const taken = await takeRequest(parts, state.draftId, nonceHash(state.nonce), callback.kind);
  if (taken !== null && 'kind' in taken) return taken;
  const draft =
    taken === null ? null : await store.readDraft(parts.database.prisma, taken.organizationId, state.draftId);
  if (draft === null) return { kind: 'invalid' };
  const problem = await problemOf(parts, draft, callback);
  await recordAnswer(parts, draft, problem);
  if (problem !== null) return problem;
  const proof = await proveDraft(parts, draft, { ...SYSTEM, organizationId: draft.organizationId }, false);
  return { kind: proof.proven ? 'given' : 'accepted' };
}

export type ProveConsentResult =
  | {
      readonly kind: 'checked';
      readonly proof: ConsentProof;
      /** of the enterprise application, where Entra ID has given a token */
      readonly objectId: string | null;
    }
  | NoDraft;

/**
 * The checks, now: consent, directory, a mailbox; with chosen mailboxes also one outside. What passes is written down.
 *
 * @param input.write with chosen mailboxes: a message is written, found and removed in the mailbox inside the scope. Without
 * it, what was not proven before is not proven now
 * @throws NotAllowed
 */
export async function proveConsent(
  parts: SetUpParts,
  actor: Actor,
  input: { readonly draftId: string; readonly write?: boolean },
): Promise<ProveConsentResult> {
  authorize(actor, 'connectors.manage');
  const draft = await store.readDraft(parts.database.prisma, actor.organizationId, input.draftId);
  if (draft === null) return NO_DRAFT;
  const proof = await proveDraft(parts, draft, actor, input.write ?? false);
  const hasToken = proof.checks[0]?.result === 'passed';
  const objectId = hasToken ? (await parts.tokens.token(actor.organizationId)).objectId : null;
  return { kind: 'checked', proof, objectId };
}

type Who = Parameters<typeof audit>[1];

async function proveDraft(parts: SetUpParts, draft: Draft, who: Who, write: boolean): Promise<ConsentProof> {
  const { prisma } = parts.database;
  const { organizationId, id, consent } = draft;
  const proof = await proveAsChosen(parts, draft, write);
  if (proof.proven && consent.provenAt === null) {
    await refreshOrganization(prisma, parts.graphOf(organizationId));
    const { mode, inside, outside } = consent;
    await prisma.$transaction(async (tx) => {
      const now = parts.clock();
      // Of the choice that was tried: somebody may have chosen otherwise meanwhile.
      const { count } = await tx.connector.updateMany({
        where: {
          id,
          organizationId,
          status: 'draft',
          consentMode: mode,
          insideMailbox: inside,
          outsideMailbox: outside,
        },
        data: { consentProvenAt: now, consentProblem: null },
      });
      const detail = mode === 'chosen' ? { mailboxes: mode, inside, outside } : { mailboxes: mode };
      if (count === 1) await audit(tx, who, { action: 'connector.consent-proven', connectorId: id, detail });
    });
  }
  // What was proven once and is refused now must not let a connector go live.
  if (!proof.proven && consent.provenAt !== null && isRefused(proof)) {
    await store.updateDraft(prisma, organizationId, id, { consentProvenAt: null });
  }
  return proof;
}

/** By the consent, or by a mailbox outside the scope that opens. */
function isRefused({ checks }: ConsentProof): boolean {
  return checks.some(
    ({ check, result }) => (check === 'consent' && result !== 'passed') || (check === 'outside' && result === 'failed'),
  );
}

/** The single use of a link: one conditional update, so that of two browsers one comes too late. */
async function takeRequest(
  parts: SetUpParts,
  draftId: string,
  hash: Uint8Array,
  outcome: ConsentCallback['kind'],
): Promise<{ readonly organizationId: string } | { readonly kind: 'used' } | null> {
  const { prisma } = parts.database;
  const nonceSha256 = Buffer.from(hash);
  const now = parts.clock();
  const { count } = await prisma.consentRequest.updateMany({
    where: { nonceSha256, connectorId: draftId, usedAt: null, expiresAt: { gt: now } },
    data: { usedAt: now, outcome },
  });
  const row = await prisma.consentRequest.findUnique({ where: { nonceSha256 }, select: { organizationId: true } });
  if (row === null) return null;
  return count === 1 ? row : { kind: 'used' };
}

async function problemOf(
  parts: SetUpParts,
  draft: Draft,
  callback: ConsentCallback,
): Promise<ConsentAnswerProblem | null> {
  if (callback.kind !== 'accepted') return { kind: callback.kind };
  const given = callback.tenant?.toLowerCase() ?? draft.organizationId;
  if (given === draft.organizationId) return null;
  const { prisma } = parts.database;
  return {
    kind: 'wrong_tenant',
    given: oneWord((await organizationLabel(prisma, given)) ?? given),
    expected: oneWord((await organizationLabel(prisma, draft.organizationId)) ?? draft.organizationId),
  };
}

async function recordAnswer(parts: SetUpParts, draft: Draft, problem: ConsentAnswerProblem | null): Promise<void> {
  const { organizationId, id } = draft;
  await parts.database.prisma.$transaction(async (tx) => {
    const consentProblem = problem === null ? null : store.problemText(problem);
    await store.updateDraft(tx, organizationId, id, { consentProblem });
    await audit(
      tx,
      { ...SYSTEM, organizationId },
      {
        action: 'connector.consent-answered',
        connectorId: id,
        result: problem === null ? 'done' : 'refused',
        detail: { answer: problem?.kind ?? 'accepted' },
      },
    );
  });
}

async function endpointOrNull(parts: SetUpParts, organizationId: string): Promise<string | null> {
  try {
    return await parts.authorizationEndpointOf(organizationId);
  } catch (error) {
    if (!(error instanceof AppTokenError)) throw error;
    parts.log.warn({ failure: error.failure }, 'Entra ID did not describe its endpoints');
    return null;
  }
}

/** The tenant comes from a stranger's query: what goes into a sentence is short and has no spaces. */
function oneWord(text: string): string {
  return text.replace(/[^\w.@-]+/g, '_').slice(0, 100);
}
