/**
 * Release: who waits for a mapping is looked at again, after a new mapping version, and from time to time because the
 * directory changes too. Exactly the missing copies are sent; nobody gets a second one.
 */
import { AppTokenError } from '../microsoft/app-token.ts';
import { GraphError } from '../microsoft/graph-errors.ts';
import { chooseAgain, decideAgain, SET } from './decide-again.ts';
import { callForDelivery } from './delivery-calls.ts';
import type { ImportDeps } from './deps.ts';
import { handleProblem } from './problems.ts';
import { mayDeliver } from './reasons.ts';
import { shardOf } from './shards.ts';
import type { RunningConnector } from './store/connectors.ts';
import type { Chosen, Decided, StillWaiting, WaitingPlace } from './store/waiting.ts';

/**
 * Where the directory cannot be asked it is asked again within a minute or an hour; where it may not be asked the
 * connector stops.
 *
 * @returns how many copies that waited have a mailbox now
 */
export async function releaseWaiting(
  deps: ImportDeps,
  organizationId: string,
  connectorId: string,
  signal: AbortSignal,
): Promise<number> {
  const connector = await deps.ledger.liveConnector(organizationId, connectorId);
  if (!connector || !mayDeliver(connector.stoppedReason)) return 0;
  try {
    return await release(deps, connector, signal);
  } catch (error) {
    if (signal.aborted || !(error instanceof GraphError || error instanceof AppTokenError)) throw error;
    await handleProblem(deps, connector, error, 0);
    deps.notify({ organizationId, connectorId, importId: null });
    return 0;
  }
}

async function release(deps: ImportDeps, connector: RunningConnector, signal: AbortSignal): Promise<number> {
  const { organizationId, id: connectorId } = connector;
  // What is to be sent was decided by the mapping in force by then, and does not wait for all who wait to be looked at.
  await callForDelivery(deps, organizationId, await decideAgain(deps, connector, signal));
  const shards = new Set<number>();
  let released = 0;
  let after: WaitingPlace = { archivedAt: new Date(0), id: '0' };
  while (!signal.aborted) {
    const rows = await deps.ledger.waitingCopies(organizationId, connector.sourceId, after, SET);
    const last = rows.at(-1);
    if (!last) break;
    after = { archivedAt: last.archived_at, id: last.id };
    const { decided, versionId } = await chooseAgain(deps, connector, rows, signal);
    const waiting = decided.filter(isWaiting);
    await deps.ledger.updateReasons(waiting);
    const chosen = decided.filter(hasMailbox);
    if (chosen.length > 0) released += await deps.ledger.giveMailboxes({ connector, versionId }, chosen);
    for (const { choice } of chosen) shards.add(shardOf(choice.userId));
    if (connector.fallback === null) continue;
    const nobodys = waiting.map(({ row }) => row);
    if ((await deps.ledger.addFallbackCopies(connector, nobodys)) > 0) shards.add(shardOf(connector.fallback.userId));
  }
  await callForDelivery(deps, organizationId, shards);
  deps.notify({ organizationId, connectorId, importId: null });
  return released;
}

const hasMailbox = (decided: Decided): decided is Chosen => decided.choice.kind === 'mailbox';
const isWaiting = (decided: Decided): decided is StillWaiting => decided.choice.kind === 'waiting';
