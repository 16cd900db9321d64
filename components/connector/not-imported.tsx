'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import { undoneSentence } from '#components/text/en/connectors.ts';
import { reasonOf } from '#lib/imports/reasons.ts';
import type { UndoneReason } from '#lib/imports/undone.ts';
import type { UndoneRow } from '#lib/imports/undone-rows.ts';
import { Originals, type UndoneActions, UndoneCommands } from './undone-commands.tsx';

const useStyles = makeStyles({
  list: { display: 'grid', rowGap: tokens.spacingVerticalM, margin: 0, padding: 0, listStyleType: 'none' },
  count: { margin: 0, fontWeight: tokens.fontWeightSemibold, fontVariantNumeric: 'tabular-nums' },
  remedy: { margin: 0, color: tokens.colorNeutralForeground2 },
});

export type Undone = UndoneReason & { readonly originals: readonly UndoneRow[] };

interface NotImportedProps {
  readonly connectorId: string;
  readonly reasons: readonly Undone[];
  readonly actions: UndoneActions;
}

/** What is not imported, by reason, each with what to do about it. */
export function NotImported({ connectorId, reasons, actions }: NotImportedProps) {
  const styles = useStyles();
  return (
    <ul className={styles.list}>
      {reasons.map((one) => {
        const { sentence, remedy } = reasonOf(one.reason);
        return (
          <li key={`${one.kind} ${one.reason}`}>
            <p className={styles.count}>{undoneSentence(one)}</p>
            <p className={styles.remedy}>
              {sentence} {remedy}
            </p>
            <UndoneCommands connectorId={connectorId} undone={one} sentence={undoneSentence(one)} actions={actions} />
            <Originals connectorId={connectorId} undone={one} rows={one.originals} />
          </li>
        );
      })}
    </ul>
  );
}
