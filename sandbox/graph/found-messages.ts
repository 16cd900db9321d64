/** Which messages a list shows, decided on rows that pass by one at a time and are not kept. */
import { isNewestFirst, ordering, type SortedMessage } from './message-order.ts';
import { messageSatisfies } from './message-search.ts';
import type { QueryOptions } from './odata/query.ts';
import type { MessageRow } from './rows.ts';

export interface FoundMessages {
  /** the messages of the page, in order */
  readonly seqs: readonly number[];
  readonly more: boolean;
  /** how many there are on all pages; no less than that only where `$count` asked */
  readonly total: number;
}

/**
 * The page that `options` ask for. `rows` come newest first; of each no more stays than its number, and what it is
 * sorted by where it is sorted otherwise.
 * @throws {GraphError} 400 for a property that Exchange does not sort by
 */
export function foundMessages(rows: Iterable<MessageRow>, options: QueryOptions, top: number): FoundMessages {
  return isNewestFirst(options.orderBy) ? inOrder(rows, options, top) : sorted(rows, options, top);
}

function inOrder(rows: Iterable<MessageRow>, { filter, skip, count }: QueryOptions, top: number): FoundMessages {
  const end = skip + top;
  const seqs: number[] = [];
  let total = 0;
  for (const row of rows) {
    if (filter && !messageSatisfies(filter, row)) continue;
    total += 1;
    if (total > skip && total <= end) seqs.push(row.seq);
    if (total > end && !count) break;
  }
  return { seqs, more: total > end, total };
}

function sorted(rows: Iterable<MessageRow>, { filter, orderBy, skip }: QueryOptions, top: number): FoundMessages {
  const order = ordering(orderBy);
  const found: SortedMessage[] = [];
  for (const row of rows) {
    if (!filter || messageSatisfies(filter, row)) found.push(order.keysOf(row));
  }
  found.sort(order.compare);
  const end = skip + top;
  return { seqs: found.slice(skip, end).map(({ seq }) => seq), more: found.length > end, total: found.length };
}
