'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import { CardCell, type CardColumn, CardRow, CardTable } from '#components/frame/card-table.tsx';
import { LinkButton } from '#components/frame/link-button.tsx';
import { TextLink } from '#components/frame/text-link.tsx';
import { undoneSentence } from '#components/text/en/undone.ts';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import { evidenceAddress } from '#lib/evidence/address.ts';
import { FALLBACK } from '#lib/imports/fallback.ts';
import { mayBeRetried } from '#lib/imports/retryable.ts';
import type { UndoneReason } from '#lib/imports/undone.ts';
import type { UndonePage, UndoneRow } from '#lib/imports/undone-rows.ts';
import { undoneAddress } from './not-imported.tsx';
import { OpenOriginal } from './open-original.tsx';
import { type UndoneActions, UndoneCommands } from './undone-commands.tsx';

const useStyles = makeStyles({
  page: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr)',
    rowGap: tokens.spacingVerticalM,
    marginTop: tokens.spacingVerticalS,
  },
  commands: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalXS },
  pages: { display: 'flex', columnGap: tokens.spacingHorizontalS },
  muted: { color: tokens.colorNeutralForeground3 },
});

const { columns } = text.undone;
const COLUMNS = {
  item: { label: columns.item, width: 'wide' },
  arrived: { label: columns.arrived, width: 'time' },
  participant: { label: columns.participant, width: 'time' },
  mailbox: { label: columns.mailbox, width: 'wide' },
  commands: { label: columns.commands, width: 'wide' },
} as const satisfies Record<string, CardColumn>;

function columnsOf(hasCommands: boolean): readonly CardColumn[] {
  return Object.values(COLUMNS).filter((column) => hasCommands || column !== COLUMNS.commands);
}

interface Props {
  readonly connectorId: string;
  readonly undone: UndoneReason;
  readonly actions: UndoneActions;
  /** whether the person may open originals */
  readonly mayOpen: boolean;
  /** whether the person may see evidence */
  readonly mayProve: boolean;
  readonly onSaid: (sentence: string) => void;
}

export interface OneByOneProps extends Props {
  readonly page: UndonePage;
  /** this is not the first page */
  readonly later: boolean;
}

/** The single ones of a reason, a page of them, each with what can be done about it. */
export function OneByOne({ page, later, ...props }: OneByOneProps) {
  const styles = useStyles();
  const words = text.undone;
  const address = undoneAddress(props.connectorId, props.undone);
  const { retry, signOff } = props.actions;
  const { kind, reason } = props.undone;
  const hasCommands = props.mayOpen || signOff !== null || (retry !== null && mayBeRetried(kind, reason));
  return (
    <div className={styles.page}>
      {page.rows.length === 0 ? (
        <p>
          {words.goneTitle} {words.gone}
        </p>
      ) : (
        <CardTable label={words.table(undoneSentence(props.undone))} columns={columnsOf(hasCommands)}>
          {page.rows.map((row) => (
            <Line key={row.key} row={row} hasCommands={hasCommands} {...props} />
          ))}
        </CardTable>
      )}
      {later || page.next !== null ? (
        <div className={styles.pages}>
          {later ? <LinkButton href={address}>{words.first}</LinkButton> : null}
          {page.next === null ? null : <LinkButton href={`${address}&after=${page.next}`}>{words.next}</LinkButton>}
        </div>
      ) : null}
    </div>
  );
}

interface LineProps extends Props {
  readonly row: UndoneRow;
  readonly hasCommands: boolean;
}

function Line({ row, hasCommands, connectorId, undone, actions, mayOpen, mayProve, onSaid }: LineProps) {
  const styles = useStyles();
  const words = text.undone;
  return (
    <CardRow>
      <CardCell column={COLUMNS.item}>
        {mayProve ? (
          <TextLink
            href={evidenceAddress({ of: { kind: 'item', sourceItemId: row.sourceItemId } })}
            label={text.commands.evidence.ofItem(row.sourceItemId)}
          >
            {row.sourceItemId}
          </TextLink>
        ) : (
          row.sourceItemId
        )}
      </CardCell>
      <CardCell column={COLUMNS.arrived}>
        <Time value={row.archivedAt} />
      </CardCell>
      <CardCell column={COLUMNS.participant}>{participantOf(row)}</CardCell>
      <CardCell column={COLUMNS.mailbox}>
        {row.mailbox ?? <span className={styles.muted}>{words.noMailbox}</span>}
      </CardCell>
      {hasCommands ? (
        <CardCell column={COLUMNS.commands}>
          <div className={styles.commands}>
            <UndoneCommands
              connectorId={connectorId}
              undone={undone}
              row={row}
              sentence={undoneSentence(undone)}
              actions={actions}
              onSaid={onSaid}
            />
            {mayOpen && row.isKept ? <OpenOriginal connectorId={connectorId} kind={undone.kind} row={row} /> : null}
            {mayOpen && !row.isKept ? <span className={styles.muted}>{words.notKept}</span> : null}
          </div>
        </CardCell>
      ) : null}
    </CardRow>
  );
}

function participantOf({ participant }: UndoneRow): string {
  if (participant === FALLBACK) return text.undone.fallback;
  return participant ?? text.undone.nobody;
}
