'use client';

import {
  makeStyles,
  mergeClasses,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  tokens,
} from '@fluentui/react-components';
import type { ReactNode } from 'react';

const NARROW = '@media (max-width: 1099px)';
/** Narrow, and yet a label has room beside what it names. */
const BESIDE = '@media (min-width: 480px) and (max-width: 1099px)';

const useStyles = makeStyles({
  header: { [NARROW]: { display: 'none' } },
  row: {
    alignItems: 'start',
    [NARROW]: {
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      rowGap: tokens.spacingVerticalS,
      padding: tokens.spacingVerticalM,
      marginBottom: tokens.spacingVerticalM,
      border: `1px solid ${tokens.colorNeutralStroke2}`,
      borderRadius: tokens.borderRadiusLarge,
    },
  },
  cell: {
    display: 'block',
    height: 'auto',
    minWidth: 0,
    paddingTop: tokens.spacingVerticalS,
    paddingBottom: tokens.spacingVerticalS,
    fontVariantNumeric: 'tabular-nums',
    overflowWrap: 'anywhere',
    [NARROW]: { padding: 0 },
    [BESIDE]: {
      display: 'grid',
      gridTemplateColumns: '144px minmax(0, 1fr)',
      columnGap: tokens.spacingHorizontalM,
      alignItems: 'baseline',
      minHeight: 0,
    },
  },
  content: { minWidth: 0 },
  small: { flex: '0 0 96px' },
  medium: { flex: '0 0 136px' },
  /** a telephone number */
  number: { flex: '0 0 144px' },
  time: { flex: '0 0 168px' },
  wide: { flex: '1 1 0' },
  label: {
    display: 'none',
    [NARROW]: { display: 'block', color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  },
});

export interface CardColumn {
  readonly label: string;
  readonly width: 'small' | 'medium' | 'number' | 'time' | 'wide';
}

interface CardTableProps {
  readonly label: string;
  readonly columns: readonly CardColumn[];
  /** `CardRow`s */
  readonly children: ReactNode;
}

/** A table whose rows are cards where it is narrow: the same table to a screen reader, another shape to the eye. */
export function CardTable({ label, columns, children }: CardTableProps) {
  const styles = useStyles();
  return (
    <Table noNativeElements aria-label={label}>
      <TableHeader className={styles.header}>
        <TableRow>
          {columns.map((column) => (
            <TableHeaderCell key={column.label} className={styles[column.width]}>
              {column.label}
            </TableHeaderCell>
          ))}
        </TableRow>
      </TableHeader>
      <TableBody>{children}</TableBody>
    </Table>
  );
}

export function CardRow({ children }: { readonly children: ReactNode }) {
  return <TableRow className={useStyles().row}>{children}</TableRow>;
}

interface CardCellProps {
  readonly column: CardColumn;
  readonly children: ReactNode;
}

export function CardCell({ column, children }: CardCellProps) {
  const styles = useStyles();
  return (
    <TableCell className={mergeClasses(styles.cell, styles[column.width])}>
      <span className={styles.label} aria-hidden>
        {column.label}
      </span>
      <div className={styles.content}>{children}</div>
    </TableCell>
  );
}
