/** `ValidFrom` and `ValidTo` of a mapping row. Pure; runs in the browser too. */

import { cellText } from './cell-text.ts';

/** Half-open [from, to) in UTC; null is open. */
export interface Validity {
  readonly from: Date | null;
  readonly to: Date | null;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Reads a cell. A date alone means the whole day in UTC: as `ValidTo` it includes that day. A date with a time is that
 * moment. Empty is open.
 *
 * @returns undefined for what is neither; dates in a local order (01/02/2026) are refused on purpose
 */
export function parseValidity(text: string, end: 'from' | 'to'): Date | null | undefined {
  const trimmed = cellText(text);
  if (trimmed === '') return null;
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(trimmed);
  const moment = /^(\d{4})-(\d{2})-(\d{2})[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.exec(trimmed);
  const parts = day ?? moment;
  if (parts === null || !isDay(Number(parts[1]), Number(parts[2]), Number(parts[3]))) return undefined;
  const time = Date.parse(day === null ? trimmed.replace(' ', 'T') : `${trimmed}T00:00:00Z`);
  if (Number.isNaN(time)) return undefined;
  return new Date(day !== null && end === 'to' ? time + DAY_MS : time);
}

/** Writes what `parseValidity` reads back as the same moment: a date alone where the moment is a day's edge. */
export function writeValidity(moment: Date | null, end: 'from' | 'to'): string {
  if (moment === null) return '';
  if (moment.getTime() % DAY_MS !== 0) return moment.toISOString();
  return new Date(moment.getTime() - (end === 'to' ? DAY_MS : 0)).toISOString().slice(0, 10);
}

function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return year >= 1970 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
