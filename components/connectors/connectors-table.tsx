'use client';

import {
  Button,
  makeStyles,
  mergeClasses,
  Table,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  tokens,
  useRestoreFocusTarget,
} from '@fluentui/react-components';
import { PanelRightContractRegular } from '@fluentui/react-icons';
import Link from 'next/link';
import { type KeyboardEvent, type MouseEvent, memo, type ReactNode } from 'react';
import type { LiveRow } from '#components/live/live-state.ts';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import { toDoCount } from '#lib/connectors/health.ts';
import { HealthMark } from './health-mark.tsx';
import { Now } from './now.tsx';
import { RowsInView } from './rows-in-view.tsx';
import type { Column, SortColumn, View } from './view.ts';

/** Below this width every row is a card: the same table to a screen reader, another shape to the eye. */
export const NARROW = '@media (max-width: 859px)';

const useStyles = makeStyles({
  table: { tableLayout: 'auto' },
  header: { [NARROW]: { display: 'none' } },
  row: {
    cursor: 'pointer',
    // A bar instead of a shade: links keep their contrast in every theme.
    ':hover': { backgroundColor: 'transparent', boxShadow: `inset 3px 0 0 ${tokens.colorNeutralStrokeAccessible}` },
    ':active': { backgroundColor: 'transparent' },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '-2px' },
    [NARROW]: {
      display: 'grid',
      alignContent: 'start',
      rowGap: tokens.spacingVerticalXS,
      padding: tokens.spacingVerticalM,
      border: `1px solid ${tokens.colorNeutralStroke2}`,
      borderRadius: tokens.borderRadiusLarge,
      position: 'relative',
    },
  },
  // Below a card, and a part of its height.
  place: { [NARROW]: { paddingBottom: tokens.spacingVerticalM } },
  open: { boxShadow: `inset 3px 0 0 ${tokens.colorCompoundBrandStroke}` },
  cell: {
    paddingTop: tokens.spacingVerticalS,
    paddingBottom: tokens.spacingVerticalS,
    height: 'auto',
    overflowWrap: 'anywhere',
    [NARROW]: {
      display: 'flex',
      columnGap: tokens.spacingHorizontalM,
      padding: 0,
      minHeight: '24px',
      justifyContent: 'space-between',
    },
  },
  name: { flex: '2 1 0', [NARROW]: { paddingRight: '40px' } },
  now: { flex: '3 1 0', [NARROW]: { flexDirection: 'column', alignItems: 'stretch' } },
  kindColumn: { flex: '1.5 1 0' },
  healthColumn: { flex: '1.2 1 0' },
  timeColumn: { flex: '0 0 176px' },
  toDoColumn: { flex: '1 1 0' },
  details: {
    flex: '0 0 48px',
    [NARROW]: { position: 'absolute', top: tokens.spacingVerticalS, right: tokens.spacingHorizontalS },
  },
  label: { display: 'none', [NARROW]: { display: 'inline', color: tokens.colorNeutralForeground3 } },
  labelOfName: { [NARROW]: { display: 'none' } },
  link: {
    color: tokens.colorBrandForegroundLink,
    fontWeight: tokens.fontWeightSemibold,
    textDecorationLine: 'none',
    ':hover': { textDecorationLine: 'underline' },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, borderRadius: tokens.borderRadiusSmall },
  },
  hiddenText: { position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' },
  muted: { color: tokens.colorNeutralForeground3 },
});

export interface ConnectorsTableProps {
  readonly rows: readonly LiveRow[];
  readonly view: Pick<View, 'sort' | 'descending' | 'columns' | 'connector'>;
  /** names of the kinds, by slug */
  readonly kinds: Readonly<Record<string, string>>;
  readonly onSort: (column: SortColumn) => void;
  readonly onOpen: (connectorId: string) => void;
}

/** The connectors as a table of which the rows in view are drawn; as cards where it is narrow. */
export function ConnectorsTable({ rows, view, kinds, onSort, onOpen }: ConnectorsTableProps) {
  const styles = useStyles();
  const words = text.connectors.columns;
  const sortable = (column: SortColumn, className: string | undefined) => ({
    className,
    sortDirection:
      view.sort === column ? (view.descending ? ('descending' as const) : ('ascending' as const)) : undefined,
    onClick: () => onSort(column),
  });
  const headers: Readonly<Record<Column, ReactNode>> = {
    kind: (
      <TableHeaderCell key="kind" sortable={false} className={styles.kindColumn}>
        {words.kind}
      </TableHeaderCell>
    ),
    health: (
      <TableHeaderCell key="health" {...sortable('health', styles.healthColumn)}>
        {words.health}
      </TableHeaderCell>
    ),
    now: (
      <TableHeaderCell key="now" sortable={false} className={styles.now}>
        {words.now}
      </TableHeaderCell>
    ),
    balanced: (
      <TableHeaderCell key="balanced" {...sortable('balanced', styles.timeColumn)}>
        {words.balanced}
      </TableHeaderCell>
    ),
    toDo: (
      <TableHeaderCell key="toDo" {...sortable('toDo', styles.toDoColumn)}>
        {words.toDo}
      </TableHeaderCell>
    ),
    next: (
      <TableHeaderCell key="next" {...sortable('next', styles.timeColumn)}>
        {words.next}
      </TableHeaderCell>
    ),
  };
  // The header is a row, too. Which row is where is told, since most are not in the page.
  return (
    <Table
      noNativeElements
      sortable
      aria-label={text.connectors.label}
      aria-rowcount={rows.length + 1}
      className={styles.table}
    >
      <TableHeader className={styles.header}>
        <TableRow aria-rowindex={1}>
          <TableHeaderCell {...sortable('name', styles.name)}>{words.name}</TableHeaderCell>
          {view.columns.map((column) => headers[column])}
          <TableHeaderCell sortable={false} className={styles.details}>
            <span className={styles.hiddenText}>{words.details}</span>
          </TableHeaderCell>
        </TableRow>
      </TableHeader>
      <RowsInView rows={rows} keyOf={idOf} placeClassName={styles.place}>
        {(live, index, tabIndex) => (
          <ConnectorLine
            live={live}
            index={index}
            tabIndex={tabIndex}
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

interface ConnectorLineProps {
  readonly live: LiveRow;
  readonly index: number;
  readonly tabIndex: 0 | -1;
  readonly columns: readonly Column[];
  readonly kind: string;
  readonly open: boolean;
  readonly onOpen: (connectorId: string) => void;
}

// Many rows, of which one moves: only that one is drawn anew.
const ConnectorLine = memo(function ConnectorLine({
  live,
  index,
  tabIndex,
  columns,
  kind,
  open,
  onOpen,
}: ConnectorLineProps) {
  const styles = useStyles();
  const focusComesBack = useRestoreFocusTarget();
  const { row } = live;
  const words = text.connectors;
  const href = `/connectors/${row.id}`;

  function onRowClick(event: MouseEvent): void {
    // A link in the row goes where it says.
    if (event.target instanceof Element && event.target.closest('a') !== null) return;
    onOpen(row.id);
  }

  function onRowKey(event: KeyboardEvent): void {
    if (event.target !== event.currentTarget || event.key !== 'Enter') return;
    event.preventDefault();
    onOpen(row.id);
  }

  function onDetailsClick(event: MouseEvent): void {
    // With a modifier it is an ordinary link: a new tab opens with the fly-out.
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    onOpen(row.id);
  }

  return (
    <TableRow
      className={mergeClasses(styles.row, open && styles.open)}
      aria-rowindex={index + 2}
      data-row={row.id}
      tabIndex={tabIndex}
      onClick={onRowClick}
      onKeyDown={onRowKey}
      {...focusComesBack}
    >
      <Cell label={words.columns.name} className={styles.name} labelClassName={styles.labelOfName}>
        <Link className={styles.link} href={href} prefetch={false}>
          {row.name}
        </Link>
      </Cell>
      {columns.map((column) => (
        <ColumnCell key={column} column={column} live={live} kind={kind} />
      ))}
      <TableCell className={mergeClasses(styles.cell, styles.details)}>
        {/* A link, not a button: pressed before the scripts are here, it still opens the fly-out. */}
        <Button
          as="a"
          appearance="subtle"
          href={`?connector=${row.id}`}
          onClick={onDetailsClick}
          icon={<PanelRightContractRegular />}
          aria-label={words.details(row.name)}
          aria-haspopup="dialog"
          {...focusComesBack}
        />
      </TableCell>
    </TableRow>
  );
});

interface ColumnCellProps {
  readonly column: Column;
  readonly live: LiveRow;
  readonly kind: string;
}

function ColumnCell({ column, live, kind }: ColumnCellProps) {
  const styles = useStyles();
  const { row } = live;
  const words = text.connectors;
  const time = (value: string | null, none: string) =>
    value === null ? <span className={styles.muted}>{none}</span> : <Time value={value} />;
  const label = words.columns[column];
  switch (column) {
    case 'kind':
      return (
        <Cell label={label} className={styles.kindColumn}>
          {kind}
        </Cell>
      );
    case 'health':
      return (
        <Cell label={label} className={styles.healthColumn}>
          <HealthMark health={row.health} />
        </Cell>
      );
    case 'now':
      return (
        <Cell label={label} className={styles.now}>
          <Now live={live} />
        </Cell>
      );
    case 'balanced':
      return (
        <Cell label={label} className={styles.timeColumn}>
          {time(row.balancedUpTo, words.notYet)}
        </Cell>
      );
    case 'next':
      return (
        <Cell label={label} className={styles.timeColumn}>
          {time(row.nextImportAt, words.none)}
        </Cell>
      );
    case 'toDo': {
      const count = toDoCount(row.toDo);
      return (
        <Cell label={label} className={styles.toDoColumn}>
          {count === 0 ? (
            <span className={styles.muted}>{words.toDoNone}</span>
          ) : (
            <Link className={styles.link} href={`/connectors/${row.id}/not-imported`} prefetch={false}>
              {words.toDo(count)}
            </Link>
          )}
        </Cell>
      );
    }
  }
}

interface CellProps {
  readonly label: string;
  readonly className?: string | undefined;
  readonly labelClassName?: string | undefined;
  readonly children: ReactNode;
}

/** A cell that carries its column's name where there is no header above it. */
function Cell({ label, className, labelClassName, children }: CellProps) {
  const styles = useStyles();
  return (
    <TableCell className={mergeClasses(styles.cell, className)}>
      <span className={mergeClasses(styles.label, labelClassName)} aria-hidden>
        {label}
      </span>
      {children}
    </TableCell>
  );
}
