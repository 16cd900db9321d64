/** Items of each day by what became of them, for the chart and for its table. Pure. */
import type { DayBalance } from '#lib/imports/balance.ts';

const DAY_MS = 86_400_000;

export const VOLUME_OUTCOMES = ['imported', 'waiting', 'failed', 'unreadable'] as const;
export type VolumeOutcome = (typeof VOLUME_OUTCOMES)[number];

export interface VolumeDay {
  /** 2026-11-21 */
  readonly day: string;
  readonly items: Readonly<Record<VolumeOutcome, number>>;
}

/** Every day of the span, oldest first; those without a window with nothing. @param today the last of them */
export function volumeOf(days: readonly DayBalance[], span: number, today: string): readonly VolumeDay[] {
  const known = new Map(days.map((one) => [one.day, one.counts.items]));
  return Array.from({ length: span }, (_, index) => {
    const day = new Date(Date.parse(today) - (span - 1 - index) * DAY_MS).toISOString().slice(0, 10);
    const { imported = 0, waiting = 0, failed = 0, unreadable = 0 } = known.get(day) ?? {};
    return { day, items: { imported, waiting, failed, unreadable } };
  });
}
