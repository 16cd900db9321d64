/**
 * Windows: which stretch of the source's time an import covers. Pure.
 *
 * Time is the source's arrival time, never the phone's and never ours. Windows follow each other without a gap and
 * without overlap, which the table's constraints enforce as well; each lies within one UTC day, so that a day's numbers
 * are the sum of its windows.
 */
import type { SourceClock, TimeRange } from '../archive/source.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** 00:00 UTC of the day in which `time` lies. */
export function startOfUtcDay(time: Date): Date {
  return new Date(Math.floor(time.getTime() / DAY_MS) * DAY_MS);
}

/**
 * Cuts [from, to) at every 00:00 UTC.
 *
 * @returns ranges in order; empty where `to` is not after `from`
 */
export function cutAtMidnight({ from, to }: TimeRange): TimeRange[] {
  const windows: TimeRange[] = [];
  let start = from;
  while (start < to) {
    const midnight = new Date(startOfUtcDay(start).getTime() + DAY_MS);
    const end = midnight < to ? midnight : to;
    windows.push({ from: start, to: end });
    start = end;
  }
  return windows;
}

/** A source's clock this much ahead of ours is broken: windows of time that has not come would be cut by it. */
const MOST_AHEAD_MS = DAY_MS;

/** Whether what a source says of its time can be planned by. @param ours the time here, for comparison only */
export function isSoundClock({ now, settledThrough, earliestRetained }: SourceClock, ours: Date): boolean {
  return settledThrough <= now && earliestRetained <= now && now.getTime() - ours.getTime() <= MOST_AHEAD_MS;
}

/**
 * Up to which time a run may cut windows. The daily run covers whole days, so that a day is one window; a run that
 * somebody started covers everything that the source has settled.
 */
export function planThrough(trigger: 'first' | 'scheduled' | 'manual', settledThrough: Date): Date {
  return trigger === 'scheduled' ? startOfUtcDay(settledThrough) : settledThrough;
}

/** What of a stretch of time the source no longer has, and what is left of it; null: nothing. */
export function splitAtRetention(
  { from, to }: TimeRange,
  earliestRetained: Date,
): { readonly gone: TimeRange | null; readonly left: TimeRange | null } {
  const at = new Date(Math.min(Math.max(earliestRetained.getTime(), from.getTime()), to.getTime()));
  return { gone: from < at ? { from, to: at } : null, left: at < to ? { from: at, to } : null };
}

/** A stretch of time that is to be imported, or that the source no longer has. */
export interface MissingWindow extends TimeRange {
  readonly lost: boolean;
}

/**
 * The windows that are missing between what was planned and what the source has settled, in order. What the source no
 * longer retains is among them as lost, because time follows time without a gap, and because somebody must be told.
 *
 * @param plannedThrough end of the connector's last window; null before its first
 * @param firstFrom where the first window begins
 * @param earliestRetained what lies before it cannot be listed any more
 */
export function missingWindows(input: {
  readonly plannedThrough: Date | null;
  readonly firstFrom: Date;
  readonly earliestRetained: Date;
  readonly through: Date;
}): MissingWindow[] {
  const missing = { from: input.plannedThrough ?? input.firstFrom, to: input.through };
  const { gone, left } = splitAtRetention(missing, input.earliestRetained);
  const windows = (range: TimeRange | null, lost: boolean) =>
    (range === null ? [] : cutAtMidnight(range)).map((window) => ({ ...window, lost }));
  return [...windows(gone, true), ...windows(left, false)];
}

/**
 * The windows that are missing before the first one, where everything since an earlier time is wanted.
 *
 * @param plannedFrom where the connector's first window begins; null before its first
 */
export function earlierWindows(input: {
  readonly plannedFrom: Date | null;
  readonly firstFrom: Date;
  readonly earliestRetained: Date;
}): TimeRange[] {
  if (input.plannedFrom === null) return [];
  const from = new Date(Math.max(input.firstFrom.getTime(), input.earliestRetained.getTime()));
  return cutAtMidnight({ from, to: input.plannedFrom });
}

/** Minutes of the UTC day after midnight at which a connector's daily run starts: its own, between 00:10 and 04:00. */
export function scheduleMinuteOf(connectorId: string): number {
  let hash = 0;
  for (const character of connectorId) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  return 10 + (hash % 230);
}
