/** For tests: a source that holds what the test puts into it, and people whose phones and mailboxes are in good order. */
import { createHash, randomUUID } from 'node:crypto';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import type { Person } from '#sandbox/world/people.ts';
import type { Item, Party, SourceAttachment } from '../archive/item.ts';
import { type ArchiveSource, SourceError } from '../archive/source.ts';
import { shardOf } from './shards.ts';
import { startOfUtcDay } from './windows.ts';

/** People without a quirk, in a fixed order. */
export const people: readonly Person[] = alderByrne.people.filter(
  ({ mailbox, mobile, mail, telemessageEmail, telemessageStatus, userType }) =>
    mailbox === 'user' &&
    mobile !== null &&
    mail === telemessageEmail &&
    telemessageStatus === 'activated' &&
    userType === 'Member',
);

/** Somebody by surname, quirks and all. */
export function personNamed(surname: string): Person {
  const person = alderByrne.people.find((one) => one.surname === surname);
  if (!person) throw new RangeError(surname);
  return person;
}

/** Two people whose mailboxes are in one shard, so that one worker serves both. */
export function twoOfOneShard(): readonly [Person, Person] {
  for (const [index, one] of people.entries()) {
    const second = people.slice(index + 1).find(({ id }) => shardOf(id) === shardOf(one.id));
    if (second) return [one, second];
  }
  throw new Error('no two people share a shard');
}

export function partyOf(person: Person): Party {
  return { mobile: person.mobile ?? '', email: person.telemessageEmail, name: person.displayName };
}

/** Nobody's number. */
export const outsider: Party = { mobile: '+13125550199', email: null, name: null };

/** A message of somebody's phone to an outsider. */
export function sms(owner: Person, archivedAt: Date, traits: Partial<Item> = {}): Item {
  return {
    id: randomUUID(),
    type: 'sms',
    direction: 'outgoing',
    owner: partyOf(owner),
    sender: partyOf(owner),
    recipients: [outsider],
    messageTime: new Date(archivedAt.getTime() - 1000).toISOString(),
    archivedTime: archivedAt.toISOString(),
    conversationId: `of-${owner.id}`,
    text: 'On my way.',
    attachments: [],
    ...traits,
  };
}

export interface ScriptedSource extends ArchiveSource {
  /** what the feed lists; an item may stand in it twice. Anything that is no item may, too */
  readonly listed: unknown[];
  settledThrough: Date;
  /** bytes by attachment id; `null`: the phone has not sent it yet */
  readonly attachments: Map<string, Buffer | null>;
  /** added to what the manifest counts */
  surplus: number;
  /** thrown by every call while it is set */
  failure: SourceError | null;
  /** how often each call was made */
  readonly calls: Map<string, number>;
}

/** An attachment of these bytes, put into the source. */
export function attach(source: ScriptedSource, name: string, contentType: string, bytes: Buffer): SourceAttachment {
  const id = randomUUID();
  source.attachments.set(id, bytes);
  return { id, name, contentType, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

const timeOf = (raw: unknown): number =>
  typeof raw === 'object' && raw !== null && 'archivedTime' in raw ? Date.parse(String(raw.archivedTime)) : Number.NaN;
const idOf = (raw: unknown): string => (typeof raw === 'object' && raw !== null && 'id' in raw ? String(raw.id) : '');

/** What arrived in the hours before lies in the same day, and so in one window, whatever the hour is now. */
function noonOfToday(): Date {
  return new Date(startOfUtcDay(new Date()).getTime() + 12 * 3_600_000);
}

/** @param settledThrough until it is changed: noon of this UTC day */
export function scriptedSource(settledThrough: Date = noonOfToday()): ScriptedSource {
  const called = (name: string, signal: AbortSignal | undefined): void => {
    signal?.throwIfAborted();
    source.calls.set(name, (source.calls.get(name) ?? 0) + 1);
    if (source.failure) throw source.failure;
  };
  const within = (from: Date, to: Date): unknown[] =>
    source.listed.filter((raw) => timeOf(raw) >= from.getTime() && timeOf(raw) < to.getTime());
  const source: ScriptedSource = {
    listed: [],
    settledThrough,
    attachments: new Map(),
    surplus: 0,
    failure: null,
    calls: new Map(),
    async clock(signal) {
      called('clock', signal);
      const day = 24 * 3_600_000;
      const { settledThrough: settled } = source;
      return { now: settled, settledThrough: settled, earliestRetained: new Date(settled.getTime() - 90 * day) };
    },
    async items({ from, to }, cursor, limit, signal) {
      called('items', signal);
      const start = Number(cursor ?? 0);
      const all = within(from, to);
      const end = start + limit;
      return { items: all.slice(start, end), nextCursor: end < all.length ? String(end) : null };
    },
    async manifest({ from, to }, signal) {
      called('manifest', signal);
      return { count: new Set(within(from, to).map(idOf)).size + source.surplus, attachmentBytes: 0 };
    },
    async *users(signal) {
      called('users', signal);
      for (const { mobile, telemessageEmail, displayName, telemessageStatus } of alderByrne.people) {
        if (mobile === null) continue;
        yield { mobile, email: telemessageEmail, name: displayName, status: telemessageStatus, lastArchivedTime: null };
      }
    },
    async attachment(id, offset, signal) {
      called('attachment', signal);
      const bytes = source.attachments.get(id);
      if (bytes === undefined) throw new SourceError('not_found', 'no such attachment');
      if (bytes === null) throw new SourceError('attachment_not_ready', 'still on the phone', 30);
      const body = async function* () {
        yield bytes.subarray(offset);
      };
      return { body: body(), totalSize: bytes.length, etag: null };
    },
  };
  return source;
}
