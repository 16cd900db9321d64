/**
 * What a browser says of the rows that it has, in its address: they are divided among a few buckets by their connector's
 * id, and of each bucket it tells a number that differs where any row of it does. So a stream that begins anew, after a break
 * or behind a page that came with its rows, brings the rows of those buckets alone of which something changed. Pure; both
 * ends use it.
 */

export interface Versioned {
  readonly id: string;
  /** 32 bits of a digest of all that the row says */
  readonly version: number;
}

/** By the last hex digit of an id: ids of connectors are random. */
export const BUCKETS = 16;

/** A number for each bucket; of a browser that knows nothing of a bucket and of one that is empty it is the same. */
export type Fingerprints = readonly number[];

const DIGITS = 8;

export function bucketOf(id: string): number {
  return Number.parseInt(id.slice(-1), BUCKETS);
}

/** The order of the rows is of no account. */
export function fingerprintsOf(rows: Iterable<Versioned>): Fingerprints {
  const prints = Array.from({ length: BUCKETS }, () => 0);
  for (const { id, version } of rows) {
    const bucket = bucketOf(id);
    prints[bucket] = ((prints[bucket] ?? 0) ^ version) >>> 0;
  }
  return prints;
}

/** Buckets of which both say the same. */
export function sameBuckets(one: Fingerprints, other: Fingerprints): number[] {
  return one.flatMap((print, bucket) => (print === other[bucket] ? [bucket] : []));
}

/** For an address: 128 hex digits. */
export function writeFingerprints(prints: Fingerprints): string {
  return prints.map((print) => print.toString(16).padStart(DIGITS, '0')).join('');
}

// By hand: pages have this in their first script, and would have zod for it.
const WRITTEN = new RegExp(`^[0-9a-f]{${BUCKETS * DIGITS}}$`);

/** @returns null where it is none: a page of an older portal */
export function readFingerprints(text: string | null): Fingerprints | null {
  if (text === null || !WRITTEN.test(text)) return null;
  return Array.from({ length: BUCKETS }, (_, at) => Number.parseInt(text.slice(at * DIGITS, (at + 1) * DIGITS), 16));
}
