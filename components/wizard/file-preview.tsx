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
import { memo } from 'react';
import { ScrollArea } from '#components/frame/scroll-area.tsx';
import * as text from '#components/text/text.ts';
import type { RowError } from '#lib/mapping/mapping-file.ts';
import { columnName, rowErrorReason } from '#lib/mapping/words.ts';

const words = text.wizard.mapping;
const NARROW = '@media (max-width: 479px)';

const useStyles = makeStyles({
  caption: {
    margin: `0 0 ${tokens.spacingVerticalXS}`,
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
  },
  // Three columns, and what needs the most room on a line of its own.
  row: {
    [NARROW]: {
      display: 'grid',
      gridTemplateColumns: '32px 128px minmax(0, 1fr)',
      columnGap: tokens.spacingHorizontalS,
      paddingTop: tokens.spacingVerticalXS,
      paddingBottom: tokens.spacingVerticalXS,
    },
  },
  cell: {
    height: 'auto',
    minHeight: '34px',
    minWidth: 0,
    overflowWrap: 'anywhere',
    [NARROW]: { minHeight: '24px', padding: 0 },
  },
  head: { [NARROW]: { padding: 0 } },
  number: { flex: '0 0 64px' },
  column: { flex: '0 0 144px' },
  wide: { flex: '2 1 0', [NARROW]: { gridColumn: '2 / -1' } },
  value: { overflowWrap: 'anywhere', fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
});

export interface FileErrorsProps {
  readonly errors: readonly RowError[];
  readonly all: number;
}

/** The first wrong rows by row, column, value and reason. The whole list is a download. Nothing for none. */
export function FileErrors({ errors, all }: FileErrorsProps) {
  const styles = useStyles();
  if (errors.length === 0) return null;
  return (
    <ScrollArea label={words.errorTable}>
      {all > errors.length ? <p className={styles.caption}>{words.firstErrors(errors.length)}</p> : null}
      <ErrorTable errors={errors} />
    </ScrollArea>
  );
}

// Both tables are drawn when they have grown, not ten times a second with the count above them.
const ErrorTable = memo(function ErrorTable({ errors }: Pick<FileErrorsProps, 'errors'>) {
  const styles = useStyles();
  return (
    <Table noNativeElements size="small" aria-label={words.errorTable}>
      <TableHeader>
        <TableRow className={styles.row}>
          <TableHeaderCell className={mergeClasses(styles.head, styles.number)}>
            {words.errorColumns.row}
          </TableHeaderCell>
          <TableHeaderCell className={mergeClasses(styles.head, styles.column)}>
            {words.errorColumns.column}
          </TableHeaderCell>
          <TableHeaderCell className={styles.head}>{words.errorColumns.value}</TableHeaderCell>
          <TableHeaderCell className={mergeClasses(styles.head, styles.wide)}>
            {words.errorColumns.reason}
          </TableHeaderCell>
        </TableRow>
      </TableHeader>
      <TableBody>
        {errors.map((error) => (
          <TableRow className={styles.row} key={`${error.row} ${error.column} ${error.problem}`}>
            <TableCell className={mergeClasses(styles.cell, styles.number)}>{error.row}</TableCell>
            <TableCell className={mergeClasses(styles.cell, styles.column)}>{columnName(error.column)}</TableCell>
            <TableCell className={mergeClasses(styles.cell, styles.value)}>{error.value}</TableCell>
            <TableCell className={mergeClasses(styles.cell, styles.wide)}>{rowErrorReason(error)}</TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
});

export interface FilePreviewProps {
  readonly rows: readonly { readonly row: number; readonly number: string; readonly mailbox: string }[];
  readonly all: number;
}

/** The first good rows, as they were understood. Nothing for none. */
export function FilePreview({ rows, all }: FilePreviewProps) {
  const styles = useStyles();
  if (rows.length === 0) return null;
  return (
    <ScrollArea label={words.preview}>
      <p className={styles.caption}>
        {words.rowsGood(all)} {words.preview}:
      </p>
      <PreviewTable rows={rows} />
    </ScrollArea>
  );
}

const PreviewTable = memo(function PreviewTable({ rows }: Pick<FilePreviewProps, 'rows'>) {
  const styles = useStyles();
  return (
    <Table noNativeElements size="small" aria-label={words.preview}>
      <TableHeader>
        <TableRow className={styles.row}>
          <TableHeaderCell className={mergeClasses(styles.head, styles.number)}>
            {words.previewColumns.row}
          </TableHeaderCell>
          <TableHeaderCell className={mergeClasses(styles.head, styles.column)}>
            {words.previewColumns.number}
          </TableHeaderCell>
          <TableHeaderCell className={mergeClasses(styles.head, styles.wide)}>
            {words.previewColumns.mailbox}
          </TableHeaderCell>
        </TableRow>
      </TableHeader>
      <TableBody>
        {rows.map(({ row, number, mailbox }) => (
          <TableRow className={styles.row} key={row}>
            <TableCell className={mergeClasses(styles.cell, styles.number)}>{row}</TableCell>
            <TableCell className={mergeClasses(styles.cell, styles.column)}>{number}</TableCell>
            <TableCell className={mergeClasses(styles.cell, styles.wide)}>{mailbox}</TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
});
