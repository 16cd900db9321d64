/**
 * Phones that speak generated conversations. Nothing is stored: a window of the feed is made when it is asked for, from
 * the seed, in memory that does not grow with the window.
 */

import { hash32 } from '../random.ts';
import type { Tenant } from '../world/people.ts';
import { entriesOf } from './episode.ts';
import { comparePositions, type FeedEntry, type FeedPosition, type Phones } from './item.ts';
import type { ArchiverKind } from './kinds.ts';
import { contentWithHash } from './media/catalogue.ts';
import { oddityOf } from './oddities.ts';
import { ownersOf } from './owners.ts';
import { DAY_MS, fractionOfDay, rhythmFor, timeOfDay } from './rhythm.ts';
import { type Thread, type ThreadWorld, threadOf } from './threads.ts';

export interface GeneratedPhonesOptions {
  readonly seed: number;
  readonly tenant: Tenant;
  readonly kind: ArchiverKind;
  /** about how many entries reach the site in 24 hours, 1 to 1,000,000 */
  readonly itemsPerDay: number;
}

/** Days from one time that a thread speaks to the next: two, more where the day has room for a few threads only. */
const restDays = (episodesPerDay: number): number => Math.max(2, Math.ceil(40 / episodesPerDay));

/**
 * The phones of a tenant under one archiver. The same options always give the same feed: any window of it, cut in any
 * way, holds the same entries in the same order. Another number of items a day is another feed with other ids.
 */
export function generatedPhones(options: GeneratedPhonesOptions): Phones {
  const { seed, tenant, kind, itemsPerDay } = options;
  const [first, ...others] = ownersOf(tenant);
  if (first === undefined) return { archivedBetween: () => [], attachment: () => null };
  const world: ThreadWorld = { seed: `${seed}/${tenant.id}/${kind.id}`, kind, owners: [first, ...others] };
  const feedId = hash32(world.seed, itemsPerDay).toString(36).padStart(7, '0');
  const { episodesPerDay, spanMs } = rhythmFor(itemsPerDay);
  const rest = restDays(episodesPerDay);

  const startOf = (day: number, index: number): number => {
    const jitter = hash32(feedId, 'start', day, index) / 2 ** 32;
    return day * DAY_MS + timeOfDay((index + jitter) / episodesPerDay);
  };

  const episode = (day: number, index: number): FeedEntry[] => {
    // another order each day, so that a thread does not always speak at the same hour
    const place = (index + hash32(feedId, 'order', day)) % episodesPerDay;
    const number = place + (day % rest) * episodesPerDay;
    return entriesOf({
      world,
      thread: remembered(number),
      idPrefix: `${feedId}-${day.toString(36)}-${index.toString(36)}`,
      // not every thread begins its script on the same day
      round: Math.floor(day / rest) + (hash32(feedId, 'round', number) % 3),
      start: startOf(day, index),
      span: spanMs,
      oddity: oddityOf(day, index, episodesPerDay),
    });
  };

  const threads = new Map<number, Thread>();
  const remembered = (number: number): Thread => {
    const known = threads.get(number);
    if (known !== undefined) return known;
    const thread = threadOf(world, number);
    if (threads.size < 5_000) threads.set(number, thread);
    return thread;
  };

  /** every episode that can have entries in [from, to), by its beginning */
  function* episodesTouching(from: number, to: number): Generator<{ day: number; index: number; start: number }> {
    const earliest = from - spanMs;
    for (let day = Math.floor(earliest / DAY_MS); day * DAY_MS < to; day += 1) {
      const intoDay = Math.max(0, earliest - day * DAY_MS);
      const firstIndex = Math.max(0, Math.floor(fractionOfDay(intoDay) * episodesPerDay) - 1);
      for (let index = firstIndex; index < episodesPerDay; index += 1) {
        const start = startOf(day, index);
        if (start >= to) break;
        if (start >= earliest) yield { day, index, start };
      }
    }
  }

  function* archivedBetween(from: number, to: number, after?: FeedPosition): Generator<FeedEntry> {
    const begin = after === undefined ? from : Math.max(from, after.at);
    const wanted = (entry: FeedEntry): boolean =>
      entry.at >= begin && entry.at < to && (after === undefined || comparePositions(entry, after) > 0);
    // entries that may still be overtaken by an earlier one of the next episode, in feed order
    const waiting: FeedEntry[] = [];
    for (const { day, index, start } of episodesTouching(begin, to)) {
      const settled = waiting.findIndex((entry) => entry.at >= start);
      if (settled !== 0) yield* waiting.splice(0, settled === -1 ? waiting.length : settled);
      for (const entry of episode(day, index)) if (wanted(entry)) insert(waiting, entry);
    }
    yield* waiting;
  }

  const attachment: Phones['attachment'] = (id) => {
    const parts = /^([0-9a-z]+)-([0-9a-z]{1,4})-([0-9a-z]{1,5})-[0-9a-z]+\.1$/.exec(id);
    if (parts === null || parts[1] !== feedId) return null;
    const [day, index] = [Number.parseInt(parts[2] ?? '', 36), Number.parseInt(parts[3] ?? '', 36)];
    if (index >= episodesPerDay) return null;
    for (const entry of episode(day, index)) {
      const found = entry.item.attachments.find((one) => one.id === id);
      const content = found?.sha256 == null ? undefined : contentWithHash(found.sha256);
      if (found !== undefined && content !== undefined) return { entry: found, content, archivedAt: entry.at };
    }
    return null;
  };

  return { archivedBetween, attachment };
}

/** Puts an entry into its place among entries in feed order. */
function insert(entries: FeedEntry[], entry: FeedEntry): void {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = entries[middle];
    if (other !== undefined && comparePositions(other, entry) <= 0) low = middle + 1;
    else high = middle;
  }
  entries.splice(low, 0, entry);
}
