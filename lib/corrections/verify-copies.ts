/**
 * Copying, its second half: what the engine has delivered is looked at in the right mailbox. It must be there by its
 * property, once, and what is read back of it, attachments included, must have the hash with which it was made. Until
 * then nothing of it can be removed anywhere.
 */

import { Pauses } from '../imports/delivery/pauses.ts';
import { scopeOf } from '../imports/prepare.ts';
import type { RunningConnector } from '../imports/store/connectors.ts';
import { provablySurplus } from '../imports/sweep-doubt.ts';
import { internetMessageId, itemPropertyId, itemPropertyValue } from '../mail/identity.ts';
import { NoContentError } from '../mailbox/attachment-content.ts';
import { type FoundCopy, type ItemProperty, listCopies } from '../mailbox/look-up.ts';
import { type ReadBack, readBack } from '../mailbox/read-back.ts';
import { AppTokenError } from '../microsoft/app-token.ts';
import { GraphError } from '../microsoft/graph-errors.ts';
import type { CopyKey, CopyReason } from './correction.ts';
import type { CorrectionDeps } from './deps.ts';
import type { RequestTimes, Slice } from './slice.ts';
import { type Finding, writeFindings } from './store/copies.ts';
import type { HeldCorrection } from './store/corrections.ts';
import { arrivedCopies, type MovedCopy, type ServingMessage } from './store/verification.ts';

const SET = 20;

/** Looks at what has arrived. @throws GraphError, AppTokenError, CorrectionLostError */
export async function verifyCopies(
  deps: CorrectionDeps,
  connector: RunningConnector,
  held: HeldCorrection,
  slice: Slice,
): Promise<void> {
  let after: CopyKey | null = null;
  while (!slice.over) {
    const copies: readonly MovedCopy[] = await arrivedCopies(deps.pool, held, after, SET);
    const last = copies.at(-1);
    if (!last) return;
    after = last;
    const findings: Finding[] = [];
    for (const copy of copies) {
      if (slice.over) break;
      const { archivedAt, deliveryId } = copy;
      findings.push({ archivedAt, deliveryId, ...verdictOf(copy, await whyNot(deps, connector, copy, slice)) });
    }
    await writeFindings(deps.pool, held, ['moved'], findings);
    deps.notify({ organizationId: held.organizationId, connectorId: held.connectorId, importId: null });
  }
}

function verdictOf(
  { removable, fromMessageId }: MovedCopy,
  found: CopyReason | null,
): Pick<Finding, 'state' | 'reason'> {
  if (found !== null && found !== 'from_before') return { state: 'moved', reason: found };
  if (removable) return { state: 'verified', reason: found };
  return { state: 'left', reason: fromMessageId === null ? 'nothing_of_its_own' : 'of_another' };
}

/** Why a copy is not verified; null, or `from_before`, where it is. */
async function whyNot(
  deps: CorrectionDeps,
  connector: RunningConnector,
  copy: MovedCopy,
  slice: Slice,
): Promise<CopyReason | null> {
  const { toUserId, userId, state, reason, served } = copy;
  if (state === 'waiting') return `waiting:${reason ?? ''}`;
  if (userId !== toUserId) return 'went_elsewhere';
  if (served === null) return 'not_found';
  if (served.state === 'failed') return `failed:${served.reason ?? ''}`;
  if (served.state === 'waiting') return `waiting:${served.reason ?? ''}`;
  if (served.messageId === null || served.state === 'created') return 'on_its_way';
  return atMailbox(deps, connector, toUserId, slice, async (times) => {
    const there = await presence(deps, connector, toUserId, served, times);
    if (there !== null) return there;
    const back = await whatIsThere(deps, connector, toUserId, served.messageId ?? '', times);
    if (back === null) return 'not_found';
    if (back === 'no_content' || back.contentHash !== back.writtenHash) return 'content_differs';
    if (copy.contentHashes.includes(back.contentHash)) return null;
    // It was made otherwise, of other names or from another phone. What lacks something then may be less than is here.
    if (served.state !== 'imported') return 'content_differs';
    return served.own ? 'from_before' : null;
  });
}

async function whatIsThere(
  deps: CorrectionDeps,
  { organizationId }: RunningConnector,
  userId: string,
  messageId: string,
  times: RequestTimes,
): Promise<ReadBack | 'no_content' | null> {
  try {
    return await readBack(deps.graph(organizationId), deps.download(organizationId), userId, messageId, times);
  } catch (error) {
    // An attachment of another kind than any that was written: a link, or a message.
    if (error instanceof NoContentError) return 'no_content';
    throw error;
  }
}

/** Whether the message that serves a copy is in the mailbox, once; what a person copied elsewhere does not count. */
export async function presence(
  deps: CorrectionDeps,
  connector: RunningConnector,
  userId: string,
  { messageId, sourceItemId }: ServingMessage,
  times: RequestTimes,
): Promise<'not_found' | 'found_twice' | null> {
  const { copies, ours } = await copiesOf(deps, connector, userId, sourceItemId, times);
  if (!copies.some(({ id }) => id === messageId)) return 'not_found';
  return provablySurplus(copies, { ...ours, messageId }).length > 0 ? 'found_twice' : null;
}

interface CopiesOfItem {
  readonly copies: readonly FoundCopy[];
  /** by what a copy is known to be this product's */
  readonly ours: { readonly internetMessageId: string; readonly folderId: string | null };
}

/** All copies of an item in a mailbox, by its own property. */
export async function copiesOf(
  deps: CorrectionDeps,
  connector: RunningConnector,
  userId: string,
  sourceItemId: string,
  times: RequestTimes,
): Promise<CopiesOfItem> {
  const { organizationId, kind } = connector;
  const scope = scopeOf(connector);
  const { itemIdProperty, folderName } = deps.mailFacts(kind);
  const property: ItemProperty = {
    id: itemPropertyId(itemIdProperty),
    value: itemPropertyValue(scope, sourceItemId),
  };
  const copies = await listCopies(deps.graph(organizationId), userId, property, times.reading());
  const folders = await deps.ledger.rememberedFolders(organizationId, folderName, [userId]);
  return {
    copies,
    ours: {
      internetMessageId: internetMessageId(scope, sourceItemId, deps.settings.unmappedDomain),
      folderId: folders.get(userId) ?? null,
    },
  };
}

/**
 * Runs what asks one mailbox; what that mailbox refuses is its copy's matter, and no other's. Where Graph has asked that the
 * mailbox be left alone, nothing is asked, also where it asked for that while a request waited for its token.
 *
 * @throws GraphError, AppTokenError
 */
export async function atMailbox<T>(
  deps: CorrectionDeps,
  { organizationId }: RunningConnector,
  userId: string,
  slice: Slice,
  ask: (times: RequestTimes) => Promise<T>,
): Promise<T | 'mailbox_gone' | 'access_denied'> {
  const pauses = Pauses.of(deps, organizationId, userId);
  try {
    await pauses.read();
    pauses.throwIfPaused(userId);
    return await ask(slice.asking(() => pauses.throwIfPaused(userId)));
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    switch (error.failure) {
      case 'no_mailbox':
      case 'no_such_user':
        return 'mailbox_gone';
      case 'forbidden':
      case 'blocked_by_policy':
        if (await deps.mayWriteMail(organizationId)) {
          deps.log.warn({ userId, code: error.code }, 'a mailbox refuses this application');
          return 'access_denied';
        }
        throw new AppTokenError('app_not_in_tenant', 'the organization no longer lets this application write mail');
      default:
        // For whoever would ask it next, in this process or another.
        if (error.retryAfterSeconds !== null) pauses.add(userId, error.retryAfterSeconds);
        await pauses.write();
        throw error;
    }
  }
}
