/** How times are written: UTC always, `2026-11-21 06:14 UTC`; local time only beside it. */

/** @param value a point in time; anything that is none gives an empty string */
export function formatUtc(value: Date | string): string {
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? '' : `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `06:14 UTC`. */
export function formatUtcTimeOfDay(value: Date | string): string {
  return formatUtc(value).slice(11);
}

/** In the zone of this browser, with the zone's name: `21 Nov 2026, 07:14 CET`. */
export function formatLocal(value: Date | string): string {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return '';
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  }).format(date);
}
