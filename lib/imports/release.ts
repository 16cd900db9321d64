/**
 * Release: who waits for a mapping is looked at again, after a new mapping version, and from time to time because the
 * directory changes too. Exactly the missing copies are sent; nobody gets a second one.
 */
import { addressesToLookUp, chooseMailbox } from '../mapping/choose-mailbox.ts';
import { type E164, isE164, parsePartyNumber, type Region } from '../mapping/number.ts';
import { owedUser } from '../mapping/owed.ts';
import { sleepBy } from './clock.ts';
import type { ImportDeps } from './deps.ts';
import { lookUpAddresses } from './directory.ts';
import { shardOf } from './shards.ts';
import type { Chosen, Decided, StillWaiting, WaitingCopy, WaitingPlace } from './store/waiting.ts';

/** Copies that are looked at in one transaction. */
const SET = 500;

/** @returns how many copies have a mailbox now */
export async function releaseWaiting(
  deps: ImportDeps,
  organizationId: string,
  connectorId: string,
  signal: AbortSignal,
): Promise<number> {
  const connector = await deps.ledger.liveConnector(organizationId, connectorId);
  if (!connector) return 0;
  const shards = new Set<number>();
  let released = 0;
  let after: WaitingPlace = { archivedAt: new Date(0), id: '0' };
  while (!signal.aborted) {
    const rows = await deps.ledger.waitingCopies(organizationId, connector.sourceId, after, SET);
    const last = rows.at(-1);
    if (!last) break;
    after = { archivedAt: last.archived_at, id: last.id };
    const context = await deps.ledger.owedContext(connector, numbersOf(rows, connector.defaultRegion as Region));
    const owed = rows.map((row) =>
      owedUser({ mobile: row.written, email: row.email, name: null }, row.at, context, row.region),
    );
    const graph = deps.graph(organizationId);
    const directory = await lookUpAddresses(deps.ledger, graph, organizationId, addressesToLookUp(owed), {
      signal,
      mayWriteMail: deps.mayWriteMail,
      sleep: sleepBy(deps.clock),
    });
    const choices = rows.flatMap((row, index) => {
      const participant = owed[index];
      if (!participant) return [];
      return [{ row, choice: chooseMailbox(participant, (address) => directory.get(address.toLowerCase())) }];
    });
    await deps.ledger.updateReasons(choices.filter(isWaiting));
    const chosen = choices.filter(hasMailbox);
    if (chosen.length === 0) continue;
    released += await deps.ledger.giveMailboxes(connector.sourceId, chosen);
    for (const { choice } of chosen) shards.add(shardOf(choice.userId));
  }
  for (const shard of shards)
    await deps.enqueue('deliver', { organizationId, shard }, { key: `${organizationId}.${shard}` });
  deps.notify({ organizationId, connectorId, importId: null });
  return released;
}

/** Every reading of every number: in the region of the item's owner, and in the connector's. */
function numbersOf(rows: readonly WaitingCopy[], region: Region): E164[] {
  const numbers = rows.flatMap(({ number, written }) => [number, parsePartyNumber(written, region)]);
  return [...new Set(numbers.filter((number) => number !== null && isE164(number)))];
}

const hasMailbox = (decided: Decided): decided is Chosen => decided.choice.kind === 'mailbox';
const isWaiting = (decided: Decided): decided is StillWaiting => decided.choice.kind === 'waiting';
