/**
 * Who wrote and who got it, as mail has it: an address that is always syntactically valid, and a name that says the
 * number too.
 */
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import type { Item, Party } from '#lib/archive/item.ts';
import { cleanLine } from './line.ts';
import { sha256 } from './sha256.ts';

/** A party's Microsoft 365 mailbox, as the mapping and the directory know it. */
export interface KnownMailbox {
  readonly address: string;
  readonly name?: string | null;
}

export interface MailParty {
  readonly name: string;
  readonly address: string;
}

/** How parties are shown in one message. */
export interface Parties {
  /** by `Party.mobile`, exactly as the item has it */
  readonly mailboxes: ReadonlyMap<string, KnownMailbox>;
  /** domain of the addresses of everybody else, `mobile.invalid` by default */
  readonly unmappedDomain: string;
}

const NAME_LIMIT = 200;
const LOCAL_PART_LIMIT = 64;
const E164 = /^\+[1-9]\d{5,14}$/;
const PHONE_LIKE = /^\+?[\d\s().\-/\u00a0]*\d[\d\s().\-/\u00a0]*$/;
const ADDRESS =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9-]*[A-Za-z][A-Za-z0-9-]*$/;

/** Name and address, for From and To. */
export function mailParty(party: Party, { mailboxes, unmappedDomain }: Parties): MailParty {
  const known = mailboxes.get(party.mobile);
  const usable = known !== undefined && isAddress(known.address);
  return {
    name: displayName(party, known),
    address: usable ? known.address : `${localPart(party.mobile)}@${unmappedDomain}`,
  };
}

/** The name, else the number, for subjects and sentences. */
export function shortName(party: Party, { mailboxes }: Parties): string {
  return nameOf(party, mailboxes.get(party.mobile)) || readableNumber(party.mobile);
}

/** `Name (+1 555 010 0100)`, or the number alone. */
export function displayName(party: Party, known: KnownMailbox | undefined): string {
  const name = nameOf(party, known);
  const number = readableNumber(party.mobile);
  return name === '' || name === number ? number : `${name} (${number})`;
}

/** Equal for two spellings of one party within an item. */
export function partyKey(party: Party): string {
  return party.mobile.trim().toLowerCase();
}

/**
 * Everybody in the conversation but the owner of the phone, in a fixed order: it titles and threads messages, so it must
 * not depend on who wrote this one.
 */
export function counterparts(item: Pick<Item, 'owner' | 'sender' | 'recipients'>): Party[] {
  const ownerKey = partyKey(item.owner);
  const byKey = new Map<string, Party>();
  for (const party of [item.sender, ...item.recipients]) {
    const key = partyKey(party);
    if (key !== ownerKey && !byKey.has(key)) byKey.set(key, party);
  }
  if (byKey.size < 2) return [...byKey.values()];
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, party]) => party);
}

/** Distinct by address, in the item's order. Without any, what came in came to the owner. */
export function recipientsOf(item: Pick<Item, 'direction' | 'owner' | 'recipients'>, parties: Parties): MailParty[] {
  const listed = item.recipients.length === 0 && item.direction === 'incoming' ? [item.owner] : item.recipients;
  const byAddress = new Map<string, MailParty>();
  for (const party of listed) {
    const recipient = mailParty(party, parties);
    const key = recipient.address.toLowerCase();
    if (!byAddress.has(key)) byAddress.set(key, recipient);
  }
  return [...byAddress.values()];
}

/** RFC 5321 and 5322 without quoting, comments and internationalized addresses, none of which Exchange gives a mailbox. */
export function isAddress(text: string): boolean {
  return text.length <= 254 && text.indexOf('@') <= LOCAL_PART_LIMIT && ADDRESS.test(text);
}

/**
 * The part before the @ for a party without a mailbox. Numbers stay themselves. An e-mail address becomes
 * `bob=example.com`: it is a name that a phone claimed, and must not make a text look like that person's mail. Whatever
 * does not fit is told apart by a hash.
 */
export function localPart(mobile: string): string {
  const text = mobile.trim();
  if (E164.test(text)) return text;
  if (PHONE_LIKE.test(text) && text.length <= LOCAL_PART_LIMIT) return text.replace(/[^\d+]/g, '');
  if (/^[A-Za-z0-9_-]{1,64}$/.test(text)) return text;
  if (isAddress(text)) {
    const flat = text.replace('@', '=');
    if (/^[A-Za-z0-9._+-]+=[A-Za-z0-9.-]+$/.test(flat) && flat.length <= LOCAL_PART_LIMIT) return flat;
  }
  const readable = text
    .slice(0, 100)
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  const told = sha256(text.toWellFormed().toLowerCase()).slice(0, 16);
  return readable === '' ? `sender-${told}` : `${readable}-${told}`;
}

const readableNumbers = new Map<string, string>();
const REMEMBERED_NUMBERS = 20_000;

/** E.164 as people write it abroad; anything else as it is, in one line. An import says the same few numbers all day. */
export function readableNumber(mobile: string): string {
  let readable = readableNumbers.get(mobile);
  if (readable === undefined) {
    const parsed = E164.test(mobile) ? parsePhoneNumberFromString(mobile) : undefined;
    readable = parsed?.formatInternational() ?? (cleanLine(mobile, 100) || 'unknown');
    if (readableNumbers.size >= REMEMBERED_NUMBERS) readableNumbers.clear();
    readableNumbers.set(mobile, readable);
  }
  return readable;
}

function nameOf(party: Party, known: KnownMailbox | undefined): string {
  const name = known?.name || party.name;
  return name ? cleanLine(name, NAME_LIMIT) : '';
}
