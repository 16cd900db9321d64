/** Which connectors the tab shows and in which order: the part of its state that is in the URL. Pure. */
import type { HealthState } from '#lib/connectors/health.ts';
import { toDoCount } from '#lib/connectors/health.ts';
import type { ConnectorRow } from '#lib/connectors/snapshot.ts';

export const SORT_COLUMNS = ['name', 'health', 'balanced', 'toDo', 'next'] as const;
export type SortColumn = (typeof SORT_COLUMNS)[number];

export interface View {
  /** part of a name */
  readonly search: string;
  /** only those that need somebody */
  readonly needing: boolean;
  readonly sort: SortColumn;
  readonly descending: boolean;
  /** the connector whose fly-out is open */
  readonly connector: string | null;
}

const PLAIN: View = { search: '', needing: false, sort: 'name', descending: false, connector: null };

/** @param query anything that somebody typed into the address: what makes no sense is left out */
export function viewOf(query: URLSearchParams): View {
  const sort = query.get('sort');
  return {
    search: query.get('search') ?? '',
    needing: query.get('needing') === '1',
    sort: SORT_COLUMNS.find((column) => column === sort) ?? PLAIN.sort,
    descending: query.get('order') === 'descending',
    connector: query.get('connector'),
  };
}

/** The query of a view, `''` or `?…`; what is as usual is not written. */
export function queryOf(view: View): string {
  const query = new URLSearchParams();
  if (view.search !== '') query.set('search', view.search);
  if (view.needing) query.set('needing', '1');
  if (view.sort !== PLAIN.sort) query.set('sort', view.sort);
  if (view.descending) query.set('order', 'descending');
  if (view.connector !== null) query.set('connector', view.connector);
  return query.size === 0 ? '' : `?${query}`;
}

/** Worst first. */
const HEALTH_ORDER: readonly HealthState[] = ['stopped', 'needs_you', 'never_run', 'balanced'];

export function needsSomebody({ health }: ConnectorRow): boolean {
  return health === 'stopped' || health === 'needs_you';
}

/** The rows that the view shows, in its order. Equal ones stay by name. */
export function shown<T extends { readonly row: ConnectorRow }>(rows: readonly T[], view: View): readonly T[] {
  const wanted = view.search.trim().toLocaleLowerCase('en');
  return rows
    .filter(({ row }) => (!view.needing || needsSomebody(row)) && row.name.toLocaleLowerCase('en').includes(wanted))
    .sort((a, b) => (view.descending ? -1 : 1) * compare(a.row, b.row, view.sort) || byName(a.row, b.row));
}

function compare(a: ConnectorRow, b: ConnectorRow, sort: SortColumn): number {
  switch (sort) {
    case 'name':
      return byName(a, b);
    case 'health':
      return HEALTH_ORDER.indexOf(a.health) - HEALTH_ORDER.indexOf(b.health);
    case 'balanced':
      return byTime(a.balancedUpTo, b.balancedUpTo);
    case 'toDo':
      return toDoCount(a.toDo) - toDoCount(b.toDo);
    case 'next':
      return byTime(a.nextImportAt, b.nextImportAt);
  }
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function byName(a: ConnectorRow, b: ConnectorRow): number {
  return collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1);
}

/** ISO times sort as text; no time at all comes first. */
function byTime(a: string | null, b: string | null): number {
  const [left, right] = [a ?? '', b ?? ''];
  return left === right ? 0 : left < right ? -1 : 1;
}
