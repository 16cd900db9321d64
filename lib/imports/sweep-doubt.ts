/**
 * A day after a copy was in doubt its mailbox is looked at once more, however it ended: the last guard of *exactly once*.
 * A request that took effect later than anybody allows for has done so by now. What is found of a copy that waits or
 * failed makes it an imported one; a surplus copy that is provably ours is removed, never the one that the ledger knows;
 * a copy that is gone is reported, and never sent again.
 */
import { type ItemScope, internetMessageId, itemPropertyId, itemPropertyValue } from '../mail/identity.ts';
import { type FoundCopy, listCopies, removeMessage } from '../mailbox/look-up.ts';
import { AppTokenError } from '../microsoft/app-token.ts';
import type { CallOptions } from '../microsoft/graph.ts';
import { GraphError } from '../microsoft/graph-errors.ts';
import { Pauses } from './delivery/pauses.ts';
import { callForDelivery } from './delivery-calls.ts';
import type { ImportDeps } from './deps.ts';
import { handleProblem } from './problems.ts';
import { mayDeliver, type ReasonCode } from './reasons.ts';
import { shardOf } from './shards.ts';
import type { RunningConnector } from './store/connectors.ts';
import type { DoubtedDelivery, FoundMessage } from './store/doubt.ts';

const SET = 100;

/** Looks at every copy of the organization that is due. A mailbox that cannot be read now is left for the next time. */
export async function sweepDoubt(deps: ImportDeps, organizationId: string, signal: AbortSignal): Promise<void> {
  const unreadable = new Set<string>();
  for (let afterId = '0'; ; ) {
    const due = await deps.ledger.doubtedDeliveries(organizationId, afterId, SET);
    const last = due.at(-1);
    if (!last) return;
    afterId = last.id;
    for (const delivery of due) {
      if (signal.aborted) return;
      if (mailboxesOf(delivery).some((userId) => unreadable.has(userId))) continue;
      const connector = await deps.ledger.liveConnectorOfSource(organizationId, delivery.sourceId);
      if (!connector || connector.paused || !mayDeliver(connector.stoppedReason)) continue;
      try {
        await lookAgain(deps, connector, delivery, unreadable, signal);
      } catch (error) {
        if (!(error instanceof AppTokenError)) throw error;
        await handleProblem(deps, connector, error, 0);
        return;
      }
    }
  }
}

/** Its own mailbox first, then those that it was meant for before. */
function mailboxesOf({ userId, doubtUserIds }: DoubtedDelivery): string[] {
  return [...new Set([...(userId === null ? [] : [userId]), ...doubtUserIds])];
}

async function lookAgain(
  deps: ImportDeps,
  connector: RunningConnector,
  delivery: DoubtedDelivery,
  unreadable: Set<string>,
  signal: AbortSignal,
): Promise<void> {
  const look = new SecondLook(deps, connector, delivery, signal);
  let sure = true;
  for (const userId of mailboxesOf(delivery)) {
    try {
      if (!(await look.into(userId))) sure = false;
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      const isGone = error.failure === 'no_mailbox' || error.failure === 'no_such_user';
      if (isGone && delivery.givenUp) continue;
      if (!isGone) unreadable.add(userId);
      await look.rest(userId, error);
      sure = false;
    }
  }
  if (!sure) return;
  await deps.ledger.endDoubt(delivery, look.reason);
  // Once more: whoever closed the alert in between did not see this copy.
  if (look.reason === 'missing_in_mailbox') await look.alert('missing_in_mailbox');
}

class SecondLook {
  /** what the copy says from now on; null leaves it */
  reason: ReasonCode | null = null;
  readonly #deps: ImportDeps;
  readonly #connector: RunningConnector;
  readonly #delivery: DoubtedDelivery;
  readonly #signal: AbortSignal;
  readonly #messageId: string;
  /** the participant has the message, as the mailbox itself says: another one somewhere else is too many */
  #isThere = false;

  constructor(deps: ImportDeps, connector: RunningConnector, delivery: DoubtedDelivery, signal: AbortSignal) {
    this.#deps = deps;
    this.#connector = connector;
    this.#delivery = delivery;
    this.#signal = signal;
    this.#messageId = internetMessageId(this.#scope, delivery.sourceItemId, deps.settings.unmappedDomain);
  }

  get #scope(): ItemScope {
    const { organizationId, kind, accountId } = this.#connector;
    return { organizationId, kind, account: accountId };
  }

  /** @returns whether nothing of the doubt about this mailbox is left */
  async into(userId: string): Promise<boolean> {
    const { ledger } = this.#deps;
    const delivery = this.#delivery;
    const copies = await this.#list(userId);
    const known = await ledger.copyFor(delivery, userId);
    switch (known?.state) {
      case 'imported':
      case 'partially_imported':
        if (copies.length > 0) {
          this.#isThere = true;
          await this.#removeSurplus(userId, copies, known.messageId);
        } else if (known.id === delivery.id) await this.#reportMissing();
        return true;
      case 'pending':
      case 'sending':
      case 'created':
        // Another participant's copy for this mailbox is under way: its own look-up, or the next of these, will tell.
        return false;
      default:
        return copies.length === 0 || this.#adopt(userId, copies, known?.id ?? null);
    }
  }

  /** Leaves a mailbox alone for as long as it asked, whoever would come next. */
  async rest(userId: string, { retryAfterSeconds }: GraphError): Promise<void> {
    if (retryAfterSeconds === null) return;
    const pauses = this.#pausesOf(userId);
    pauses.add(userId, retryAfterSeconds);
    await pauses.write();
  }

  #pausesOf(userId: string): Pauses {
    return Pauses.of(this.#deps, this.#connector.organizationId, userId);
  }

  /** A shard's run may be told of a pause while this waits for its token. */
  #unlessPaused(userId: string): CallOptions {
    const pauses = this.#pausesOf(userId);
    return { signal: this.#signal, beforeSending: () => pauses.throwIfPaused(userId) };
  }

  async #list(userId: string): Promise<FoundCopy[]> {
    const { organizationId, kind } = this.#connector;
    const { itemIdProperty } = this.#deps.mailFacts(kind);
    const value = itemPropertyValue(this.#scope, this.#delivery.sourceItemId);
    await this.#pausesOf(userId).read();
    const graph = this.#deps.graph(organizationId);
    return listCopies(graph, userId, { id: itemPropertyId(itemIdProperty), value }, this.#unlessPaused(userId));
  }

  /** @param failedId the copy that failed for this mailbox; null where no copy is meant for it */
  async #adopt(userId: string, copies: readonly FoundCopy[], failedId: string | null): Promise<boolean> {
    const { ledger, log } = this.#deps;
    const { organizationId } = this.#connector;
    const delivery = this.#delivery;
    const isElsewhere = delivery.state !== 'waiting' && delivery.state !== 'failed';
    if (delivery.state === 'skipped' && delivery.userId === userId && failedId === null) {
      // Its place went to the other phone's while this mailbox refused to be looked into, and this one came all the same.
      await this.alert('message_twice');
      return true;
    }
    if (isElsewhere && failedId === null) {
      // It was given to another mailbox since. If it arrived there, this one has nothing to do with it any more.
      if (this.#isThere) await this.#removeSurplus(userId, copies, null);
      return true;
    }
    const [first] = copies;
    if (!first) return true;
    const found = { deliveryId: failedId ?? delivery.id, userId, messageId: first.id, ...stateOf(delivery) };
    const adopted = await ledger.adoptMessage(organizationId, delivery, found);
    if (adopted === 'changed') return false;
    if (adopted === 'twin') {
      await this.alert('message_twice');
      return true;
    }
    this.#isThere = true;
    log.warn({ deliveryId: found.deliveryId }, 'a copy that was given up is in its mailbox');
    await this.#removeSurplus(userId, copies, first.id);
    if (found.state === 'created') {
      await callForDelivery(this.#deps, organizationId, [shardOf(userId)]);
    }
    this.#deps.notify({ organizationId, connectorId: this.#connector.id, importId: delivery.importId });
    return true;
  }

  async #reportMissing(): Promise<void> {
    this.reason = 'missing_in_mailbox';
    await this.alert('missing_in_mailbox');
  }

  async alert(code: ReasonCode): Promise<void> {
    const { organizationId, id: connectorId } = this.#connector;
    const { importId, id: deliveryId } = this.#delivery;
    await this.#deps.ledger.raiseAlert({ organizationId, connectorId, importId, code, detail: { deliveryId } });
  }

  /** @param kept the copy that stays; null where none of this mailbox does */
  async #removeSurplus(userId: string, copies: readonly FoundCopy[], kept: string | null): Promise<void> {
    const { ledger, log } = this.#deps;
    const { organizationId, kind } = this.#connector;
    const { folderName } = this.#deps.mailFacts(kind);
    const folders = await ledger.rememberedFolders(organizationId, folderName, [userId]);
    const folderId = folders.get(userId) ?? null;
    const ours = { messageId: kept, internetMessageId: this.#messageId, folderId };
    for (const { id: removed } of provablySurplus(copies, ours)) {
      // Noted before it goes, so that no removal is ever without its entry.
      this.#pausesOf(userId).throwIfPaused(userId);
      await ledger.noteSurplusRemoval(organizationId, this.#delivery, { userId, removed, kept });
      await removeMessage(this.#deps.graph(organizationId), userId, removed, this.#unlessPaused(userId));
      log.warn({ deliveryId: this.#delivery.id }, 'a surplus copy was removed');
    }
  }
}

/** What a copy is whose message was found: its attachments, where it has any, are listed and completed as after a create. */
function stateOf({ attachments, reason }: DoubtedDelivery): Pick<FoundMessage, 'state' | 'reason'> {
  if (attachments === 0) return { state: 'imported', reason: null };
  // They cannot be added from what does not open.
  if (reason === 'content_damaged' || reason === 'content_missing') return { state: 'partially_imported', reason };
  return { state: 'created', reason: null };
}

/**
 * Copies that nobody but this product can have made: beside the message that the ledger knows (`messageId`; null where that one
 * was found in another mailbox), with the item's message id, and still in the archive's folder (what a person copied lies
 * elsewhere). Pure.
 */
export function provablySurplus(
  copies: readonly FoundCopy[],
  ours: { readonly messageId: string | null; readonly internetMessageId: string; readonly folderId: string | null },
): readonly FoundCopy[] {
  if (ours.messageId !== null && !copies.some(({ id }) => id === ours.messageId)) return [];
  return copies.filter(
    (copy) =>
      copy.id !== ours.messageId &&
      copy.internetMessageId === ours.internetMessageId &&
      copy.parentFolderId === ours.folderId,
  );
}
