/** Days as the server read them, carried on by what the stream tells of the imports that were open then. Pure. */
import type { DayBalance, OpenCounts } from '#lib/imports/balance.ts';
import { copiesUnaccounted, itemsUnaccounted } from '#lib/imports/counts.ts';
import { addCounts, withoutCounts } from './add-counts.ts';

/**
 * @param open imports as the stream knows them. One that has ended since stays as it was read or last told, until the page
 *   has been read again; one that began since is in no day yet.
 */
export function liveDays(days: readonly DayBalance[], open: readonly OpenCounts[]): readonly DayBalance[] {
  const told = new Map(open.map(({ id, counts }) => [id, counts]));
  return days.map((day) => {
    const known = day.open.flatMap(({ id, counts }) => {
      const now = told.get(id);
      return now === undefined ? [] : [{ read: counts, now }];
    });
    if (known.length === 0) return day;
    const others = withoutCounts(
      day.counts,
      known.map(({ read }) => read),
    );
    const counts = addCounts([others, ...known.map(({ now }) => now)]);
    const differs = itemsUnaccounted(counts) !== 0 || copiesUnaccounted(counts) !== 0;
    return { ...day, counts, state: differs ? 'differs' : 'running' };
  });
}
