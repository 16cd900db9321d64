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
  const usual = usualTime(text);
  if (usual !== null) return usual;
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

/** A date and time as every program writes them, read seven times an item: seconds or milliseconds, and Z. Else null. */
function usualTime(text: string): number | null {
  const withMs = text.length === 24;
  if (!(withMs || text.length === 20) || text[10] !== 'T' || text.at(-1) !== 'Z') return null;
  if (text[4] !== '-' || text[7] !== '-' || text[13] !== ':' || text[16] !== ':') return null;
  if (withMs && text[19] !== '.') return null;
  const year = pairAt(text, 0) * 100 + pairAt(text, 2);
  const month = pairAt(text, 5);
  const day = pairAt(text, 8);
  const hour = pairAt(text, 11);
  const minute = pairAt(text, 14);
  const second = pairAt(text, 17);
  const ms = withMs ? pairAt(text, 20) * 10 + digitAt(text, 22) : 0;
  // Written so that what is no digit, which is NaN, fails. Date.UTC takes years below 100 for others.
  const exists =
    year >= 100 && month >= 1 && month <= 12 && day >= 1 && hour <= 23 && minute <= 59 && second <= 59 && ms <= 999;
  if (!exists || !(day <= daysOf(year, month))) return null;
  return Date.UTC(year, month - 1, day, hour, minute, second, ms);
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysOf(year: number, month: number): number {
  if (month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)) return 29;
  return DAYS[month - 1] ?? 0;
}

function pairAt(text: string, at: number): number {
  return digitAt(text, at) * 10 + digitAt(text, at + 1);
}

function digitAt(text: string, at: number): number {
  const digit = text.charCodeAt(at) - 48;
  return digit >= 0 && digit <= 9 ? digit : Number.NaN;
}
