/** Query options over a list that is held whole: folders of a parent, attachments of a message. */
import { plainSubject, satisfies } from './evaluate.ts';
import type { QueryOptions } from './query.ts';

type Item = Readonly<Record<string, unknown>>;

export interface Page<Value> {
  readonly items: readonly Value[];
  readonly total: number;
  /** where the next page begins; undefined at the end */
  readonly next: number | undefined;
}

/** The page that `options` ask for; `pageSize` where they do not say how many. `checkOptions` has seen them before. */
export function page<Value extends Item>(
  items: readonly Value[],
  options: QueryOptions,
  pageSize: number,
): Page<Value> {
  const { filter, orderBy, skip } = options;
  const found = items.filter((item) => filter === undefined || satisfies(filter, plainSubject(item)));
  if (orderBy.length > 0) found.sort((left, right) => order(left, right, orderBy));
  const end = skip + (options.top ?? pageSize);
  return { items: found.slice(skip, end), total: found.length, next: end < found.length ? end : undefined };
}

function order(left: Item, right: Item, orderBy: QueryOptions['orderBy']): number {
  for (const { path, descending } of orderBy) {
    const [one, other] = [sortKey(left, path), sortKey(right, path)];
    if (one !== other) return one < other === descending ? 1 : -1;
  }
  return 0;
}

function sortKey(item: Item, path: string): string | number {
  const value = plainSubject(item).read(path);
  return typeof value === 'number' ? value : String(value ?? '').toLowerCase();
}
