/** "Finish": the draft becomes a live connector by one conditional update, and its first import is asked for. */

import { audit } from '../../audit/entries.ts';
import { Prisma } from '../../generated/prisma/client.ts';
import { scheduleMinuteOf } from '../../imports/windows.ts';
import { type Actor, authorize } from '../../security/actor.ts';
import { type FallbackRefusal, findMailbox } from '../fallback-mailbox.ts';
import { NO_DRAFT, type NoDraft } from './draft.ts';
import type { AlreadyLive, SourceRefusal } from './login.ts';
import type { SetUpParts } from './parts.ts';
import { firstImportRange } from './review.ts';
import { currentStep, type StepId } from './steps.ts';
import * as store from './store.ts';

export interface FinishInput {
  readonly draftId: string;
  /** items that reached the source since then are imported; null for 24 hours ago by the source's clock */
  readonly firstImportFrom: Date | null;
  /** address of the one user who is imported first, until somebody lets the others follow; left out: everybody */
  readonly firstUser?: string | null;
}

export type FinishResult =
  | { readonly kind: 'finished'; readonly connectorId: string }
  | { readonly kind: 'incomplete'; readonly step: StepId }
  | { readonly kind: 'too_early'; readonly earliest: Date }
  /** later than what the source has settled: a window would begin where nothing can be read yet */
  | { readonly kind: 'in_future' }
  /** of the user who is to be imported first */
  | { readonly kind: 'first_user_refused'; readonly reason: FallbackRefusal | 'directory_unavailable' }
  /** somebody was faster: the connector is live */
  | { readonly kind: 'already_finished'; readonly connectorId: string }
  | AlreadyLive
  | SourceRefusal
  | NoDraft;

/** @throws NotAllowed */
export async function finish(parts: SetUpParts, actor: Actor, input: FinishInput): Promise<FinishResult> {
  authorize(actor, 'connectors.manage');
  const { organizationId } = actor;
  const { draftId } = input;
  const { prisma } = parts.database;
  const draft = await store.readDraft(prisma, organizationId, draftId);
  if (draft === null) return gone(parts, organizationId, draftId);
  const step = currentStep(draft);
  if (step !== 'review') return { kind: 'incomplete', step };
  const range = await firstImportRange(parts, draft);
  if (range.kind === 'no_draft') return gone(parts, organizationId, draftId);
  if (range.kind === 'refused') return range;
  const firstImportFrom = input.firstImportFrom ?? range.proposed;
  if (firstImportFrom < range.earliest) return { kind: 'too_early', earliest: range.earliest };
  if (firstImportFrom > range.latest) return { kind: 'in_future' };
  const first = await firstMailbox(parts, actor, input);
  if (typeof first === 'string') return { kind: 'first_user_refused', reason: first };

  try {
    const live = await prisma.$transaction(async (tx) => {
      const now = parts.clock();
      const { count } = await tx.connector.updateMany({
        where: {
          id: draftId,
          organizationId,
          status: 'draft',
          mappingConfirmedAt: { not: null },
          consentProvenAt: { not: null },
          sourceConnectorId: { not: null },
        },
        data: {
          status: 'live',
          finishedAt: now,
          firstImportFrom,
          firstUserId: first?.userId ?? null,
          firstMailbox: first?.address ?? null,
          scheduleMinute: scheduleMinuteOf(draftId),
        },
      });
      if (count === 0) return false;
      const detail = {
        firstImportFrom: firstImportFrom.toISOString(),
        ...(first === null ? {} : { mailbox: first.address }),
      };
      await audit(tx, actor, { action: 'connector.finished', connectorId: draftId, detail });
      return true;
    });
    if (!live) return gone(parts, organizationId, draftId);
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    return {
      kind: 'already_live',
      connectorName: await nameOfLive(parts, organizationId, draft.kind, draft.login?.accountId),
    };
  }
  await askForFirstImport(parts, organizationId, draftId);
  return { kind: 'finished', connectorId: draftId };
}

function firstMailbox(parts: SetUpParts, actor: Actor, { draftId, firstUser }: FinishInput) {
  if (firstUser === undefined || firstUser === null) return null;
  const { graphOf: graph, log } = parts;
  return findMailbox({ graph, log }, actor, { connectorId: draftId, address: firstUser });
}

/** The connector is live whatever becomes of this: the reconciler finds a connector without an import by itself. */
async function askForFirstImport(parts: SetUpParts, organizationId: string, connectorId: string): Promise<void> {
  try {
    await parts.enqueue('plan', { organizationId, connectorId, trigger: 'first' }, { key: connectorId });
  } catch (error) {
    parts.log.warn({ connectorId, error: String(error) }, 'the first import waits for the reconciler');
  }
}

async function gone(parts: SetUpParts, organizationId: string, draftId: string): Promise<FinishResult> {
  const row = await parts.database.prisma.connector.findFirst({ where: { id: draftId, organizationId } });
  return row?.status === 'live' ? { kind: 'already_finished', connectorId: draftId } : NO_DRAFT;
}

async function nameOfLive(
  parts: SetUpParts,
  organizationId: string,
  kind: string,
  accountId: string | undefined,
): Promise<string> {
  return (await store.liveConnectorOf(parts.database.prisma, organizationId, kind, accountId ?? '')) ?? kind;
}

function isUniqueViolation(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002';
}
