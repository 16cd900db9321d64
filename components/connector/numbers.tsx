'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import { type Balance, copyBalance, itemBalance } from '#components/text/en/balance.ts';
import type { Counts } from '#lib/imports/counts.ts';

const useStyles = makeStyles({
  line: { display: 'block' },
  differs: { color: tokens.colorStatusDangerForeground1, fontWeight: tokens.fontWeightSemibold },
});

/** Both equations in a cell of a table, each with its verdict. */
export function Numbers({ counts }: { readonly counts: Counts }) {
  return [itemBalance(counts), copyBalance(counts)].map((balance) => (
    <EquationLine key={balance.equation} balance={balance} />
  ));
}

export function EquationLine({ balance: { equation, verdict, state } }: { readonly balance: Balance }) {
  const styles = useStyles();
  return (
    <span className={styles.line}>
      {equation} <span className={state === 'differs' ? styles.differs : undefined}>{verdict}</span>
    </span>
  );
}
