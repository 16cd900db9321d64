/** Which lines of *User coverage* somebody wants to see: the part of the page's state that is in the address. Pure. */
import { storableText } from '../archive/item.ts';
import { COVERAGE_REASONS, type CoverageReason } from './coverage-reasons.ts';

export const COVERAGE_FILTERS = ['all', 'without', 'unusable', 'unregistered', 'silent'] as const;

/**
 * - `without`: registered users whose messages go to no mailbox
 * - `unusable`: rows of the mapping whose mailbox cannot be used
 * - `unregistered`: mapped numbers that the source does not know
 * - `silent`: registered users of whom nothing was archived for so many days, or ever
 */
export type CoverageFilter = (typeof COVERAGE_FILTERS)[number];

/** Days to choose from; the address takes any number up to ten years. */
export const SILENT_DAYS = [7, 30, 90] as const;
const USUAL_DAYS = 30;
const MOST_DAYS = 3_650;
const LONGEST_SEARCH = 100;

export interface CoverageSelection {
  readonly filter: CoverageFilter;
  /** of `without` and `unusable`; null: any */
  readonly reason: CoverageReason | null;
  readonly silentDays: number;
  /** part of a name, a mailbox or a number */
  readonly search: string;
  /** the line after which a page begins; null for the first page */
  readonly after: LinePlace | null;
}

/** What lines are sorted by (a name, or a time in milliseconds since 1970), and the id that tells equal ones apart. */
export interface LinePlace {
  readonly key: string;
  readonly id: string;
}

/** @param query what stands in an address: what makes no sense is left out */
export function selectionOf(query: URLSearchParams): CoverageSelection {
  const filter = COVERAGE_FILTERS.find((one) => one === query.get('filter')) ?? 'all';
  const hasReason = filter === 'without' || filter === 'unusable';
  const days = Number(query.get('days') ?? USUAL_DAYS);
  return {
    filter,
    reason: (hasReason && COVERAGE_REASONS.find((one) => one === query.get('reason'))) || null,
    silentDays: Number.isInteger(days) && days >= 1 && days <= MOST_DAYS ? days : USUAL_DAYS,
    search: storableText((query.get('search') ?? '').trim().slice(0, LONGEST_SEARCH)),
    after: placeOf(query.get('after')),
  };
}

/** The query of a selection, `''` or `?…`; what is as usual is not written. */
export function selectionQuery({ filter, reason, silentDays, search, after }: CoverageSelection): string {
  const query = new URLSearchParams();
  if (filter !== 'all') query.set('filter', filter);
  if (reason !== null) query.set('reason', reason);
  if (silentDays !== USUAL_DAYS) query.set('days', String(silentDays));
  if (search !== '') query.set('search', search);
  if (after !== null) query.set('after', `${after.id}.${after.key}`);
  return query.size === 0 ? '' : `?${query}`;
}

function placeOf(text: string | null): LinePlace | null {
  const [, id, key] = /^(\d{1,18})\.(.*)$/s.exec(text ?? '') ?? [];
  return id === undefined || key === undefined ? null : { id, key: storableText(key) };
}
