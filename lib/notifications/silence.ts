/** Whether a connector that imports should have imported something, and did not. Pure. */
import { startOfUtcDay } from '../imports/windows.ts';

const DAY_MS = 86_400_000;
/** Weeks whose same weekday a day is measured against. */
const WEEKS = 4;

/** What was imported of a UTC day. */
export interface DayImported {
  /** its beginning */
  readonly day: Date;
  /** its windows reach to its end, and each is closed or lost */
  readonly finished: boolean;
  readonly items: number;
}

export interface SilenceFacts {
  /** of those that `recentDays` names, and for whom `mayBeSilent` of those that `weeksBefore` does, the ones with a window */
  readonly days: readonly DayImported[];
  /** the day of which it was told that nothing came, and is not over; null where nothing was told */
  readonly told: Date | null;
  /** the source had registered phones and lists none any more */
  readonly hasNoPhones: boolean;
  readonly isPaused: boolean;
  readonly now: Date;
}

/** The two last finished UTC days, as their beginnings. */
export function recentDays(now: Date): Date[] {
  const today = startOfUtcDay(now).getTime();
  return [1, 2].map((back) => new Date(today - back * DAY_MS));
}

/** The same weekdays of the weeks before. */
export function weeksBefore(days: readonly Date[]): Date[] {
  return days.flatMap((day) =>
    Array.from({ length: WEEKS }, (_, week) => new Date(day.getTime() - (week + 1) * 7 * DAY_MS)),
  );
}

/** Whether the weeks before decide: of a day that had something they are not asked for. */
export function mayBeSilent(facts: SilenceFacts): boolean {
  return !facts.hasNoPhones && (facts.told !== null || !facts.isPaused) && itemsOf(facts, judgedDay(facts)) === 0;
}

/**
 * The day of which nothing was imported although most of the same weekdays before had something; null where none.
 *
 * What was told is over when something is imported, not on the next day that is always quiet. It is over, too, when nobody
 * could expect anything any more: the source lists no registered phones, or the weekday of which it was told has come round
 * so often without anything that most of the weeks before are empty.
 */
export function silentDayOf(facts: SilenceFacts): Date | null {
  const { told } = facts;
  const judged = judgedDay(facts);
  if (!mayBeSilent(facts)) return null;
  const expected = isExpected(facts, judged);
  if (told === null) return expected ? new Date(judged) : null;
  const sinceTold = judged - told.getTime();
  const hasFallen = sinceTold > 0 && sinceTold % (7 * DAY_MS) === 0 && !expected;
  return hasFallen ? null : new Date(judged);
}

/**
 * Yesterday is judged once its windows are closed. Until then, and at the latest when it should have been imported for a
 * whole day, the day before is, finished or not: an import that does not come is as silent as an empty one.
 */
function judgedDay({ days, now }: SilenceFacts): number {
  const yesterday = startOfUtcDay(now).getTime() - DAY_MS;
  return days.find(({ day }) => day.getTime() === yesterday)?.finished ? yesterday : yesterday - DAY_MS;
}

function itemsOf({ days }: SilenceFacts, time: number): number {
  return days.find(({ day }) => day.getTime() === time)?.items ?? 0;
}

function isExpected({ days }: SilenceFacts, judged: number): boolean {
  const before = new Set(weeksBefore([new Date(judged)]).map((day) => day.getTime()));
  const known = days.filter(({ day }) => before.has(day.getTime()));
  const busy = known.filter(({ items }) => items > 0);
  return busy.length >= 2 && busy.length * 2 > known.length;
}
