/**
 * The two equations in words, for pages and logs. Pure. The numbers are `Counts`; that they add up is checked by
 * `counts.ts`, and a difference is said, never rounded away.
 */
import { type Counts, copiesUnaccounted, itemsUnaccounted } from '#lib/imports/counts.ts';

export interface Balance {
  /** "10,412 from source = 10,380 imported + 25 waiting for mapping + 4 unreadable + 3 repeats." */
  readonly equation: string;
  /** "Balances.", "4 items unaccounted for.", or "Still running." */
  readonly verdict: string;
  readonly state: 'balances' | 'running' | 'differs';
}

const number = new Intl.NumberFormat('en-US');

/** [count, word for one, word for many]; zero terms are left out, except the first. */
type Term = readonly [count: number, one: string, many: string];

function termsOf(terms: readonly Term[]): string {
  return terms
    .filter(([count], index) => index === 0 || count !== 0)
    .map(([count, one, many]) => `${number.format(count)} ${count === 1 ? one : many}`)
    .join(' + ');
}

function verdictOf(
  pending: number,
  unaccounted: number,
  one: string,
  many: string,
): Pick<Balance, 'verdict' | 'state'> {
  if (unaccounted > 0) {
    return {
      verdict: `${number.format(unaccounted)} ${unaccounted === 1 ? one : many} unaccounted for.`,
      state: 'differs',
    };
  }
  if (unaccounted < 0) {
    return {
      verdict: `${number.format(-unaccounted)} more ${unaccounted === -1 ? one : many} than available.`,
      state: 'differs',
    };
  }
  return pending > 0 ? { verdict: 'Still running.', state: 'running' } : { verdict: 'Balances.', state: 'balances' };
}

/** Items: available from source = imported + waiting for mapping + failed + unreadable + repeats (+ under way). */
export function itemBalance(counts: Counts): Balance {
  const { items } = counts;
  const sum = termsOf([
    [items.imported, 'imported', 'imported'],
    [items.waiting, 'waiting for mapping', 'waiting for mapping'],
    [items.failed, 'failed', 'failed'],
    [items.unreadable, 'unreadable', 'unreadable'],
    [items.repeat, 'repeat', 'repeats'],
    [items.pending, 'under way', 'under way'],
  ]);
  return {
    equation: `${number.format(items.listed)} from source = ${sum}.`,
    ...verdictOf(items.pending, itemsUnaccounted(counts), 'item', 'items'),
  };
}

/** Copies: available for import = imported + partially imported + skipped + failed (+ under way). */
export function copyBalance(counts: Counts): Balance {
  const { copies } = counts;
  const sum = termsOf([
    [copies.imported, 'imported', 'imported'],
    [copies.partiallyImported, 'partially imported', 'partially imported'],
    [copies.skipped, 'skipped', 'skipped'],
    [copies.failed, 'failed', 'failed'],
    [copies.pending, 'under way', 'under way'],
  ]);
  const beside =
    copies.waiting === 0
      ? ''
      : ` Beside these, ${copies.waiting === 1 ? '1 waits' : `${number.format(copies.waiting)} wait`} for mapping.`;
  return {
    equation: `${number.format(copies.available)} copies available for import = ${sum}.${beside}`,
    ...verdictOf(copies.pending, copiesUnaccounted(counts), 'copy', 'copies'),
  };
}
