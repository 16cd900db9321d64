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
import { LinkButton } from '#components/frame/link-button.tsx';
import { useNow } from '#components/live/use-now.ts';
import { copyBalance, itemBalance } from '#components/text/en/balance.ts';
import { text } from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { Counts } from '#lib/imports/counts.ts';
import type { ImportLine, ImportPage } from '#lib/imports/list.ts';
import { reasonOf } from '#lib/imports/reasons.ts';
import { elapsed } from './elapsed.ts';
import { type ImportActions, LineCommands, RepeatRange } from './import-commands.tsx';
import { useLiveConnector } from './live-connector.tsx';

const NARROW = '@media (max-width: 1099px)';

const useStyles = makeStyles({
  page: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalL },
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
    paddingTop: tokens.spacingVerticalS,
    paddingBottom: tokens.spacingVerticalS,
    fontVariantNumeric: 'tabular-nums',
    [NARROW]: { padding: 0 },
  },
  small: { flex: '0 0 96px' },
  last: { flex: '0 0 136px' },
  window: { flex: '0 0 168px' },
  wide: { flex: '1 1 0' },
  label: {
    display: 'none',
    [NARROW]: { display: 'block', color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  },
  line: { display: 'block' },
  muted: { color: tokens.colorNeutralForeground3 },
  differs: { color: tokens.colorStatusDangerForeground1, fontWeight: tokens.fontWeightSemibold },
  pages: { display: 'flex', columnGap: tokens.spacingHorizontalS },
  empty: { display: 'grid', rowGap: tokens.spacingVerticalXS },
  paragraph: { margin: 0 },
});

export interface ImportsTableProps {
  readonly connectorId: string;
  readonly page: ImportPage;
  /** this is not the first page */
  readonly later: boolean;
  /** windows that nothing is importing */
  readonly openWindows: number;
  /** null where the person may only look */
  readonly actions: ImportActions | null;
}

/** Every import, live and past: when, why, how far, and its numbers at completion and now. */
export function ImportsTable({ connectorId, page, later, openWindows, actions }: ImportsTableProps) {
  const styles = useStyles();
  const words = text.connectors.imports;
  const open = useLiveConnector()?.row.open ?? [];
  const base = `/connectors/${connectorId}/imports`;
  if (page.imports.length === 0) {
    return (
      <div className={styles.empty}>
        <strong>{words.empty}</strong>
        <p className={styles.paragraph}>{words.emptyHelp}</p>
      </div>
    );
  }
  const lines = page.imports.map((line) => {
    const moving = open.find(({ id }) => id === line.id);
    return moving === undefined
      ? line
      : { ...line, phase: moving.phase, counts: moving.counts, problem: moving.problem };
  });
  return (
    <div className={styles.page}>
      {openWindows === 0 ? null : <p className={styles.paragraph}>{text.commands.openWindows(openWindows)}</p>}
      {actions === null ? null : (
        <div className={styles.pages}>
          <RepeatRange connectorId={connectorId} actions={actions} />
        </div>
      )}
      <Table noNativeElements aria-label={words.label}>
        <TableHeader className={styles.header}>
          <TableRow>
            <TableHeaderCell className={styles.small}>{words.columns.number}</TableHeaderCell>
            <TableHeaderCell className={styles.window}>{words.columns.window}</TableHeaderCell>
            <TableHeaderCell className={styles.small}>{words.columns.trigger}</TableHeaderCell>
            <TableHeaderCell className={styles.small}>{words.columns.phase}</TableHeaderCell>
            <TableHeaderCell className={styles.wide}>{words.columns.atCompletion}</TableHeaderCell>
            <TableHeaderCell className={styles.wide}>{words.columns.now}</TableHeaderCell>
            <TableHeaderCell className={styles.last}>{words.columns.duration}</TableHeaderCell>
          </TableRow>
        </TableHeader>
        <TableBody>
          {lines.map((line) => (
            <Line key={line.id} line={line} connectorId={connectorId} actions={actions} />
          ))}
        </TableBody>
      </Table>
      {later || page.olderThan !== null ? (
        <div className={styles.pages}>
          {later ? <LinkButton href={base}>{words.newest}</LinkButton> : null}
          {page.olderThan === null ? null : (
            <LinkButton href={`${base}?olderThan=${page.olderThan}`}>{words.older}</LinkButton>
          )}
        </div>
      ) : null}
    </div>
  );
}

interface LineProps extends Pick<ImportsTableProps, 'connectorId' | 'actions'> {
  readonly line: ImportLine;
}

function Line({ line, connectorId, actions }: LineProps) {
  const styles = useStyles();
  const words = text.connectors.imports;
  const { columns } = words;
  const same =
    line.countsAtCompletion !== null && JSON.stringify(line.countsAtCompletion) === JSON.stringify(line.counts);
  return (
    <TableRow className={styles.row}>
      <Cell label={columns.number} className={styles.small}>
        {line.number}
      </Cell>
      <Cell label={columns.window} className={styles.window}>
        <span className={styles.line}>
          <Time value={line.windowStart} />
        </span>
        <span className={styles.line}>
          <Time value={line.windowEnd} />
        </span>
      </Cell>
      <Cell label={columns.trigger} className={styles.small}>
        {words.triggers[line.trigger]}
      </Cell>
      <Cell label={columns.phase} className={styles.small}>
        {words.phases[line.phase]}
        {line.problem === null ? null : (
          <span className={mergeClasses(styles.line, styles.muted)}>{reasonOf(line.problem).sentence}</span>
        )}
      </Cell>
      <Cell label={columns.atCompletion} className={styles.wide}>
        {line.countsAtCompletion === null ? (
          <span className={styles.muted}>{text.connectors.notYet}</span>
        ) : (
          <Numbers counts={line.countsAtCompletion} />
        )}
      </Cell>
      <Cell label={columns.now} className={styles.wide}>
        {same ? <span className={styles.muted}>{words.unchanged}</span> : <Numbers counts={line.counts} />}
      </Cell>
      <Cell label={columns.duration} className={styles.last}>
        <span className={styles.line}>
          <Duration line={line} />
        </span>
        {actions === null ? null : <LineCommands connectorId={connectorId} actions={actions} line={line} />}
      </Cell>
    </TableRow>
  );
}

function Numbers({ counts }: { readonly counts: Counts }) {
  const styles = useStyles();
  return [itemBalance(counts), copyBalance(counts)].map(({ equation, verdict, state }) => (
    <span key={equation} className={styles.line}>
      {equation} <span className={state === 'differs' ? styles.differs : undefined}>{verdict}</span>
    </span>
  ));
}

function Duration({ line: { startedAt, completedAt, phase } }: { readonly line: ImportLine }) {
  const running = startedAt !== null && completedAt === null && phase !== 'cancelled';
  const now = useNow(running);
  if (startedAt === null) return text.connectors.notYet;
  if (completedAt !== null) return elapsed(Date.parse(completedAt) - Date.parse(startedAt));
  return running && now > 0 ? elapsed(now - Date.parse(startedAt)) : '';
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
