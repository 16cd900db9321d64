'use client';

import { Button, mergeClasses, TableCell, TableRow } from '@fluentui/react-components';
import { PanelRightContractRegular } from '@fluentui/react-icons';
import Link from 'next/link';
import { type KeyboardEvent, type MouseEvent, memo, type ReactNode } from 'react';
import type { LiveRow } from '#components/live/live-state.ts';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import { toDoCount } from '#lib/connectors/health.ts';
import { HealthMark } from './health-mark.tsx';
import { Now } from './now.tsx';
import { useColumnStyles, useLineStyles } from './table-styles.ts';
import type { Column } from './view.ts';

export interface ConnectorLineProps {
  readonly live: LiveRow;
  readonly index: number;
  /** the column at which the Tab key stops; null: at none of this row */
  readonly stop: string | null;
  readonly columns: readonly Column[];
  readonly kind: string;
  readonly open: boolean;
  readonly onOpen: (connectorId: string) => void;
}

/** A row of the Connectors tab. Many rows, of which one moves: only that one is drawn anew. */
export const ConnectorLine = memo(function ConnectorLine({
  live,
  index,
  stop,
  columns,
  kind,
  open,
  onOpen,
}: ConnectorLineProps) {
  const styles = useLineStyles();
  const widths = useColumnStyles();
  const { row } = live;
  const words = text.connectors;
  const tabIndex = (column: string): 0 | -1 => (stop === column ? 0 : -1);

  function onRowClick(event: MouseEvent): void {
    // A link in the row goes where it says.
    if (event.target instanceof Element && event.target.closest('a') !== null) return;
    onOpen(row.id);
  }

  function onRowKey(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || !(event.target instanceof Element) || event.target.closest('a') !== null) return;
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
      onClick={onRowClick}
      onKeyDown={onRowKey}
    >
      <Cell column="name" labelClassName={styles.labelOfName}>
        <Link className={styles.link} href={`/connectors/${row.id}`} prefetch={false} tabIndex={tabIndex('name')}>
          {row.name}
        </Link>
      </Cell>
      {columns.map((column) => (
        <ColumnCell key={column} column={column} live={live} kind={kind} tabIndex={tabIndex(column)} />
      ))}
      <TableCell role="gridcell" data-column="details" className={mergeClasses(styles.cell, widths.details)}>
        {/* A link, not a button: pressed before the scripts are here, it still opens the fly-out. */}
        <Button
          as="a"
          appearance="subtle"
          href={`?connector=${row.id}`}
          tabIndex={tabIndex('details')}
          onClick={onDetailsClick}
          icon={<PanelRightContractRegular />}
          aria-label={words.details(row.name)}
          aria-haspopup="dialog"
        />
      </TableCell>
    </TableRow>
  );
});

interface ColumnCellProps {
  readonly column: Column;
  readonly live: LiveRow;
  readonly kind: string;
  readonly tabIndex: 0 | -1;
}

function ColumnCell({ column, live, kind, tabIndex }: ColumnCellProps) {
  const styles = useLineStyles();
  const { row } = live;
  const words = text.connectors;
  const count = toDoCount(row.toDo);
  if (column === 'toDo' && count > 0) {
    return (
      <Cell column={column}>
        <Link className={styles.link} href={`/connectors/${row.id}/not-imported`} prefetch={false} tabIndex={tabIndex}>
          {words.toDo(count)}
        </Link>
      </Cell>
    );
  }
  const muted = (none: string) => <span className={styles.muted}>{none}</span>;
  const contents: Readonly<Record<Column, () => ReactNode>> = {
    kind: () => kind,
    health: () => <HealthMark health={row.health} />,
    now: () => <Now live={live} />,
    balanced: () => (row.balancedUpTo === null ? muted(words.notYet) : <Time value={row.balancedUpTo} />),
    toDo: () => muted(words.toDoNone),
    next: () => (row.nextImportAt === null ? muted(words.none) : <Time value={row.nextImportAt} />),
  };
  return (
    <Cell column={column} tabIndex={tabIndex}>
      {contents[column]()}
    </Cell>
  );
}

interface CellProps {
  readonly column: Column | 'name';
  readonly labelClassName?: string | undefined;
  /** of the cell itself, where it has nothing to press */
  readonly tabIndex?: 0 | -1;
  readonly children: ReactNode;
}

/** A cell that carries its column's name where there is no header above it. */
function Cell({ column, labelClassName, tabIndex, children }: CellProps) {
  const styles = useLineStyles();
  const widths = useColumnStyles();
  return (
    <TableCell
      role="gridcell"
      data-column={column}
      tabIndex={tabIndex}
      className={mergeClasses(styles.cell, widths[column])}
    >
      <span className={labelClassName ?? styles.label}>{text.connectors.columns[column]}</span>
      {children}
    </TableCell>
  );
}
