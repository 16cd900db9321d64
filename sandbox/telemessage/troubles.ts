/**
 * Troubles that a real archive has now and then and a client must survive. Which items and attachments they strike
 * follows from the id, so that a failure can be had again.
 */
import type { ArchivedItem, AttachmentEntry, FeedEntry } from '../phones/item.ts';
import { hash32 } from '../random.ts';

export const troubleNames = ['wrongSize', 'notReady', 'purged', 'gone', 'changed', 'miscounted'] as const;
export type Trouble = (typeof troubleNames)[number];

/** What a client sees of each trouble, a sentence for people. */
export const troubleMeanings: Readonly<Record<Trouble, string>> = {
  wrongSize:
    'The size of an attachment lies: 1,000 bytes fewer or 1,000 more arrive than its item and the manifest say.',
  notReady: 'An attachment is still being sent: it answers 425 with Retry-After for 20 seconds from the first request.',
  purged: 'An attachment is purged already: it answers 410, though its item lists it.',
  gone: 'An attachment is missing: it answers 404, though its item lists it.',
  changed: 'An item changes: ten minutes after its arrival the same id comes with another text.',
  miscounted: 'The manifest counts items that the feed does not list, so nothing balances.',
};

/** one in so many is struck */
export const ONE_IN = 7;

/** How long after the first request an attachment stays "still being sent", ms. */
export const NOT_READY_MS = 20_000;

/** When an item that will change has changed, ms after its arrival. */
const CHANGED_AFTER_MS = 10 * 60_000;

export function strikes(trouble: Trouble, id: string): boolean {
  return hash32(trouble, id) % ONE_IN === 0;
}

const LIE_BYTES = 1_000;

/** Too much for some attachments, too little for others. */
function wrongSize({ id, size }: AttachmentEntry): number {
  return hash32('wrongSize, too little', id) % 2 === 0 ? Math.max(0, size - LIE_BYTES) : size + LIE_BYTES;
}

/** The entry as the site lists it at `now` (ms) under these troubles. */
export function troubled(entry: FeedEntry, troubles: readonly Trouble[], now: number): FeedEntry {
  if (troubles.length === 0) return entry;
  let item: ArchivedItem = entry.item;
  if (troubles.includes('wrongSize')) {
    const attachments = item.attachments.map((one) =>
      strikes('wrongSize', one.id) ? { ...one, size: wrongSize(one) } : one,
    );
    item = { ...item, attachments };
  }
  if (troubles.includes('changed') && strikes('changed', item.id) && now - entry.at > CHANGED_AFTER_MS) {
    item = { ...item, text: `${item.text ?? ''} (edited)` };
  }
  return { ...entry, item };
}
