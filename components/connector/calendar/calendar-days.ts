/** The days of a month as the calendar shows them. Pure. */

import type { DayBalance } from '#lib/imports/balance.ts';
import type { CalendarMonth } from '#lib/imports/calendar.ts';
import { type DayMark, itemsOf, markOfDay } from '#lib/imports/day-mark.ts';
import { daysOf } from './month-grid.ts';

export interface CalendarDay {
  /** 2026-11-21 */
  readonly day: string;
  readonly mark: DayMark;
  /** items of the source, each once; null where the day has no window */
  readonly items: number | null;
  readonly balance: DayBalance | null;
}

/** Every day of the month, oldest first. @param today the present UTC day */
export function calendarDays({ month, days }: CalendarMonth, today: string): readonly CalendarDay[] {
  const known = new Map(days.map((one) => [one.day, one]));
  return daysOf(month).map((day) => {
    const balance = known.get(day) ?? null;
    return {
      day,
      mark: markOfDay(balance, day, today),
      items: balance === null ? null : itemsOf(balance.counts),
      balance,
    };
  });
}
