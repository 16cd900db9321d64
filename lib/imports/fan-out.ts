/** From the items of a page to the copies that are owed: who, in which mailbox, by which rule, or why nobody yet. */
import type { Item, Party } from '../archive/item.ts';
import { addressesToLookUp, type Choice, chooseMailbox } from '../mapping/choose-mailbox.ts';
import { type E164, parsePartyNumber, type Region, regionOf } from '../mapping/number.ts';
import { type OwedParticipant, owedParticipants } from '../mapping/owed.ts';
import { sleepBy } from './clock.ts';
import type { ImportDeps } from './deps.ts';
import { lookUpAddresses } from './directory.ts';
import { FALLBACK, fallbackChoice } from './fallback.ts';
import { shardOf, UNASSIGNED } from './shards.ts';
import type { RunningConnector } from './store/connectors.ts';
import type { NewDelivery } from './store/new-items.ts';

/** A copy before its content has a place in staging. */
export type OwedCopy = Omit<NewDelivery, 'place'>;

/** The mailbox of a party, as the message names it. */
export interface PartyMailbox {
  readonly address: string;
  readonly name: string;
}

export interface FannedOutItem {
  readonly item: Item;
  readonly copies: readonly OwedCopy[];
  /** by the party's `mobile` as the phone knew it */
  readonly mailboxes: Readonly<Record<string, PartyMailbox>>;
}

export interface FannedOut {
  readonly items: readonly FannedOutItem[];
  /** the mapping version that decided; null where none was in force */
  readonly versionId: string | null;
}

/** @throws GraphError, AppTokenError: the directory could not be asked */
export async function fanOut(
  deps: ImportDeps,
  connector: RunningConnector,
  items: readonly Item[],
  signal: AbortSignal,
): Promise<FannedOut> {
  const context = await deps.ledger.owedContext(connector, (region) => numbersOf(items, region));
  const owed = items.map((item) => owedParticipants(item, context));
  const directory = await lookUpAddresses(
    deps.ledger,
    deps.graph(connector.organizationId),
    connector.organizationId,
    addressesToLookUp(owed.flat()),
    { signal, mayWriteMail: deps.mayWriteMail, sleep: sleepBy(deps.clock) },
  );
  const fannedOut = items.map((item, index) => {
    const chosen = (owed[index] ?? []).map((participant) => ({
      participant,
      choice: chooseMailbox(participant, (address) => directory.get(address.toLowerCase())),
    }));
    return {
      item,
      copies: [...copiesOf(chosen), ...fallbackCopies(connector, chosen)],
      mailboxes: mailboxesOf(item, context.defaultRegion, chosen),
    };
  });
  return { items: fannedOut, versionId: context.versionId };
}

interface Chosen {
  readonly participant: OwedParticipant;
  readonly choice: Choice;
}

function copiesOf(chosen: readonly Chosen[]): OwedCopy[] {
  const taken = new Set<string>();
  return chosen.map(({ participant, choice }): OwedCopy => {
    const base = {
      participant: participant.participant,
      number: participant.number,
      written: participant.written,
      region: participant.region,
      regionAssumed: participant.regionAssumed,
      email: participant.email,
    };
    const { candidate } = choice;
    const mapped = candidate?.rule === 'mapping' ? candidate : null;
    const rule = { mappingVersionId: mapped?.versionId ?? null, mappingRow: mapped?.row ?? null };
    if (choice.kind === 'waiting') {
      const nobody = { userId: null, mailboxAddress: null, shard: UNASSIGNED };
      return { ...base, ...rule, ...nobody, rule: 'none', state: 'waiting', reason: choice.reason };
    }
    const mailbox = { userId: choice.userId, mailboxAddress: choice.address, shard: shardOf(choice.userId) };
    const again = taken.has(choice.userId);
    taken.add(choice.userId);
    const state = again
      ? ({ state: 'skipped', reason: 'same_mailbox' } as const)
      : ({ state: 'pending', reason: null } as const);
    return { ...base, ...rule, ...mailbox, rule: choice.candidate.rule, ...state };
  });
}

/** One for the fallback mailbox where nobody who is owed a copy can receive it. */
function fallbackCopies(connector: RunningConnector, chosen: readonly Chosen[]): OwedCopy[] {
  const choice = fallbackChoice(connector);
  if (choice === null || chosen.some((one) => one.choice.kind === 'mailbox')) return [];
  return [
    {
      participant: FALLBACK,
      number: null,
      written: FALLBACK,
      region: chosen[0]?.participant.region ?? connector.defaultRegion,
      regionAssumed: chosen[0]?.participant.regionAssumed ?? true,
      email: null,
      rule: 'fallback',
      mappingVersionId: null,
      mappingRow: null,
      userId: choice.userId,
      mailboxAddress: choice.address,
      shard: shardOf(choice.userId),
      state: 'pending',
      reason: null,
    },
  ];
}

function mailboxesOf(item: Item, region: Region, chosen: readonly Chosen[]): Record<string, PartyMailbox> {
  const byKey = new Map<string, PartyMailbox>();
  for (const { participant, choice } of chosen) {
    if (choice.kind === 'mailbox')
      byKey.set(participant.participant, { address: choice.address, name: choice.displayName });
  }
  const mailboxes: Record<string, PartyMailbox> = {};
  const ownerRegion = ownerRegionOf(item, region);
  for (const { mobile } of partiesOf(item)) {
    const key = parsePartyNumber(mobile, ownerRegion) ?? mobile.trim().toLowerCase();
    const mailbox = byKey.get(key);
    if (mailbox) mailboxes[mobile] = mailbox;
  }
  return mailboxes;
}

function partiesOf(item: Item): Party[] {
  return [item.owner, item.sender, ...item.recipients];
}

function ownerRegionOf(item: Item, region: Region): Region {
  const owner = parsePartyNumber(item.owner.mobile, region);
  return owner === null ? region : regionOf(owner, region);
}

/** Every reading of every number that the page names: in the owner's region, and in the connector's. */
function numbersOf(items: readonly Item[], region: Region): E164[] {
  const numbers = new Set<E164>();
  const seen = new Set<string>();
  for (const item of items) {
    const ownerRegion = ownerRegionOf(item, region);
    for (const { mobile } of partiesOf(item)) {
      const key = `${ownerRegion} ${mobile}`;
      if (seen.has(key)) continue;
      seen.add(key);
      for (const reading of [parsePartyNumber(mobile, ownerRegion), parsePartyNumber(mobile, region)]) {
        if (reading !== null) numbers.add(reading);
      }
    }
  }
  return [...numbers];
}
