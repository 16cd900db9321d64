/**
 * Another mapping version came into force: copies that are not on their way yet are decided by it, those that were sent
 * or may have been are not. Until that is done nothing of the connector's source is claimed, so a copy goes to the new
 * mailbox or, where its request was under way already, to the old one, and never to both.
 */
import { addressesToLookUp, type Choice, chooseMailbox } from '../mapping/choose-mailbox.ts';
import { type E164, isE164, parsePartyNumber, type Region } from '../mapping/number.ts';
import { owedUser } from '../mapping/owed.ts';
import { sleepBy } from './clock.ts';
import type { ImportDeps } from './deps.ts';
import { lookUpAddresses } from './directory.ts';
import { FALLBACK, type FallbackChoice, fallbackChoice } from './fallback.ts';
import { shardOf } from './shards.ts';
import type { RunningConnector } from './store/connectors.ts';
import { type DecidedAgain, isChanged } from './store/decide.ts';
import type { WaitingCopy, WaitingPlace } from './store/waiting.ts';

/** Copies that are looked at in one transaction. */
export const SET = 500;
/** A copy that is on its way comes back, or does not, while its shard is held. */
const LOOK_AGAIN_MS = 2_000;

/**
 * Decides a connector's unsent copies by the version in force, where they were decided by another, and notes that version:
 * from then on they are sent. Who waits for a mailbox is not looked at here.
 *
 * @returns shards in which there is something to deliver now
 */
export async function decideAgain(
  deps: ImportDeps,
  connector: RunningConnector,
  signal: AbortSignal,
): Promise<ReadonlySet<number>> {
  const { ledger } = deps;
  const shards = new Set<number>();
  const { versionId, decided } = await ledger.undecidedVersion(connector);
  if (decided) return shards;
  const wasOnItsWay = await ledger.isOnItsWay(connector);
  for (const undecided of await ledger.undecidedImports(connector)) {
    let after: WaitingPlace = { archivedAt: new Date(0), id: '0' };
    while (!signal.aborted) {
      const rows = await ledger.undecidedCopies(undecided, after, SET);
      const last = rows.findLast(({ skipped }) => !skipped);
      if (!last) break;
      after = { archivedAt: last.archived_at, id: last.id };
      const { decided: again } = await chooseAgain(deps, connector, rows, signal);
      const moving = withDependents(again);
      const moved = new Set(moving);
      const staying = again.filter((one) => !moved.has(one));
      if (staying.length > 0) await ledger.noteChoices({ connector, versionId }, staying);
      if (moving.length === 0) continue;
      await ledger.moveCopies({ connector, versionId }, moving);
      for (const { choice } of moving) if (choice.kind === 'mailbox') shards.add(shardOf(choice.userId));
    }
  }
  // What comes back unsent was meant for a mailbox of the mapping before: it is looked at once more.
  if (wasOnItsWay || (await ledger.isOnItsWay(connector))) {
    const { organizationId, id: connectorId } = connector;
    await deps.enqueue('release', { organizationId, connectorId }, { delayMs: LOOK_AGAIN_MS });
  } else if (!signal.aborted) await ledger.noteDecided(connector, versionId);
  return shards;
}

/** What the mapping and the directory say of copies now, and by which version. @throws GraphError, AppTokenError */
export async function chooseAgain<R extends WaitingCopy>(
  deps: ImportDeps,
  connector: RunningConnector,
  rows: readonly R[],
  signal: AbortSignal,
): Promise<{
  readonly decided: { readonly row: R; readonly choice: Choice | FallbackChoice }[];
  readonly versionId: string | null;
}> {
  const { organizationId } = connector;
  const context = await deps.ledger.owedContext(connector, (region) => numbersOf(rows, region));
  const { versionId, defaultRegion } = context;
  const regionOf = (row: R): Region => (row.region_assumed ? defaultRegion : row.region);
  const owed = rows.map((row) =>
    owedUser({ mobile: row.written, email: row.email, name: null }, row.at, context, regionOf(row)),
  );
  const readings = rows
    .filter((row) => regionOf(row) !== row.region)
    .map((row) => ({ row, region: defaultRegion, number: parsePartyNumber(row.written, defaultRegion) }));
  if (readings.length > 0) await deps.ledger.noteReadings({ connector, versionId }, readings);
  const directory = await lookUpAddresses(
    deps.ledger,
    deps.graph(organizationId),
    organizationId,
    addressesToLookUp(owed),
    { signal, mayWriteMail: deps.mayWriteMail, sleep: sleepBy(deps.clock) },
  );
  const fallback = fallbackChoice(connector);
  const decided = rows.flatMap((row, index): { readonly row: R; readonly choice: Choice | FallbackChoice }[] => {
    const participant = owed[index];
    if (!participant) return [];
    if (row.participant === FALLBACK && fallback) return [{ row, choice: fallback }];
    return [{ row, choice: chooseMailbox(participant, (address) => directory.get(address.toLowerCase())) }];
  });
  return { decided, versionId };
}

/** Every reading of every number: in the region of the item's owner, and in the connector's. */
function numbersOf(rows: readonly WaitingCopy[], region: Region): E164[] {
  const numbers = rows.flatMap(({ number, written }) => [number, parsePartyNumber(written, region)]);
  return [...new Set(numbers.filter((number) => number !== null && isE164(number)))];
}

/** The copies that go elsewhere, and those that were skipped in favour of one of them: they are owed one again. */
function withDependents(decided: readonly DecidedAgain[]): DecidedAgain[] {
  const changed = decided.filter(isChanged);
  const left = new Set(changed.filter(({ row }) => !row.skipped).map(({ row }) => placeOf(row.item_id, row.user_id)));
  const keysLeft = new Set(
    changed.flatMap(({ row }) =>
      row.skipped || row.message_key === null ? [] : [placeOf(row.message_key, row.user_id)],
    ),
  );
  const depends = ({ row }: DecidedAgain): boolean =>
    row.skipped &&
    (left.has(placeOf(row.item_id, row.user_id)) ||
      (row.message_key !== null && keysLeft.has(placeOf(row.message_key, row.user_id))));
  return decided.filter((one) => isChanged(one) || depends(one));
}

const placeOf = (what: string, userId: string): string => `${userId} ${what}`;
