/**
 * Troubles that a real archive has now and then and a client must survive. Which items and attachments they strike
 * follows from the id, so that a failure can be had again.
 */
import type { ArchivedItem, FeedEntry } from '../phones/item.ts';
import { hash32 } from '../random.ts';

export const troubleNames = ['wrongSize', 'notReady', 'purged', 'gone', 'changed', 'miscounted'] as const;
export type Trouble = (typeof troubleNames)[number];

/** What each trouble is, for people. */
export const troubleMeanings: Readonly<Record<Trouble, string>> = {
  wrongSize: 'Attachments are 1,000 bytes smaller than their item says',
  notReady: 'Attachments are still being sent for 20 seconds (425)',
  purged: 'Attachments are purged already (410)',
  gone: 'Attachments are not found (404)',
  changed: 'Items change ten minutes after they were listed',
  miscounted: 'The manifest counts items that the feed does not list',
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

/** The entry as the site lists it at `now` (ms) under these troubles. */
export function troubled(entry: FeedEntry, troubles: readonly Trouble[], now: number): FeedEntry {
  if (troubles.length === 0) return entry;
  let item: ArchivedItem = entry.item;
  if (troubles.includes('wrongSize')) {
    const attachments = item.attachments.map((one) =>
      strikes('wrongSize', one.id) ? { ...one, size: one.size + 1_000 } : one,
    );
    item = { ...item, attachments };
  }
  if (troubles.includes('changed') && strikes('changed', item.id) && now - entry.at > CHANGED_AFTER_MS) {
    item = { ...item, text: `${item.text ?? ''} (edited)` };
  }
  return { ...entry, item };
}
