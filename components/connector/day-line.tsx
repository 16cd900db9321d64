'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import { CardCell, type CardColumn, CardRow } from '#components/frame/card-table.tsx';
import { copyBalance, itemBalance } from '#components/text/en/balance.ts';
import * as text from '#components/text/text.ts';
import type { ConnectorBalance } from '#lib/imports/balance.ts';
import type { DayMark as Mark } from '#lib/imports/day-mark.ts';
import { DayMark } from './day-mark.tsx';
import { EquationLine } from './numbers.tsx';

const useStyles = makeStyles({
  strong: { fontWeight: tokens.fontWeightSemibold },
  line: { display: 'block', color: tokens.colorNeutralForeground3 },
});

const { columns } = text.connectors.imports.days;
const COLUMNS = {
  day: { label: columns.day, width: 'small' },
  items: { label: columns.items, width: 'wide' },
  copies: { label: columns.copies, width: 'wide' },
  state: { label: columns.state, width: 'time' },
} as const satisfies Record<string, CardColumn>;

/** The columns of a table of days. */
export const DAY_COLUMNS: readonly CardColumn[] = Object.values(COLUMNS);

interface DayLineProps {
  readonly title: string;
  readonly balance: Pick<ConnectorBalance, 'counts' | 'state' | 'openWindows' | 'lostWindows'>;
  readonly mark: Mark;
  readonly strong?: boolean;
}

/** Both equations of a day, and what is to be said of it. */
export function DayLine({ title, balance, mark, strong = false }: DayLineProps) {
  const styles = useStyles();
  const words = text.connectors.imports.days;
  const { counts, state, openWindows, lostWindows } = balance;
  return (
    <CardRow>
      <CardCell column={COLUMNS.day}>
        <span className={strong ? styles.strong : undefined}>{title}</span>
      </CardCell>
      <CardCell column={COLUMNS.items}>
        <EquationLine balance={itemBalance(counts)} />
      </CardCell>
      <CardCell column={COLUMNS.copies}>
        <EquationLine balance={copyBalance(counts)} />
      </CardCell>
      <CardCell column={COLUMNS.state}>
        <DayMark mark={mark} />
        {state === 'running' ? <span className={styles.line}>{words.running}</span> : null}
        {lostWindows === 0 ? null : <span className={styles.line}>{words.lostWindows(lostWindows)}</span>}
        {openWindows === 0 || state === 'running' ? null : (
          <span className={styles.line}>{words.openWindows(openWindows)}</span>
        )}
      </CardCell>
    </CardRow>
  );
}
