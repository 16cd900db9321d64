/** Which connectors the tab shows, in which order and with which columns: the part of its state that is in the URL. Pure. */
import { HEALTH_STATES, type HealthState, toDoCount } from '#lib/connectors/health.ts';
import type { ConnectorRow } from '#lib/connectors/snapshot.ts';

export const SORT_COLUMNS = ['name', 'health', 'balanced', 'toDo', 'next'] as const;
export type SortColumn = (typeof SORT_COLUMNS)[number];

/** Columns that can be taken away or added, in the order in which they stand. The name always stands first. */
export const COLUMNS = ['kind', 'health', 'now', 'balanced', 'toDo', 'next'] as const;
export type Column = (typeof COLUMNS)[number];

const USUAL_COLUMNS: readonly Column[] = ['health', 'now', 'balanced', 'toDo', 'next'];

export interface View {
  /** part of a name */
  readonly search: string;
  /** only those that need somebody */
  readonly needing: boolean;
  /** only those of this health; null: of any */
  readonly health: HealthState | null;
  /** only those of this kind (slug of the catalogue); null: of any */
  readonly kind: string | null;
  readonly sort: SortColumn;
  readonly descending: boolean;
  /** in the order of `COLUMNS` */
  readonly columns: readonly Column[];
  /** the connector whose fly-out is open */
  readonly connector: string | null;
}

const PLAIN: View = {
  search: '',
  needing: false,
  health: null,
  kind: null,
  sort: 'name',
  descending: false,
  columns: USUAL_COLUMNS,
  connector: null,
};

/** What a view is without its filters. */
export const NO_FILTER = { search: '', needing: false, health: null, kind: null } satisfies Partial<View>;

/** @param query anything that somebody typed into the address: what makes no sense is left out */
export function viewOf(query: URLSearchParams): View {
  const sort = query.get('sort');
  const health = query.get('health');
  const columns = query.get('columns')?.split(' ');
  return {
    search: query.get('search') ?? '',
    needing: query.get('needing') === '1',
    health: HEALTH_STATES.find((state) => state === health) ?? null,
    kind: query.get('kind') || null,
    sort: SORT_COLUMNS.find((column) => column === sort) ?? PLAIN.sort,
    descending: query.get('order') === 'descending',
    columns: columns === undefined ? USUAL_COLUMNS : COLUMNS.filter((column) => columns.includes(column)),
    connector: query.get('connector'),
  };
}

/** The query of a view, `''` or `?…`; what is as usual is not written. */
export function queryOf(view: View): string {
  const query = new URLSearchParams();
  if (view.search !== '') query.set('search', view.search);
  if (view.needing) query.set('needing', '1');
  if (view.health !== null) query.set('health', view.health);
  if (view.kind !== null) query.set('kind', view.kind);
  if (view.sort !== PLAIN.sort) query.set('sort', view.sort);
  if (view.descending) query.set('order', 'descending');
  if (view.columns.join(' ') !== USUAL_COLUMNS.join(' ')) query.set('columns', view.columns.join(' '));
  if (view.connector !== null) query.set('connector', view.connector);
  return query.size === 0 ? '' : `?${query}`;
}

/** The columns with one more, or one less. */
export function toggled(columns: readonly Column[], column: Column): readonly Column[] {
  return COLUMNS.filter((one) => (one === column) !== columns.includes(one));
}

/** Worst first. */
const HEALTH_ORDER: readonly HealthState[] = ['stopped', 'needs_you', 'never_run', 'balanced'];

export function needsSomebody({ health }: ConnectorRow): boolean {
  return health === 'stopped' || health === 'needs_you';
}

type Shown = Pick<View, 'search' | 'needing' | 'health' | 'kind' | 'sort' | 'descending'>;

/** The rows that the view shows, in its order. Equal ones stay by name. */
export function shown<T extends { readonly row: ConnectorRow }>(rows: readonly T[], view: Shown): readonly T[] {
  const wanted = view.search.trim().toLocaleLowerCase('en');
  return rows
    .filter(
      ({ row }) =>
        (!view.needing || needsSomebody(row)) &&
        (view.health === null || row.health === view.health) &&
        (view.kind === null || row.kind === view.kind) &&
        row.name.toLocaleLowerCase('en').includes(wanted),
    )
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
