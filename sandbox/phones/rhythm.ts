/**
 * When people talk: how the conversations of a day are laid over its hours, and how many there are. All in UTC, for an
 * organization with offices on both sides of the Atlantic.
 */

export const DAY_MS = 86_400_000;

/** share of the day's conversations that begin in each hour, before it is normed */
const HOURS = [1, 1, 1, 1, 1, 2, 4, 8, 12, 13, 12, 11, 12, 14, 15, 15, 14, 12, 9, 7, 5, 4, 3, 2] as const;

/** shares summed up to each full hour, from 0 to 1 */
const CUMULATED: readonly number[] = [0, ...HOURS.map((_, hour) => sumOf(HOURS.slice(0, hour + 1)) / sumOf(HOURS))];

function sumOf(shares: readonly number[]): number {
  return shares.reduce((sum, share) => sum + share, 0);
}

/** ms into the day by which `fraction` (0 to 1) of the day's conversations have begun. Strictly increasing. */
export function timeOfDay(fraction: number): number {
  let hour = 0;
  while (hour < 23 && (CUMULATED[hour + 1] ?? 1) <= fraction) hour += 1;
  const begin = CUMULATED[hour] ?? 0;
  const end = CUMULATED[hour + 1] ?? 1;
  return Math.floor(((hour + Math.min(1, (fraction - begin) / (end - begin))) * DAY_MS) / 24);
}

/** Fraction of the day's conversations that have begun by `ms` into the day: the inverse of `timeOfDay`. */
export function fractionOfDay(ms: number): number {
  const hours = Math.min(24, Math.max(0, (ms * 24) / DAY_MS));
  const hour = Math.min(23, Math.floor(hours));
  const begin = CUMULATED[hour] ?? 0;
  return begin + ((CUMULATED[hour + 1] ?? 1) - begin) * (hours - hour);
}

/** entries that one conversation of a day brings into the feed on average, copies and repeats counted (measured) */
const ENTRIES_PER_EPISODE = 4.6;

export interface Rhythm {
  /** conversations a day */
  readonly episodesPerDay: number;
  /** longest time from the first to the last arrival of one conversation, ms */
  readonly spanMs: number;
}

/**
 * The rhythm for about `itemsPerDay` entries a day. The busier, the shorter a conversation lasts, so that at most
 * some 2,000 entries are under way at any moment: that bounds the memory and the cost of beginning at any place.
 */
export function rhythmFor(itemsPerDay: number): Rhythm {
  const atOnce = (2_000 * DAY_MS) / (2.2 * itemsPerDay);
  return {
    episodesPerDay: Math.max(1, Math.round(itemsPerDay / ENTRIES_PER_EPISODE)),
    spanMs: Math.round(Math.min(45 * 60_000, Math.max(60_000, atOnce))),
  };
}
