'use client';

import { makeStyles, Text, tokens } from '@fluentui/react-components';
import Link from 'next/link';
import { type ReactNode, useState } from 'react';
import { undoneSentence } from '#components/text/en/undone.ts';
import * as text from '#components/text/text.ts';
import { reasonOf } from '#lib/imports/reasons.ts';
import type { UndoneReason } from '#lib/imports/undone.ts';
import { type UndoneActions, UndoneCommands } from './undone-commands.tsx';

const useStyles = makeStyles({
  list: { display: 'grid', rowGap: tokens.spacingVerticalL, margin: 0, padding: 0, listStyleType: 'none' },
  reason: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalXS },
  count: { margin: 0, fontWeight: tokens.fontWeightSemibold, fontVariantNumeric: 'tabular-nums' },
  remedy: { margin: 0, color: tokens.colorNeutralForeground2 },
  link: {
    color: tokens.colorBrandForegroundLink,
    justifySelf: 'start',
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, borderRadius: tokens.borderRadiusSmall },
  },
});

/** Where those of one reason are listed one by one. */
export function undoneAddress(connectorId: string, { kind, reason }: Pick<UndoneReason, 'kind' | 'reason'>): string {
  return `/connectors/${connectorId}/not-imported?${new URLSearchParams({ kind, reason })}`;
}

export interface ReasonsProps {
  readonly connectorId: string;
  readonly reasons: readonly UndoneReason[];
  readonly actions: UndoneActions;
  /** what stands below a reason */
  readonly below: (reason: UndoneReason, onSaid: (sentence: string) => void) => ReactNode;
}

/** What is not imported, by reason, each with what to do about it. */
export function Reasons({ connectorId, reasons, actions, below }: ReasonsProps) {
  const styles = useStyles();
  const [said, setSaid] = useState('');
  return (
    <>
      <Text role="status">{said}</Text>
      <ul className={styles.list}>
        {reasons.map((one) => {
          const { sentence, remedy } = reasonOf(one.reason);
          const count = undoneSentence(one);
          return (
            <li key={`${one.kind} ${one.reason}`} className={styles.reason}>
              <p className={styles.count}>{count}</p>
              <p className={styles.remedy}>
                {sentence} {remedy}
              </p>
              <UndoneCommands
                connectorId={connectorId}
                undone={one}
                row={null}
                sentence={`${count} ${sentence}`}
                actions={actions}
                onSaid={setSaid}
              />
              {below(one, setSaid)}
            </li>
          );
        })}
      </ul>
    </>
  );
}

interface ShowLinkProps {
  readonly connectorId: string;
  readonly undone: UndoneReason;
  /** this is the page that it leads to: the list opens where it is */
  readonly inPlace?: boolean;
}

/** Leads to the single ones of a reason. */
export function ShowLink({ connectorId, undone, inPlace = false }: ShowLinkProps) {
  const styles = useStyles();
  const words = text.undone;
  const label = undone.count === 1 ? words.showOne : words.show;
  return (
    <Link
      className={styles.link}
      href={undoneAddress(connectorId, undone)}
      scroll={!inPlace}
      aria-label={words.showOf(label, undoneSentence(undone))}
    >
      {label}
    </Link>
  );
}

interface NotImportedProps {
  readonly connectorId: string;
  readonly reasons: readonly UndoneReason[];
  readonly actions: UndoneActions;
}

/** The short list: every reason, and the way to the single ones. */
export function NotImported({ connectorId, reasons, actions }: NotImportedProps) {
  return (
    <Reasons
      connectorId={connectorId}
      reasons={reasons}
      actions={actions}
      below={(one) => <ShowLink connectorId={connectorId} undone={one} />}
    />
  );
}
