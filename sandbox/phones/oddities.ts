/**
 * What is strange in a feed without anything being broken. Each strange thing has its place in the day, so that
 * 24 hours of a feed of ordinary size hold most of them once, and a large feed one of each in some two hundred items.
 */
import type { ArchivedItem, FeedEntry } from './item.ts';

export type Oddity = 'late' | 'video' | 'repeated' | 'unknownField' | 'impossibleDate' | 'unknownType' | 'deleted';

const ODDITIES: readonly Oddity[] = [
  'late',
  'unknownField',
  'repeated',
  'video',
  'impossibleDate',
  'deleted',
  'unknownType',
];

/** conversations from one strange one to the next */
const EVERY = 6;

/** The strangeness of episode `index` of a day with `perDay` episodes. */
export function oddityOf(day: number, index: number, perDay: number): Oddity | null {
  // few episodes a day take their turns over the days, many within the day
  const place = perDay < EVERY * ODDITIES.length ? day * perDay + index : index;
  if (place % EVERY !== EVERY - 1) return null;
  return ODDITIES[Math.floor(place / EVERY) % ODDITIES.length] ?? null;
}

/** The last entry once more, where the oddity is that an item comes twice. */
export function addRepetition(entries: readonly FeedEntry[], oddity: Oddity | null): FeedEntry[] {
  const last = entries.at(-1);
  return oddity === 'repeated' && last !== undefined ? [...entries, { ...last, occurrence: 1 }] : [...entries];
}

/** A type that no client knows. The contract: such an item is unreadable, its page is not. */
export function unreadableType(item: ArchivedItem): ArchivedItem {
  return { ...item, type: 'liveLocation', text: null, attachments: [] };
}

/** A field that the contract does not have. The contract: ignore it. */
export function withUnknownField(item: ArchivedItem): ArchivedItem {
  return { ...item, xDevice: { model: 'Aurora 7', osVersion: '16', roaming: false } };
}
