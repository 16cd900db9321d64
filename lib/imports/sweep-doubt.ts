/**
 * A day after a copy was in doubt its mailbox is looked at once more, the last guard of *exactly once*: a request that
 * took effect later than anybody allows for has done so by now. A surplus copy that is provably ours is removed, never
 * the one that the ledger knows; a copy that is gone is reported, and never sent again.
 */
import { type ItemScope, internetMessageId, itemPropertyId, itemPropertyValue } from '../mail/identity.ts';
import { type FoundCopy, listCopies, removeMessage } from '../mailbox/look-up.ts';
import { AppTokenError } from '../microsoft/app-token.ts';
import { GraphError } from '../microsoft/graph-errors.ts';
import type { ImportDeps } from './deps.ts';
import { handleProblem } from './problems.ts';
import type { RunningConnector } from './store/connectors.ts';
import type { DoubtedDelivery } from './store/doubt.ts';

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
      if (unreadable.has(delivery.userId)) continue;
      const connector = await deps.ledger.liveConnectorOfSource(organizationId, delivery.sourceId);
      if (!connector || connector.paused || connector.stoppedReason !== null) continue;
      try {
        await lookAgain(deps, connector, delivery, signal);
      } catch (error) {
        if (error instanceof AppTokenError) {
          await handleProblem(deps, connector, error, 0);
          return;
        }
        if (!(error instanceof GraphError)) throw error;
        unreadable.add(delivery.userId);
      }
    }
  }
}

async function lookAgain(
  deps: ImportDeps,
  connector: RunningConnector,
  delivery: DoubtedDelivery,
  signal: AbortSignal,
): Promise<void> {
  const { organizationId } = connector;
  const { userId, messageId } = delivery;
  const graph = deps.graph(organizationId);
  const scope: ItemScope = { organizationId, kind: connector.kind, account: connector.accountId };
  const facts = deps.mailFacts(connector.kind);
  const property = { id: itemPropertyId(facts.itemIdProperty), value: itemPropertyValue(scope, delivery.sourceItemId) };
  const copies = await listCopies(graph, userId, property, { signal });
  if (copies.length === 0) {
    await deps.ledger.raiseAlert({
      organizationId,
      connectorId: connector.id,
      importId: delivery.importId,
      code: 'missing_in_mailbox',
      detail: { deliveryId: delivery.id },
    });
    await deps.ledger.endDoubt(delivery, 'missing_in_mailbox');
    return;
  }
  const folders = await deps.ledger.rememberedFolders(organizationId, facts.folderName, [userId]);
  const ours = {
    messageId,
    internetMessageId: internetMessageId(scope, delivery.sourceItemId, deps.settings.unmappedDomain),
    folderId: folders.get(userId) ?? null,
  };
  for (const surplus of provablySurplus(copies, ours)) {
    // Noted before it goes, so that no removal is ever without its entry.
    await deps.ledger.noteSurplusRemoval(organizationId, delivery, surplus.id);
    await removeMessage(graph, userId, surplus.id, { signal });
    deps.log.warn({ deliveryId: delivery.id }, 'a surplus copy was removed');
  }
  await deps.ledger.endDoubt(delivery, null);
}

/**
 * Copies that nobody but this product can have made: beside the message that the ledger knows, with the item's message id,
 * and still in the archive's folder (what a person copied lies elsewhere). Pure.
 */
export function provablySurplus(
  copies: readonly FoundCopy[],
  ours: { readonly messageId: string; readonly internetMessageId: string; readonly folderId: string | null },
): readonly FoundCopy[] {
  if (!copies.some(({ id }) => id === ours.messageId)) return [];
  return copies.filter(
    (copy) =>
      copy.id !== ours.messageId &&
      copy.internetMessageId === ours.internetMessageId &&
      copy.parentFolderId === ours.folderId,
  );
}
