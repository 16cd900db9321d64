/**
 * The times of a phone, which are not to be trusted: values such as `57300-06-03T18:46:03Z` were seen in the wild. A
 * message is never lost for its date. Pure, and the same wherever it runs: no time is read in a server's own zone.
 */
import type { Item } from './item.ts';

export interface MessageTime {
  readonly sentAt: Date;
  /** the message's own time was impossible, and `sentAt` says when it reached the source */
  readonly impossible: boolean;
}

const EARLIEST = Date.UTC(1990, 0, 1);
const DAY_MS = 24 * 60 * 60 * 1000;
/** as every program writes it */
const USUAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3})\d*)?)?(?:Z|([+-])(\d\d):?(\d\d))?$/i;

/** The message's own time where it lies between 1990 and a day after its arrival, else the arrival. */
export function messageTime(item: Pick<Item, 'messageTime' | 'archivedTime'>): MessageTime {
  const archived = Math.max(parseTime(item.archivedTime) ?? EARLIEST, EARLIEST);
  const own = parseTime(item.messageTime);
  const impossible = own === null || own < EARLIEST || own > archived + DAY_MS;
  return { sentAt: new Date(impossible ? archived : own), impossible };
}

/**
 * RFC 3339, with a space for the T, without seconds and without a zone too (the source's times are UTC). Milliseconds since 1970; null for
 * anything else, a date that no calendar has included, which `Date.parse` would move into the next month.
 */
export function parseTime(text: string): number | null {
  const usual = Date.parse(text);
  // What comes back as it went in exists in the calendar.
  if (USUAL.test(text) && !Number.isNaN(usual) && new Date(usual).toISOString() === text) return usual;
  const match = RFC_3339.exec(text.trim());
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((digits = '0') => Number(digits));
  const time = Date.UTC(year, month - 1, day, hour, minute, second, Number((match[7] ?? '').padEnd(3, '0')));
  const date = new Date(time);
  const exists =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  if (!exists) return null;
  const offset = (Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0)) * 60_000;
  return match[8] === '-' ? time + offset : time - offset;
}
