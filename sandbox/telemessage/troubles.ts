/**
 * Troubles that a real archive has now and then and a client must survive: an attachment whose announced size is wrong,
 * one that the phone is still sending, an item that changed after it was listed. Which items they strike follows from
 * the item's id, so that a failure can be had again.
 */
import type { ArchivedItem, FeedEntry } from '../phones/item.ts';
import { hash32 } from '../phones/random.ts';

const troubleNames = ['wrongSize', 'notReady', 'changed'] as const;
export type Trouble = (typeof troubleNames)[number];

/** The known troubles among the names. */
export function archiveTroubles(names: readonly string[]): ReadonlySet<Trouble> {
  return new Set(troubleNames.filter((name) => names.includes(name)));
}

/** one in so many is struck */
const ONE_IN = 7;

/** How long after the first request an attachment stays "still being sent", ms. */
export const NOT_READY_MS = 20_000;

/** When an item that will change has changed, ms after its arrival. */
const CHANGED_AFTER_MS = 10 * 60_000;

export function strikes(trouble: Trouble, id: string): boolean {
  return hash32(trouble, id) % ONE_IN === 0;
}

/** The entry as the site lists it at `now` (ms) under these troubles. */
export function troubled(entry: FeedEntry, troubles: ReadonlySet<Trouble>, now: number): FeedEntry {
  if (troubles.size === 0) return entry;
  let item: ArchivedItem = entry.item;
  if (troubles.has('wrongSize')) {
    const attachments = item.attachments.map((one) =>
      strikes('wrongSize', one.id) ? { ...one, size: one.size + 1_000 } : one,
    );
    item = { ...item, attachments };
  }
  if (troubles.has('changed') && strikes('changed', item.id) && now - entry.at > CHANGED_AFTER_MS) {
    item = { ...item, text: `${item.text ?? ''} (edited)` };
  }
  return { ...entry, item };
}
