'use client';

import {
  Button,
  makeStyles,
  mergeClasses,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  tokens,
  useRestoreFocusTarget,
} from '@fluentui/react-components';
import { PanelRightContractRegular } from '@fluentui/react-icons';
import Link from 'next/link';
import { type MouseEvent, memo, type ReactNode } from 'react';
import type { LiveRow } from '#components/live/live-state.ts';
import { text } from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import { toDoCount } from '#lib/connectors/health.ts';
import { HealthMark } from './health-mark.tsx';
import { Now } from './now.tsx';
import type { SortColumn, View } from './view.ts';

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
    [NARROW]: {
      display: 'grid',
      alignContent: 'start',
      rowGap: tokens.spacingVerticalXS,
      padding: tokens.spacingVerticalM,
      marginBottom: tokens.spacingVerticalM,
      border: `1px solid ${tokens.colorNeutralStroke2}`,
      borderRadius: tokens.borderRadiusLarge,
      position: 'relative',
    },
  },
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
  readonly view: View;
  readonly onSort: (column: SortColumn) => void;
  readonly onOpen: (connectorId: string) => void;
}

/** The connectors as a table; as cards where it is narrow. */
export function ConnectorsTable({ rows, view, onSort, onOpen }: ConnectorsTableProps) {
  const styles = useStyles();
  const words = text.connectors.columns;
  const sortable = (column: SortColumn, className: string | undefined) => ({
    className,
    sortDirection:
      view.sort === column ? (view.descending ? ('descending' as const) : ('ascending' as const)) : undefined,
    onClick: () => onSort(column),
  });
  return (
    <Table noNativeElements sortable aria-label={text.connectors.label} className={styles.table}>
      <TableHeader className={styles.header}>
        <TableRow>
          <TableHeaderCell {...sortable('name', styles.name)}>{words.name}</TableHeaderCell>
          <TableHeaderCell {...sortable('health', styles.healthColumn)}>{words.health}</TableHeaderCell>
          <TableHeaderCell sortable={false} className={styles.now}>
            {words.now}
          </TableHeaderCell>
          <TableHeaderCell {...sortable('balanced', styles.timeColumn)}>{words.balanced}</TableHeaderCell>
          <TableHeaderCell {...sortable('toDo', styles.toDoColumn)}>{words.toDo}</TableHeaderCell>
          <TableHeaderCell {...sortable('next', styles.timeColumn)}>{words.next}</TableHeaderCell>
          <TableHeaderCell sortable={false} className={styles.details}>
            <span className={styles.hiddenText}>{words.details}</span>
          </TableHeaderCell>
        </TableRow>
      </TableHeader>
      <TableBody>
        {rows.map((live) => (
          <ConnectorLine key={live.row.id} live={live} open={view.connector === live.row.id} onOpen={onOpen} />
        ))}
      </TableBody>
    </Table>
  );
}

interface ConnectorLineProps {
  readonly live: LiveRow;
  readonly open: boolean;
  readonly onOpen: (connectorId: string) => void;
}

// A thousand rows, of which one moves: only that one is drawn anew.
const ConnectorLine = memo(function ConnectorLine({ live, open, onOpen }: ConnectorLineProps) {
  const styles = useStyles();
  const focusComesBack = useRestoreFocusTarget();
  const { row } = live;
  const words = text.connectors;
  const count = toDoCount(row.toDo);
  const href = `/connectors/${row.id}`;

  function onRowClick(event: MouseEvent): void {
    // A link in the row goes where it says.
    if (event.target instanceof Element && event.target.closest('a') !== null) return;
    onOpen(row.id);
  }

  function onDetailsClick(event: MouseEvent): void {
    // With a modifier it is an ordinary link: a new tab opens with the fly-out.
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    onOpen(row.id);
  }

  return (
    <TableRow className={mergeClasses(styles.row, open && styles.open)} onClick={onRowClick}>
      <Cell label={words.columns.name} className={styles.name} labelClassName={styles.labelOfName}>
        <Link className={styles.link} href={href}>
          {row.name}
        </Link>
      </Cell>
      <Cell label={words.columns.health} className={styles.healthColumn}>
        <HealthMark health={row.health} />
      </Cell>
      <Cell label={words.columns.now} className={styles.now}>
        <Now live={live} />
      </Cell>
      <Cell label={words.columns.balanced} className={styles.timeColumn}>
        {row.balancedUpTo === null ? (
          <span className={styles.muted}>{words.notYet}</span>
        ) : (
          <Time value={row.balancedUpTo} />
        )}
      </Cell>
      <Cell label={words.columns.toDo} className={styles.toDoColumn}>
        {count === 0 ? (
          <span className={styles.muted}>{words.toDoNone}</span>
        ) : (
          <Link className={styles.link} href={`${href}/not-imported`}>
            {words.toDo(count)}
          </Link>
        )}
      </Cell>
      <Cell label={words.columns.next} className={styles.timeColumn}>
        {row.nextImportAt === null ? (
          <span className={styles.muted}>{words.none}</span>
        ) : (
          <Time value={row.nextImportAt} />
        )}
      </Cell>
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
