'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { Breakable } from '#components/frame/breakable.tsx';
import { CardCell, type CardColumn, CardRow, CardTable } from '#components/frame/card-table.tsx';
import { LinkButton } from '#components/frame/link-button.tsx';
import * as text from '#components/text/text.ts';
import type { DifferencePage, DifferenceRow } from '#lib/connectors/mapping/difference.ts';
import type { DifferenceKind } from '#lib/connectors/mapping/use-cases.ts';
import { type DifferenceView, versionAddress } from './addresses.ts';
import { Validity } from './validity.tsx';

const words = text.mapping.difference;

const useStyles = makeStyles({
  block: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalM },
  paragraph: { margin: 0 },
  muted: { color: tokens.colorNeutralForeground3 },
  pages: { display: 'flex', columnGap: tokens.spacingHorizontalS },
});

export interface DifferenceRowsProps {
  readonly connectorId: string;
  readonly versionId: string;
  readonly view: DifferenceView;
  readonly kind: DifferenceKind;
  readonly page: DifferencePage;
}

/** The rows of one kind, a page of them. */
export function DifferenceRows({ connectorId, versionId, view, kind, page }: DifferenceRowsProps) {
  const styles = useStyles();
  const columns = columnsOf(kind);
  const addressOf = (after: string | null) => versionAddress(connectorId, versionId, { ...view, kind, after });
  return (
    <div className={styles.block}>
      {page.rows.length === 0 ? (
        <p className={styles.paragraph}>{words.noRows}</p>
      ) : (
        <CardTable label={words.table(words.kinds[kind])} columns={columns.map(({ column }) => column)}>
          {page.rows.map((row) => (
            <CardRow key={`${row.number} ${row.validFrom?.getTime() ?? ''}`}>
              {columns.map(({ column, cell }) => (
                <CardCell key={column.label} column={column}>
                  {cell(row)}
                </CardCell>
              ))}
            </CardRow>
          ))}
        </CardTable>
      )}
      {view.after !== null || page.next !== null ? (
        <div className={styles.pages}>
          {view.after !== null ? <LinkButton href={addressOf(null)}>{words.first50}</LinkButton> : null}
          {page.next === null ? null : <LinkButton href={addressOf(page.next)}>{words.next50}</LinkButton>}
        </div>
      ) : null}
    </div>
  );
}

interface ShownColumn {
  readonly column: CardColumn;
  readonly cell: (row: DifferenceRow) => ReactNode;
}

const { columns } = words;
const COLUMNS = {
  number: { column: { label: columns.number, width: 'time' }, cell: ({ number }) => number },
  name: { column: { label: columns.name, width: 'wide' }, cell: ({ name }) => name ?? <Muted>{words.noName}</Muted> },
  old: { column: { label: columns.oldMailbox, width: 'wide' }, cell: ({ oldMailbox }) => orNone(oldMailbox) },
  new: { column: { label: columns.newMailbox, width: 'wide' }, cell: ({ newMailbox }) => orNone(newMailbox) },
  email: { column: { label: columns.email, width: 'wide' }, cell: ({ email }) => orNone(email) },
  other: {
    column: { label: columns.otherConnector, width: 'wide' },
    cell: ({ otherConnector: other }) => (other === null ? orNone(null) : `${other.name}: ${other.mailbox}`),
  },
  archived: {
    column: { label: columns.archived, width: 'medium' },
    cell: ({ archivedLast30Days }) => words.count(archivedLast30Days),
  },
  from: { column: { label: columns.from, width: 'time' }, cell: (row) => <Validity {...row} /> },
} as const satisfies Record<string, ShownColumn>;

/** What of a row is worth seeing. */
function columnsOf(kind: DifferenceKind): readonly ShownColumn[] {
  const { number, name, archived, from, other, email } = COLUMNS;
  const { old: before, new: after } = COLUMNS;
  switch (kind) {
    case 'changed':
      return [number, name, before, after, archived, from];
    case 'removed':
      return [number, name, before, archived, from];
    case 'added':
      return [number, name, after, archived, from];
    case 'unchanged':
      return [number, name, after, from];
    case 'disagreeing':
    case 'newly_disagreeing':
      return [number, name, email, before, after, from];
    case 'other_connector':
      return [number, name, after, other, from];
  }
}

function orNone(value: string | null): ReactNode {
  return value === null ? <Muted>{words.none}</Muted> : <Breakable>{value}</Breakable>;
}

function Muted({ children }: { readonly children: ReactNode }) {
  return <span className={useStyles().muted}>{children}</span>;
}
