'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import { undoneSentence } from '#components/text/en/connectors.ts';
import { reasonOf } from '#lib/imports/reasons.ts';
import type { UndoneReason } from '#lib/imports/undone.ts';

const useStyles = makeStyles({
  list: { display: 'grid', rowGap: tokens.spacingVerticalM, margin: 0, padding: 0, listStyleType: 'none' },
  count: { margin: 0, fontWeight: tokens.fontWeightSemibold, fontVariantNumeric: 'tabular-nums' },
  remedy: { margin: 0, color: tokens.colorNeutralForeground2 },
});

/** What is not imported, by reason, each with what to do about it. */
export function NotImported({ reasons }: { readonly reasons: readonly UndoneReason[] }) {
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
          </li>
        );
      })}
    </ul>
  );
}
