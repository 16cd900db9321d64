'use client';

import {
  makeStyles,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  tokens,
} from '@fluentui/react-components';
import type { ReactNode } from 'react';

const NARROW = '@media (max-width: 899px)';

const useStyles = makeStyles({
  header: { [NARROW]: { display: 'none' } },
  row: {
    alignItems: 'start',
    [NARROW]: { display: 'grid', rowGap: tokens.spacingVerticalXS, padding: `${tokens.spacingVerticalM} 0` },
  },
  cell: {
    display: 'block',
    height: 'auto',
    minWidth: 0,
    paddingTop: tokens.spacingVerticalS,
    paddingBottom: tokens.spacingVerticalS,
    overflowWrap: 'anywhere',
    fontVariantNumeric: 'tabular-nums',
    [NARROW]: { padding: 0 },
  },
  label: {
    display: 'none',
    [NARROW]: { display: 'block', color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  },
});

export interface ResponsiveTableProps {
  readonly label: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly key: string; readonly cells: readonly ReactNode[] }[];
}

/** A table; where it would be too narrow, each row is a block whose cells say what they are. */
export function ResponsiveTable({ label, columns, rows }: ResponsiveTableProps) {
  const styles = useStyles();
  return (
    <Table noNativeElements aria-label={label}>
      <TableHeader className={styles.header}>
        <TableRow>
          {columns.map((column) => (
            <TableHeaderCell key={column}>{column}</TableHeaderCell>
          ))}
        </TableRow>
      </TableHeader>
      <TableBody>
        {rows.map(({ key, cells }) => (
          <TableRow key={key} className={styles.row}>
            {cells.map((cell, index) => (
              <TableCell key={columns[index]} className={styles.cell}>
                <span className={styles.label} aria-hidden>
                  {columns[index]}
                </span>
                {cell}
              </TableCell>
            ))}
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
