/** Times in ISO 8601 where thousands are written a second: `Date.toISOString` prints by C's formats, which takes longer. */

const DAY_MS = 86_400_000;
const TWO = digits(60, 2);
const THREE = digits(1_000, 3);

/** The times of a page are mostly of one day. */
let latest = { day: Number.NaN, date: '' };

/** As `Date.toISOString` writes it. @throws {RangeError} where it is none */
export function isoTime(time: Date): string {
  const ms = time.getTime();
  const day = Math.floor(ms / DAY_MS);
  if (day !== latest.day) latest = { day, date: time.toISOString().slice(0, -'00:00:00.000Z'.length) };
  const into = ms - day * DAY_MS;
  const seconds = Math.floor(into / 1_000);
  const minutes = Math.floor(seconds / 60);
  return `${latest.date}${TWO[Math.floor(minutes / 60)]}:${TWO[minutes % 60]}:${TWO[seconds % 60]}.${THREE[into % 1_000]}Z`;
}

function digits(count: number, length: number): readonly string[] {
  return Array.from({ length: count }, (_, number) => String(number).padStart(length, '0'));
}
