'use client';

import { makeStyles, Table, TableHeader, TableHeaderCell, TableRow, tokens } from '@fluentui/react-components';
import { useEffect, useMemo, useRef } from 'react';
import { VisuallyHidden } from '#components/frame/visually-hidden.tsx';
import type { LiveRow } from '#components/live/live-state.ts';
import * as text from '#components/text/text.ts';
import { ConnectorLine } from './connector-line.tsx';
import { type RowsHandle, RowsInView } from './rows-in-view.tsx';
import { useColumnStyles } from './table-styles.ts';
import { HEADER, useGridFocus } from './use-grid-focus.ts';
import { NARROW, useNarrow } from './use-narrow.ts';
import { SORT_COLUMNS, type SortColumn, type View } from './view.ts';

const useStyles = makeStyles({
  table: { tableLayout: 'auto' },
  header: { [NARROW]: { display: 'none' } },
  // Below a card, and a part of its height.
  place: { [NARROW]: { paddingBottom: tokens.spacingVerticalM } },
});

/** Pixels of one line of the wide grid, with its paddings and border. */
const LINE = 49;
/** Pixels of a card without columns (name, paddings, border, room below), of a column, and of what *Now* has below its label. */
const CARD = 62;
const CARD_COLUMN = 28;
const CARD_NOW = 20;

export interface ConnectorsTableProps {
  readonly rows: readonly LiveRow[];
  readonly view: Pick<View, 'sort' | 'descending' | 'columns' | 'connector'>;
  /** names of the kinds, by slug */
  readonly kinds: Readonly<Record<string, string>>;
  readonly onSort: (column: SortColumn) => void;
  readonly onOpen: (connectorId: string) => void;
}

/**
 * The connectors as a grid of which the rows in view are drawn; as cards where it is narrow. One stop for the Tab key: arrow
 * keys go from cell to cell, Enter follows a link, sorts, or opens the fly-out.
 */
export function ConnectorsTable({ rows, view, kinds, onSort, onOpen }: ConnectorsTableProps) {
  const styles = useStyles();
  const grid = useRef<HTMLDivElement>(null);
  const drawn = useRef<RowsHandle>(null);
  const narrow = useNarrow();
  const columns = useMemo(() => ['name', ...view.columns, 'details'] as const, [view.columns]);
  const keys = useMemo(() => rows.map(idOf), [rows]);
  const { current, focus, handlers } = useGridFocus({
    grid,
    rows: keys,
    columns,
    scrollTo: (index) => drawn.current?.scrollTo(index),
  });
  useFocusBack(view.connector, (row) => focus(current?.row === row ? current : { row, column: 'name' }));

  // Cards have no header to be at.
  const at = current !== null && (current.row === HEADER ? !narrow : keys.includes(current.row)) ? current : null;
  const stopIn = (row: string, first: boolean): string | null => {
    if (at === null) return first ? 'name' : null;
    if (at.row !== row) return null;
    return columns.some((column) => column === at.column) ? at.column : 'name';
  };
  const card = CARD + view.columns.length * CARD_COLUMN + (view.columns.includes('now') ? CARD_NOW : 0);
  // The header is a row, too. Which row is where is told, since most are not in the page.
  return (
    <Table
      ref={grid}
      role="grid"
      noNativeElements
      sortable
      aria-readonly
      aria-label={text.connectors.label}
      aria-rowcount={rows.length + 1}
      className={styles.table}
      {...handlers}
    >
      <TableHeader className={styles.header}>
        <TableRow aria-rowindex={1} data-row={HEADER}>
          {columns.map((column) => (
            <Head key={column} column={column} view={view} stop={stopIn(HEADER, false) === column} onSort={onSort} />
          ))}
        </TableRow>
      </TableHeader>
      <RowsInView
        handle={drawn}
        rows={rows}
        keyOf={idOf}
        usualHeight={narrow ? card : LINE}
        kept={at?.row ?? null}
        placeClassName={styles.place}
      >
        {(live, index, first) => (
          <ConnectorLine
            live={live}
            index={index}
            stop={stopIn(live.row.id, first)}
            columns={view.columns}
            kind={kinds[live.row.kind] ?? live.row.kind}
            open={view.connector === live.row.id}
            onOpen={onOpen}
          />
        )}
      </RowsInView>
    </Table>
  );
}

const idOf = ({ row }: LiveRow): string => row.id;

interface HeadProps {
  readonly column: keyof typeof text.connectors.columns;
  readonly view: Pick<View, 'sort' | 'descending'>;
  readonly stop: boolean;
  readonly onSort: (column: SortColumn) => void;
}

function Head({ column, view, stop, onSort }: HeadProps) {
  const styles = useColumnStyles();
  const tabIndex = stop ? 0 : -1;
  const label = text.connectors.columns[column];
  const sort = SORT_COLUMNS.find((one) => one === column);
  if (sort === undefined) {
    return (
      <TableHeaderCell sortable={false} data-column={column} tabIndex={tabIndex} className={styles[column]}>
        {column === 'details' ? <VisuallyHidden>{label}</VisuallyHidden> : label}
      </TableHeaderCell>
    );
  }
  return (
    <TableHeaderCell
      data-column={column}
      className={styles[column]}
      button={{ tabIndex }}
      sortDirection={view.sort === sort ? (view.descending ? 'descending' : 'ascending') : undefined}
      onClick={() => onSort(sort)}
    >
      {label}
    </TableHeaderCell>
  );
}

/** Who closes a fly-out is where they opened it. */
function useFocusBack(open: string | null, focus: (row: string) => void): void {
  const before = useRef(open);
  useEffect(() => {
    const closed = open === null ? before.current : null;
    before.current = open;
    if (closed !== null) focus(closed);
  });
}
