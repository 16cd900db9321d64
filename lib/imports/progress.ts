/**
 * How far a connector's running imports are, how fast they go and how long they still take. Pure: counters in, numbers
 * out. Nothing here is guessed: while the source is still being read the total is not known, so there is no fraction.
 */
import type { OpenPhase } from '../connectors/activity.ts';
import type { Counts } from './counts.ts';

export type Progress =
  /** nothing is running */
  | { readonly kind: 'none' }
  /** the source is being read: `items` so far, of an unknown total */
  | { readonly kind: 'collecting'; readonly items: number }
  /** `done` of `total` copies have reached an end (imported, partially imported, skipped or failed) */
  | { readonly kind: 'delivering'; readonly done: number; readonly total: number };

/** Copies that have reached an end, whichever. */
export function copiesDone({ copies }: Counts): number {
  return copies.imported + copies.partiallyImported + copies.skipped + copies.failed;
}

/**
 * @param open the imports that are not over, with their counts. Where one of them is still collecting, the total of
 *   them all is not known, so what is told is the number of items that it has listed so far.
 */
export function progressOf(open: readonly { readonly phase: OpenPhase; readonly counts: Counts }[]): Progress {
  const collecting = open.filter(({ phase }) => phase === 'collecting');
  if (collecting.length > 0) {
    return { kind: 'collecting', items: collecting.reduce((sum, { counts }) => sum + counts.items.listed, 0) };
  }
  const delivering = open.filter(({ phase }) => phase === 'delivering' || phase === 'reconciling');
  if (delivering.length === 0) return { kind: 'none' };
  return {
    kind: 'delivering',
    done: delivering.reduce((sum, { counts }) => sum + copiesDone(counts), 0),
    total: delivering.reduce((sum, { counts }) => sum + counts.copies.available, 0),
  };
}

/** A measurement: so many were done at a time (milliseconds, any clock, but one clock for all samples). */
export interface Sample {
  readonly at: number;
  readonly done: number;
}

/** How long a sample counts: short enough to notice a throttled mailbox, long enough not to jump. */
export const SAMPLE_WINDOW_MS = 60_000;
const CLOSEST_SAMPLES_MS = 1_000;
const SHORTEST_SPAN_MS = 2_000;

/**
 * Takes a measurement in. Keeps at most one a second over `SAMPLE_WINDOW_MS`, and begins anew when the number falls,
 * which means that another import is measured now.
 */
export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last !== undefined && sample.done < last.done) return [sample];
  const recent = samples.filter(({ at }) => sample.at - at <= SAMPLE_WINDOW_MS);
  const beforeLast = recent.at(-2);
  const tooClose = beforeLast !== undefined && last !== undefined && last.at - beforeLast.at < CLOSEST_SAMPLES_MS;
  return [...(tooClose ? recent.slice(0, -1) : recent), sample];
}

export interface Estimate {
  readonly perSecond: number;
  /** null while the total is not known */
  readonly secondsLeft: number | null;
}

/**
 * Speed over the samples, measured until `now`, so that it falls by itself while nothing comes; null while two samples
 * are not at least two seconds apart or nothing has moved.
 *
 * @param remaining copies still to do; null where the total is not known
 */
export function estimate(samples: readonly Sample[], remaining: number | null, now: number): Estimate | null {
  const recent = samples.filter(({ at }) => now - at <= SAMPLE_WINDOW_MS);
  const first = recent[0];
  const last = recent.at(-1);
  if (first === undefined || last === undefined || last.done <= first.done) return null;
  const span = now - first.at;
  if (span < SHORTEST_SPAN_MS) return null;
  const perSecond = ((last.done - first.done) * 1000) / span;
  return { perSecond, secondsLeft: remaining === null ? null : Math.ceil(remaining / perSecond) };
}

/** Seconds in words that do not pretend to a precision they lack: "less than a minute", "about 12 min", "about 3 h 10 min". */
export function durationWords(seconds: number): string {
  if (seconds < 60) return 'less than a minute';
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `about ${minutes} min`;
  const hours = Math.floor(minutes / 60);
  const tens = Math.round((minutes % 60) / 10) * 10;
  if (tens === 60) return `about ${hours + 1} h`;
  return tens === 0 ? `about ${hours} h` : `about ${hours} h ${tens} min`;
}
