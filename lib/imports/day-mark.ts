/** What a UTC day is called where days stand side by side: the calendar and the table of days say the same. Pure. */
import type { BalanceState } from './balance.ts';
import type { Counts } from './counts.ts';

/**
 * - `differs`: the numbers do not add up
 * - `open`: an import or a copy is under way, a window is not closed, or the day is not over
 * - `lost`: the source no longer had some of it when its turn came
 * - `not_all`: the numbers add up, and not all of it is in its mailboxes, signed off or not
 * - `nothing`: the source had nothing
 * - `balanced`: all that the source had is in its mailboxes
 * - `none`: nobody has imported the day
 * - `later`: the day has not begun
 */
export const DAY_MARKS = ['balanced', 'not_all', 'differs', 'nothing', 'lost', 'open', 'none', 'later'] as const;
export type DayMark = (typeof DAY_MARKS)[number];

/** The first that applies. */
export function markOf({ state, counts }: { readonly state: BalanceState; readonly counts: Counts }): DayMark {
  if (state === 'differs' || state === 'lost') return state;
  if (state !== 'balances') return 'open';
  const { items, copies } = counts;
  const missing = items.waiting + items.failed + items.unreadable;
  if (missing + copies.waiting + copies.failed + copies.partiallyImported > 0) return 'not_all';
  return items.listed === 0 ? 'nothing' : 'balanced';
}

/**
 * @param balance null where the day has no window
 * @param day 2026-11-21
 * @param today the day that is not over yet: more may come, so it is not called balanced
 */
export function markOfDay(balance: Parameters<typeof markOf>[0] | null, day: string, today: string): DayMark {
  if (day > today) return 'later';
  if (balance === null) return day === today ? 'open' : 'none';
  const mark = markOf(balance);
  return day === today && (mark === 'balanced' || mark === 'nothing') ? 'open' : mark;
}

/** Items of the source, each once however often it was listed. */
export function itemsOf({ items }: Counts): number {
  return items.listed - items.repeat;
}
