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
import { CheckmarkCircleFilled, WarningFilled } from '@fluentui/react-icons';
import type { ReactNode } from 'react';
import { text } from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { CoverageResult } from '#lib/coverage/lines.ts';
import type { ListedLine } from '#lib/coverage/list.ts';

const words = text.coverage;
const NARROW = '@media (max-width: 1099px)';

const useStyles = makeStyles({
  header: { [NARROW]: { display: 'none' } },
  row: {
    alignItems: 'start',
    [NARROW]: {
      display: 'grid',
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
  },
  wide: { flex: '1 1 0' },
  number: { flex: '0 0 144px' },
  time: { flex: '0 0 136px' },
  label: {
    display: 'none',
    [NARROW]: { display: 'block', color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  },
  line: { display: 'block' },
  muted: { display: 'block', color: tokens.colorNeutralForeground3 },
  mark: { display: 'flex', alignItems: 'start', columnGap: tokens.spacingHorizontalXS },
  icon: { display: 'flex', flexShrink: 0, fontSize: '20px' },
  well: { color: tokens.colorStatusSuccessForeground1 },
  needing: { color: tokens.colorStatusWarningForeground3 },
});

/** A line for each registered user, and for each row of the mapping beside them. */
export function CoverageTable({ lines }: { readonly lines: readonly ListedLine[] }) {
  const styles = useStyles();
  const { columns } = words;
  return (
    <Table noNativeElements aria-label={words.table}>
      <TableHeader className={styles.header}>
        <TableRow>
          <TableHeaderCell className={styles.wide}>{columns.name}</TableHeaderCell>
          <TableHeaderCell className={styles.number}>{columns.number}</TableHeaderCell>
          <TableHeaderCell className={styles.time}>{columns.lastArchived}</TableHeaderCell>
          <TableHeaderCell className={styles.wide}>{columns.mailbox}</TableHeaderCell>
          <TableHeaderCell className={styles.wide}>{columns.result}</TableHeaderCell>
          <TableHeaderCell className={styles.wide}>{columns.mapping}</TableHeaderCell>
        </TableRow>
      </TableHeader>
      <TableBody>
        {lines.map((line) => (
          <Line key={line.id} line={line} />
        ))}
      </TableBody>
    </Table>
  );
}

function Line({ line }: { readonly line: ListedLine }) {
  const styles = useStyles();
  const { columns } = words;
  const isRegistered = line.status !== null;
  return (
    <TableRow className={styles.row}>
      <Cell label={columns.name} className={styles.wide}>
        <span className={styles.line}>{line.name ?? words.noName}</span>
        <span className={styles.muted}>{line.status === null ? words.notRegistered : words.statuses[line.status]}</span>
      </Cell>
      <Cell label={columns.number} className={styles.number}>
        {line.mobile}
      </Cell>
      <Cell label={columns.lastArchived} className={styles.time}>
        {line.lastArchivedAt === null ? (
          <span className={styles.muted}>{isRegistered ? words.never : words.none}</span>
        ) : (
          <Time value={line.lastArchivedAt} />
        )}
      </Cell>
      <Cell label={columns.mailbox} className={styles.wide}>
        {line.result !== 'mailbox' ? (
          <span className={styles.muted}>{words.none}</span>
        ) : (
          <>
            <span className={styles.line}>{line.mailbox}</span>
            {line.rule === null ? null : <span className={styles.muted}>{words.rules[line.rule]}</span>}
          </>
        )}
      </Cell>
      <Cell label={columns.result} className={styles.wide}>
        <Result result={line.result} address={line.mailbox ?? line.email ?? ''} />
        {line.decides ? null : <span className={styles.muted}>{words.notNow}</span>}
      </Cell>
      <Cell label={columns.mapping} className={styles.wide}>
        <MappingRow line={line} />
      </Cell>
    </TableRow>
  );
}

/** A result as an icon and words. */
function Result({ result, address }: { readonly result: CoverageResult; readonly address: string }) {
  const styles = useStyles();
  const isWell = result === 'mailbox';
  return (
    <span className={styles.mark}>
      <span className={mergeClasses(styles.icon, isWell ? styles.well : styles.needing)} aria-hidden>
        {isWell ? <CheckmarkCircleFilled /> : <WarningFilled />}
      </span>
      <span>{isWell ? words.hasMailbox : text.wizard.mapping.reasons[result](address)}</span>
    </span>
  );
}

/** The row of the mapping for this number, and what is wrong with it where another rule has found a mailbox. */
function MappingRow({ line }: { readonly line: ListedLine }) {
  const styles = useStyles();
  if (line.mappingRow === null) return <span className={styles.muted}>{words.none}</span>;
  return (
    <>
      <span className={styles.line}>
        {words.row(line.mappingRow)}: {line.mappedMailbox}
      </span>
      {line.validFrom === null ? null : (
        <span className={styles.muted}>
          {words.validFrom} <Time value={line.validFrom} />
        </span>
      )}
      {line.validTo === null ? null : (
        <span className={styles.muted}>
          {words.validTo} <Time value={line.validTo} />
        </span>
      )}
      {line.mappedResult === null || line.mappedResult === line.result ? null : (
        <Result result={line.mappedResult} address={line.mappedMailbox ?? ''} />
      )}
    </>
  );
}

interface CellProps {
  readonly label: string;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

function Cell({ label, className, children }: CellProps) {
  const styles = useStyles();
  return (
    <TableCell className={mergeClasses(styles.cell, className)}>
      <span className={styles.label} aria-hidden>
        {label}
      </span>
      {children}
    </TableCell>
  );
}
