/** What a simulated source holds: items of all kinds that a real one was seen to list, with their attachments. */
import { createHash } from 'node:crypto';
import { type Person, STRANGERS } from './people.ts';
import type { Random } from './random.ts';

export interface SourceEntry {
  /** what tells two items apart; of an item without a usable id its place */
  readonly key: string;
  /** null where it cannot be understood */
  readonly readable: ReadableItem | null;
  /** what it is once the source has mended it, with `changes`; null: it stays as it is */
  readonly mended: ReadableItem | null;
  readonly raw: unknown;
  /** arrival at the source, milliseconds since 1970: which window it is in */
  readonly at: number;
  /** from when the source lists it: later than its arrival where it came late */
  readonly visibleFrom: number;
  /** from when on it has another content; null: never */
  readonly changes: { readonly from: number; readonly raw: unknown } | null;
  /** listed once more in the same window */
  readonly repeated: boolean;
}

export interface ReadableItem {
  readonly id: string;
  readonly messageKey: string | null;
  readonly owner: Person;
  /** distinct people with a phone at the source, the owner among them */
  readonly participants: readonly Person[];
  readonly attachments: readonly string[];
}

export interface SourceAttachmentBytes {
  readonly bytes: Buffer;
  /** what it is from the so many-th reading on, if anybody reads so often */
  readonly later: { readonly bytes: Buffer; readonly fromReading: number } | null;
  /** whether the source says which of the two it gives */
  readonly hasEtag: boolean;
  /** milliseconds since 1970; infinite: the phone never sends it */
  readonly readyFrom: number;
}

export interface Archive {
  readonly entries: readonly SourceEntry[];
  readonly attachments: ReadonlyMap<string, SourceAttachmentBytes>;
}

/** In the create, in a request of their own, by an upload session: see the limits of `changed-sources.ts`. */
const SIZES = [
  (random: Random): number => random.whole(1, 300),
  (random: Random): number => random.whole(900, 1_900),
  (random: Random): number => random.whole(2_000, 5_000),
];

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** @param from of the times of arrival, milliseconds since 1970 */
export function archiveOf(random: Random, people: readonly Person[], from: number, hours: number): Archive {
  const entries: SourceEntry[] = [];
  const attachments = new Map<string, SourceAttachmentBytes>();
  const count = random.whole(1, random.chance(0.3) ? 30 : 12);
  const withAttachments = random.chance(0.6) ? random.next() * 0.7 : 0;
  const late = random.chance(0.2) ? 0.2 : 0;
  const changing = random.chance(0.2) ? 0.3 : 0;
  const mending = random.chance(0.4) ? 0.6 : 0;
  for (let index = 0; index < count; index++) {
    const at = from + Math.floor(random.next() * hours * HOUR);
    const owner = random.pick(people);
    const sender = random.chance(0.6) ? owner : random.pick(people);
    const recipients = Array.from({ length: random.whole(1, 3) }, () => random.pick(people));
    const participants = [...new Set([owner, sender, ...recipients])];
    const ids: string[] = [];
    const attached = Array.from({ length: random.chance(withAttachments) ? random.whole(1, 3) : 0 }, (_, position) => {
      const id = `attachment-${index}-${position}`;
      const size = random.pick(SIZES)(random);
      const bytes = bytesOf(id, size);
      const later = random.chance(changing)
        ? { bytes: bytesOf(`${id} changed`, size + random.whole(0, 9)), fromReading: random.whole(1, 4) }
        : null;
      attachments.set(id, { bytes, later, hasEtag: random.chance(0.6), readyFrom: readyFrom(random, at) });
      ids.push(id);
      const image = random.chance(0.3);
      const name = image ? `picture-${position}.jpg` : random.pick(['file.pdf', `file-${position}.pdf`]);
      return {
        id,
        name,
        contentType: image ? 'image/jpeg' : 'application/pdf',
        size: bytes.length,
        sha256: random.chance(0.5) ? createHash('sha256').update(bytes).digest('hex') : null,
      };
    });
    const messageKey = random.chance(0.3) ? `key-${index}` : null;
    const raw = (id: string, of: Person, text: string) => ({
      id,
      type: attached.length > 0 ? 'mms' : random.pick(['sms', 'sms', 'chat', 'callLog']),
      messageKey,
      direction: of === sender ? 'outgoing' : 'incoming',
      owner: partyOf(of),
      sender: partyOf(sender),
      recipients: [...recipients.map(partyOf), ...(random.chance(0.4) ? [{ mobile: random.pick(STRANGERS) }] : [])],
      messageTime: random.chance(0.05) ? '0001-01-01T00:00:00Z' : new Date(at - 5000).toISOString(),
      archivedTime: new Date(at).toISOString(),
      conversationId: `conversation-${owner.name}`,
      text,
      attachments: attached,
    });
    const visibleFrom = random.chance(late) ? at + random.skewed(HOUR, 20 * HOUR) : at;
    const id = `item-${index}`;
    const first = raw(id, owner, `Text ${index}`);
    if (random.chance(0.06)) {
      const broken = random.pick([
        { ...first, type: 'fax' },
        { ...first, owner: null },
        { ...first, id: '' },
      ]);
      // What has no id is another item once it has one.
      const isMended = broken.id !== '' && random.chance(mending);
      entries.push({
        ...{ key: `${id} unreadable`, readable: null, raw: broken, at, visibleFrom, repeated: random.chance(0.1) },
        mended: isMended ? { id, messageKey, owner, participants, attachments: ids } : null,
        changes: isMended ? { from: at + random.skewed(HOUR, 30 * HOUR), raw: first } : null,
      });
      continue;
    }
    const changes = random.chance(0.08)
      ? { from: at + random.skewed(HOUR, 30 * HOUR), raw: { ...first, text: `Text ${index}, changed` } }
      : null;
    const readable = { id, messageKey, owner, participants, attachments: ids };
    entries.push({
      key: id,
      readable,
      mended: null,
      raw: first,
      at,
      visibleFrom,
      changes,
      repeated: random.chance(0.1),
    });
    const other = participants.find((person) => person !== owner);
    if (messageKey === null || other === undefined || ids.length > 0) continue;
    // The other phone archives the same message, a little later or much later.
    const twinAt = Math.min(at + random.skewed(1, 10 * HOUR), from + hours * HOUR - 1);
    const twinId = `item-${index}-twin`;
    const twin = { ...raw(twinId, other, `Text ${index}`), archivedTime: new Date(twinAt).toISOString() };
    entries.push({
      key: twinId,
      readable: { ...readable, id: twinId, owner: other, participants: [...new Set([other, sender, ...recipients])] },
      mended: null,
      raw: twin,
      at: twinAt,
      visibleFrom: twinAt,
      changes: null,
      repeated: random.chance(0.1),
    });
  }
  entries.sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
  return { entries, attachments };
}

function partyOf({ number, email, name }: Person) {
  return { mobile: number, email, name };
}

function readyFrom(random: Random, at: number): number {
  const kind = random.next();
  if (kind < 0.9) return at;
  if (kind < 0.98) return at + random.skewed(MINUTE, 3 * HOUR);
  return kind < 0.99 ? at + random.skewed(3 * HOUR, 30 * HOUR) : Number.POSITIVE_INFINITY;
}

/** No two attachments are the same. */
function bytesOf(id: string, length: number): Buffer {
  return Buffer.alloc(Math.max(length, id.length), `${id} `);
}
