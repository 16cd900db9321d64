'use client';

import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { ArrowSyncCircleRegular, CheckmarkCircleFilled, ErrorCircleFilled } from '@fluentui/react-icons';
import type { ReactElement } from 'react';
import { type Balance, copyBalance, itemBalance } from '#components/text/en/balance.ts';
import * as text from '#components/text/text.ts';
import type { Counts } from '#lib/imports/counts.ts';

const useStyles = makeStyles({
  list: { display: 'grid', rowGap: tokens.spacingVerticalM, margin: 0 },
  term: { fontWeight: tokens.fontWeightSemibold },
  equation: { margin: 0, fontVariantNumeric: 'tabular-nums' },
  large: { fontSize: tokens.fontSizeBase400, lineHeight: tokens.lineHeightBase400 },
  verdict: {
    display: 'inline-flex',
    verticalAlign: 'bottom',
    alignItems: 'center',
    columnGap: tokens.spacingHorizontalXS,
    fontWeight: tokens.fontWeightSemibold,
  },
  icon: { display: 'flex', fontSize: '18px' },
  balances: { color: tokens.colorStatusSuccessForeground1 },
  running: { color: tokens.colorNeutralForeground2 },
  differs: { color: tokens.colorStatusDangerForeground1 },
});

const ICONS: Readonly<Record<Balance['state'], ReactElement>> = {
  balances: <CheckmarkCircleFilled />,
  running: <ArrowSyncCircleRegular />,
  differs: <ErrorCircleFilled />,
};

/** The two equations, in words and numbers, each with its verdict. */
export function Equations({ counts, large = false }: { readonly counts: Counts; readonly large?: boolean }) {
  const styles = useStyles();
  const words = text.connectors.page;
  return (
    <dl className={styles.list}>
      <Equation label={words.items} balance={itemBalance(counts)} large={large} />
      <Equation label={words.copiesLabel} balance={copyBalance(counts)} large={false} />
    </dl>
  );
}

function Equation({
  label,
  balance,
  large,
}: {
  readonly label: string;
  readonly balance: Balance;
  readonly large: boolean;
}) {
  const styles = useStyles();
  return (
    <div>
      <dt className={styles.term}>{label}</dt>
      <dd className={mergeClasses(styles.equation, large && styles.large)}>
        {balance.equation}{' '}
        <span className={styles.verdict}>
          <span className={mergeClasses(styles.icon, styles[balance.state])} aria-hidden>
            {ICONS[balance.state]}
          </span>
          {balance.verdict}
        </span>
      </dd>
    </div>
  );
}
