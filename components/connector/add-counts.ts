import type { Counts } from '#lib/imports/counts.ts';

/** The sum of the counts of several imports. Pure. */
export function addCounts(all: readonly [Counts, ...Counts[]]): Counts {
  return all.reduce((sum, { items, copies }) => ({
    items: {
      listed: sum.items.listed + items.listed,
      pending: sum.items.pending + items.pending,
      imported: sum.items.imported + items.imported,
      waiting: sum.items.waiting + items.waiting,
      failed: sum.items.failed + items.failed,
      unreadable: sum.items.unreadable + items.unreadable,
      repeat: sum.items.repeat + items.repeat,
    },
    copies: {
      available: sum.copies.available + copies.available,
      pending: sum.copies.pending + copies.pending,
      imported: sum.copies.imported + copies.imported,
      partiallyImported: sum.copies.partiallyImported + copies.partiallyImported,
      skipped: sum.copies.skipped + copies.skipped,
      failed: sum.copies.failed + copies.failed,
      waiting: sum.copies.waiting + copies.waiting,
      fallback: sum.copies.fallback + copies.fallback,
    },
  }));
}
