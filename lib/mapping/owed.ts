/**
 * Who is owed a copy of an item, and by which addresses their mailbox is looked for. Pure: the mapping, the registered
 * users and the organization's domains are given.
 *
 * The rules are those of *Who gets a copy* in the design. What the directory says of an address is asked between
 * `owedParticipants` and `chooseMailbox`, because it takes a network.
 */
import type { Item, Party } from '../archive/item.ts';
import { messageTime } from '../archive/times.ts';
import { withoutInvisible } from './invisible.ts';
import { domainOf, type MailboxAddress, parseAddress } from './mailbox-address.ts';
import { type E164, parsePartyNumber, type Region, regionOf } from './number.ts';

/** The mapping row that decides for a number at a time. */
export interface MappingMatch {
  readonly mailbox: MailboxAddress;
  readonly versionId: string;
  readonly row: number;
}

export interface OwedContext {
  /** the row in force for a number at a message's time, null where there is none */
  readonly mapping: (number: E164, at: Date) => MappingMatch | null;
  /** whether a number is a registered user's phone at the source */
  readonly isRegistered: (number: E164) => boolean;
  readonly automaticMapping: boolean;
  /** lower case */
  readonly verifiedDomains: ReadonlySet<string>;
  /** the connector's */
  readonly defaultRegion: Region;
}

export type Role = 'owner' | 'sender' | 'recipient';

/** An address to look for a mailbox by, and the rule that gave it. */
export type Candidate =
  | { readonly rule: 'mapping'; readonly address: MailboxAddress; readonly versionId: string; readonly row: number }
  | { readonly rule: 'automatic'; readonly address: MailboxAddress };

export type NoCandidate =
  | 'not_mapped'
  /** the owner's and the connector's region give different numbers, and the other one has another mapped mailbox */
  | 'ambiguous_number'
  | 'foreign_address';

export interface OwedParticipant {
  /** E.164 where it is a number, else what the phone knew, in lower case: one participant is one of these */
  readonly participant: string;
  readonly roles: readonly Role[];
  readonly number: E164 | null;
  /** as the phone wrote it, and the region it was read in: what is needed to judge the same number again */
  readonly written: string;
  readonly region: Region;
  /** the owner's number does not say its region: it is the connector's, and another one where that is changed */
  readonly regionAssumed: boolean;
  readonly email: string | null;
  readonly name: string | null;
  /** in the order in which they are tried; empty where `problem` says why */
  readonly candidates: readonly Candidate[];
  readonly problem: NoCandidate | null;
}

interface Participant {
  readonly key: string;
  readonly number: E164 | null;
  readonly written: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly roles: Set<Role>;
}

/**
 * The participants of an item who are owed a copy: the owner, whose phone is archived, and everybody else who is a
 * registered user or mapped at the time of the message. Outsiders are owed none.
 */
export function owedParticipants(item: Item, context: OwedContext): readonly OwedParticipant[] {
  const { sentAt: at } = messageTime(item);
  const owner = parsePartyNumber(item.owner.mobile, context.defaultRegion);
  const region = owner === null ? context.defaultRegion : regionOf(owner, context.defaultRegion);
  const regionAssumed = owner === null || !isInternational(item.owner.mobile);
  const participants = distinct(item, region);
  return participants
    .filter((participant) => isOwed(participant, at, context))
    .map((participant) => ({
      participant: participant.key,
      roles: [...participant.roles],
      number: participant.number,
      written: participant.written,
      region,
      regionAssumed,
      email: participant.email,
      name: participant.name,
      ...candidatesOf(participant, at, context),
    }));
}

/**
 * Somebody who is owed a copy, whoever else took part: a registered user before anything was imported, or a participant
 * whose copy waits.
 *
 * @param region in which a national number is read: that of the item's owner, where there is an item
 */
export function owedUser(
  user: Pick<Party, 'mobile' | 'email' | 'name'>,
  at: Date,
  context: OwedContext,
  region: Region = context.defaultRegion,
): OwedParticipant {
  const number = parsePartyNumber(user.mobile, region);
  const participant: Participant = {
    key: number ?? user.mobile.trim().toLowerCase(),
    number,
    written: user.mobile,
    email: user.email ?? null,
    name: user.name ?? null,
    roles: new Set(['owner']),
  };
  const { key, written, email, name } = participant;
  const facts = { participant: key, number, written, region, regionAssumed: false, email, name };
  return { ...facts, roles: ['owner'], ...candidatesOf(participant, at, context) };
}

function distinct(item: Item, region: Region): Participant[] {
  const found = new Map<string, Participant>();
  const add = (party: Party, role: Role): void => {
    const number = parsePartyNumber(party.mobile, region);
    const key = number ?? party.mobile.trim().toLowerCase();
    const known = found.get(key);
    known?.roles.add(role);
    found.set(key, {
      key,
      number,
      written: known?.written ?? party.mobile,
      email: known?.email ?? party.email ?? null,
      name: known?.name ?? party.name ?? null,
      roles: known?.roles ?? new Set([role]),
    });
  };
  add(item.owner, 'owner');
  add(item.sender, 'sender');
  for (const recipient of item.recipients) add(recipient, 'recipient');
  return [...found.values()];
}

function isOwed(participant: Participant, at: Date, context: OwedContext): boolean {
  if (participant.roles.has('owner')) return true;
  if (
    participant.number !== null &&
    (context.isRegistered(participant.number) || context.mapping(participant.number, at) !== null)
  )
    return true;
  // The source gives an e-mail to registered users only; one of our own domains makes sure that it is not a contact's.
  if (participant.number !== null && automaticAddress(participant, context) !== null) return true;
  return otherReading(participant, at, context) !== null;
}

function candidatesOf(
  participant: Participant,
  at: Date,
  context: OwedContext,
): Pick<OwedParticipant, 'candidates' | 'problem'> {
  const mapped = participant.number === null ? null : context.mapping(participant.number, at);
  const other = otherReading(participant, at, context);
  if (other !== null && other.mailbox !== mapped?.mailbox) return { candidates: [], problem: 'ambiguous_number' };
  const candidates: Candidate[] = [];
  if (mapped !== null)
    candidates.push({ rule: 'mapping', address: mapped.mailbox, versionId: mapped.versionId, row: mapped.row });
  const automatic = context.automaticMapping ? automaticAddress(participant, context) : null;
  if (automatic !== null && automatic !== mapped?.mailbox) candidates.push({ rule: 'automatic', address: automatic });
  if (candidates.length > 0) return { candidates, problem: null };
  const foreign = context.automaticMapping && participant.email !== null && participant.email.trim() !== '';
  return { candidates, problem: foreign ? 'foreign_address' : 'not_mapped' };
}

/** The user's e-mail property, where it lies in a domain that the organization has verified. */
function automaticAddress(participant: Participant, context: OwedContext): MailboxAddress | null {
  if (participant.email === null) return null;
  const parsed = parseAddress(withoutInvisible(participant.email));
  return parsed.ok && context.verifiedDomains.has(domainOf(parsed.address)) ? parsed.address : null;
}

/** What a number that was written nationally would be in the connector's region, where that is another, mapped number. */
function otherReading(participant: Participant, at: Date, context: OwedContext): MappingMatch | null {
  if (participant.number === null || isInternational(participant.written)) return null;
  const other = parsePartyNumber(participant.written, context.defaultRegion);
  return other === null || other === participant.number ? null : context.mapping(other, at);
}

/** Written with its country code: no region changes what it means. */
const isInternational = (written: string): boolean => written.trim().startsWith('+');
