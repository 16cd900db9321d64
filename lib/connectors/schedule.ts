/** When a connector's daily import starts next. Pure. */

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * The next time of the daily import, after `now`.
 *
 * @param scheduleMinute minute of the UTC day, 0 to 1439 (`connector.schedule_minute`)
 */
export function nextDailyImport(scheduleMinute: number, now: Date): Date {
  const today = Math.floor(now.getTime() / DAY_MS) * DAY_MS + scheduleMinute * MINUTE_MS;
  return new Date(today > now.getTime() ? today : today + DAY_MS);
}
