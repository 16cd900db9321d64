/** When a connector's daily import starts. Pure. */
import { scheduleMinuteOf } from '../imports/windows.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * The minute of the UTC day, 0 to 1439, at which a connector's daily import starts. Within an hour that somebody chose it
 * is the connector's own, so that all who choose six o'clock do not ask the source at once.
 *
 * @param hour 0 to 23; null: chosen by nobody
 */
export function dailyMinute(connectorId: string, hour: number | null): number {
  const own = scheduleMinuteOf(connectorId);
  return hour === null ? own : hour * 60 + (own % 60);
}

/**
 * The next time of the daily import, after `now`. A day that was planned already, because somebody started an import or
 * the hour was another one before, is not planned again.
 *
 * @param scheduleMinute minute of the UTC day, 0 to 1439 (`connector.schedule_minute`)
 * @param plannedThrough end of the last window that was planned; null: none was
 */
export function nextDailyImport(scheduleMinute: number, now: Date, plannedThrough: Date | null): Date {
  const midnight = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
  const today = midnight + scheduleMinute * MINUTE_MS;
  const isPlanned = plannedThrough !== null && plannedThrough.getTime() >= midnight;
  return new Date(today > now.getTime() && !isPlanned ? today : today + DAY_MS);
}
