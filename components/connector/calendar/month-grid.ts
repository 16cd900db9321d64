/** Months and days of the calendar, and where its keys lead. Days are UTC, as 2026-11-21; months as 2026-11. Pure. */

const DAY_MS = 86_400_000;

export function monthOf(day: string): string {
  return day.slice(0, 7);
}

export function addDays(day: string, count: number): string {
  return new Date(Date.parse(day) + count * DAY_MS).toISOString().slice(0, 10);
}

/** The same day of another month, or its last one where it is shorter. */
export function addMonths(day: string, count: number): string {
  const date = new Date(day);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + count];
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month, Math.min(date.getUTCDate(), last))).toISOString().slice(0, 10);
}

/** Every day of a month, oldest first. */
export function daysOf(month: string): readonly string[] {
  const first = `${month}-01`;
  const count = (Date.parse(addMonths(first, 1)) - Date.parse(first)) / DAY_MS;
  return Array.from({ length: count }, (_, index) => addDays(first, index));
}

/** 0 for a Monday. */
function weekday(day: string): number {
  return (new Date(day).getUTCDay() + 6) % 7;
}

/** The weeks of a month from Monday to Sunday; null where a place belongs to another month. */
export function weeksOf(month: string): readonly (readonly (string | null)[])[] {
  const days: (string | null)[] = [...daysOf(month)];
  const before = weekday(`${month}-01`);
  const places = [...Array<null>(before).fill(null), ...days];
  while (places.length % 7 !== 0) places.push(null);
  return Array.from({ length: places.length / 7 }, (_, week) => places.slice(week * 7, week * 7 + 7));
}

/**
 * The day to which a key leads from another one, or null where the key is none of the grid's: arrows by day and week, Home
 * and End within the week, Page up and down by month, and with Control Home and End within the month.
 */
export function dayAfterKey(day: string, key: string, control: boolean): string | null {
  switch (key) {
    case 'ArrowLeft':
      return addDays(day, -1);
    case 'ArrowRight':
      return addDays(day, 1);
    case 'ArrowUp':
      return addDays(day, -7);
    case 'ArrowDown':
      return addDays(day, 7);
    case 'Home':
      return control ? `${monthOf(day)}-01` : addDays(day, -weekday(day));
    case 'End':
      return control ? (daysOf(monthOf(day)).at(-1) ?? day) : addDays(day, 6 - weekday(day));
    case 'PageUp':
      return addMonths(day, -1);
    case 'PageDown':
      return addMonths(day, 1);
    default:
      return null;
  }
}

/** Keeps a day within months. @param first month, `last` month: both can be gone to */
export function within(day: string, first: string, last: string): string {
  if (monthOf(day) < first) return `${first}-01`;
  return monthOf(day) > last ? (daysOf(last).at(-1) ?? day) : day;
}
