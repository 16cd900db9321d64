/**
 * The numbers of an import and the two equations that they must satisfy. Pure.
 *
 * Each counter is one row of `import_counter` per shard, written in the transaction that makes it true. An item counts
 * once, in the first of imported, waiting, failed, unreadable, repeat that applies.
 */

/** Names of `import_counter.outcome`. */
export const OUTCOMES = [
  /** listed by the source's feed, repeats included */
  'items.listed',
  'items.pending',
  'items.imported',
  'items.waiting',
  'items.failed',
  'items.unreadable',
  'items.repeat',
  /** copies owed to a mailbox, counted when they are fanned out */
  'copies.available',
  'copies.pending',
  'copies.imported',
  'copies.partially_imported',
  'copies.skipped',
  'copies.failed',
  /** copies owed to somebody without a usable mailbox: shown beside the equation, not part of it */
  'copies.waiting',
  /** of the imported: those in the fallback mailbox, because nobody who was owed one had a mailbox; beside the equation too */
  'copies.fallback',
] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** Counted beside the outcomes: what of them somebody signed off. It stays in its outcome, and in the equations. */
export type SignedOffOutcome = `signed_off.${SignedOffKind}`;

/**
 * What is not, or not wholly, in its mailbox: copies that wait for a mapping, copies that Microsoft 365 refused for good,
 * items that cannot be understood, copies that are not there whole, copies that were imported and are not there any more,
 * and copies on their way that nobody may deliver, because Microsoft 365 lets this portal in no more, or because one user
 * is imported first. Those that are
 * missing stay *imported* in every equation, those that are stopped *pending*, and nothing counts them apart.
 */
export const UNDONE_KINDS = ['waiting', 'failed', 'unreadable', 'partial', 'missing', 'stopped'] as const;
export type UndoneKind = (typeof UNDONE_KINDS)[number];

/** As what something is signed off: what is missing was imported, and a stopped copy has failed with its sign-off. */
export type SignedOffKind = Exclude<UndoneKind, 'missing' | 'stopped'>;

export interface ItemCounts {
  readonly listed: number;
  readonly pending: number;
  readonly imported: number;
  readonly waiting: number;
  readonly failed: number;
  readonly unreadable: number;
  readonly repeat: number;
}

export interface CopyCounts {
  readonly available: number;
  readonly pending: number;
  readonly imported: number;
  readonly partiallyImported: number;
  readonly skipped: number;
  readonly failed: number;
  readonly waiting: number;
  readonly fallback: number;
}

export interface Counts {
  readonly items: ItemCounts;
  readonly copies: CopyCounts;
}

/** Builds the counts from counter rows of any number of imports and shards. Unknown outcomes are refused by type. */
export function countsOf(
  rows: Iterable<{ readonly outcome: string; readonly count: bigint | number | string }>,
): Counts {
  const sum: Record<string, number> = {};
  for (const row of rows) sum[row.outcome] = (sum[row.outcome] ?? 0) + Number(row.count);
  const of = (outcome: Outcome): number => sum[outcome] ?? 0;
  return {
    items: {
      listed: of('items.listed'),
      pending: of('items.pending'),
      imported: of('items.imported'),
      waiting: of('items.waiting'),
      failed: of('items.failed'),
      unreadable: of('items.unreadable'),
      repeat: of('items.repeat'),
    },
    copies: {
      available: of('copies.available'),
      pending: of('copies.pending'),
      imported: of('copies.imported'),
      partiallyImported: of('copies.partially_imported'),
      skipped: of('copies.skipped'),
      failed: of('copies.failed'),
      waiting: of('copies.waiting'),
      fallback: of('copies.fallback'),
    },
  };
}

/** Items listed that are in none of the outcomes. Zero while an import runs and after it; anything else is an alert. */
export function itemsUnaccounted({ items }: Counts): number {
  return (
    items.listed - items.pending - (items.imported + items.waiting + items.failed + items.unreadable + items.repeat)
  );
}

/** Copies available that are in none of the outcomes. */
export function copiesUnaccounted({ copies }: Counts): number {
  return (
    copies.available - copies.pending - (copies.imported + copies.partiallyImported + copies.skipped + copies.failed)
  );
}

/** Both equations hold and nothing is under way. */
export function balances(counts: Counts): boolean {
  return (
    counts.items.pending === 0 &&
    counts.copies.pending === 0 &&
    itemsUnaccounted(counts) === 0 &&
    copiesUnaccounted(counts) === 0
  );
}
