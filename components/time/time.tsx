'use client';

import { useInBrowser } from '#components/frame/use-in-browser.ts';
import { formatLocal, formatUtc, formatUtcTimeOfDay } from './format.ts';
import { useShowMyTime } from './show-my-time.tsx';

export interface TimeProps {
  readonly value: Date | string;
  /** only the time of day, where the day is clear */
  readonly timeOfDay?: boolean;
}

/** A point in time in UTC, with local time beside it where the reader wants that. */
export function Time({ value, timeOfDay = false }: TimeProps) {
  const { on } = useShowMyTime();
  // The server does not know the reader's zone.
  const inBrowser = useInBrowser();
  const utc = timeOfDay ? formatUtcTimeOfDay(value) : formatUtc(value);
  const date = new Date(value);
  if (utc === '') return null;
  return (
    <time dateTime={date.toISOString()} style={{ fontVariantNumeric: 'tabular-nums' }}>
      {utc}
      {on && inBrowser ? ` (${formatLocal(value)})` : null}
    </time>
  );
}
