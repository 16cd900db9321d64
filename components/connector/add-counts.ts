import type { Counts } from '#lib/imports/counts.ts';

/** The sum of the counts of several imports. Pure. */
export function addCounts(all: readonly [Counts, ...Counts[]]): Counts {
  return all.reduce((sum, one) => plus(sum, one, 1));
}

/** What is left of the sum without some of the counts that are in it. Pure. */
export function withoutCounts(sum: Counts, some: readonly Counts[]): Counts {
  return some.reduce((rest, one) => plus(rest, one, -1), sum);
}

function plus(sum: Counts, one: Counts, times: 1 | -1): Counts {
  return {
    items: {
      listed: sum.items.listed + times * one.items.listed,
      pending: sum.items.pending + times * one.items.pending,
      imported: sum.items.imported + times * one.items.imported,
      waiting: sum.items.waiting + times * one.items.waiting,
      failed: sum.items.failed + times * one.items.failed,
      unreadable: sum.items.unreadable + times * one.items.unreadable,
      repeat: sum.items.repeat + times * one.items.repeat,
    },
    copies: {
      available: sum.copies.available + times * one.copies.available,
      pending: sum.copies.pending + times * one.copies.pending,
      imported: sum.copies.imported + times * one.copies.imported,
      partiallyImported: sum.copies.partiallyImported + times * one.copies.partiallyImported,
      skipped: sum.copies.skipped + times * one.copies.skipped,
      failed: sum.copies.failed + times * one.copies.failed,
      waiting: sum.copies.waiting + times * one.copies.waiting,
      fallback: sum.copies.fallback + times * one.copies.fallback,
    },
  };
}
