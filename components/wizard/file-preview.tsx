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
import { memo } from 'react';
import { ScrollArea } from '#components/frame/scroll-area.tsx';
import * as text from '#components/text/text.ts';
import type { RowError } from '#lib/mapping/mapping-file.ts';
import { columnName, rowErrorReason } from '#lib/mapping/words.ts';

const words = text.wizard.mapping;

const useStyles = makeStyles({
  caption: {
    margin: `0 0 ${tokens.spacingVerticalXS}`,
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
  },
  table: { minWidth: '480px', tableLayout: 'auto' },
  narrow: { width: '64px' },
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
    <Table className={styles.table} size="small" aria-label={words.errorTable}>
      <TableHeader>
        <TableRow>
          <TableHeaderCell className={styles.narrow}>{words.errorColumns.row}</TableHeaderCell>
          <TableHeaderCell>{words.errorColumns.column}</TableHeaderCell>
          <TableHeaderCell>{words.errorColumns.value}</TableHeaderCell>
          <TableHeaderCell>{words.errorColumns.reason}</TableHeaderCell>
        </TableRow>
      </TableHeader>
      <TableBody>
        {errors.map((error) => (
          <TableRow key={`${error.row} ${error.column} ${error.problem}`}>
            <TableCell>{error.row}</TableCell>
            <TableCell>{columnName(error.column)}</TableCell>
            <TableCell className={styles.value}>{error.value}</TableCell>
            <TableCell>{rowErrorReason(error)}</TableCell>
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
    <Table className={styles.table} size="small" aria-label={words.preview}>
      <TableHeader>
        <TableRow>
          <TableHeaderCell className={styles.narrow}>{words.previewColumns.row}</TableHeaderCell>
          <TableHeaderCell>{words.previewColumns.number}</TableHeaderCell>
          <TableHeaderCell>{words.previewColumns.mailbox}</TableHeaderCell>
        </TableRow>
      </TableHeader>
      <TableBody>
        {rows.map(({ row, number, mailbox }) => (
          <TableRow key={row}>
            <TableCell>{row}</TableCell>
            <TableCell>{number}</TableCell>
            <TableCell>{mailbox}</TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
});
