'use client';

import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import {
  ArrowSyncCircleRegular,
  CheckmarkCircleFilled,
  CircleHalfFillRegular,
  ErrorCircleFilled,
  WarningFilled,
} from '@fluentui/react-icons';
import type { ReactElement } from 'react';
import { CardCell, type CardColumn, CardRow, CardTable } from '#components/frame/card-table.tsx';
import { LinkButton } from '#components/frame/link-button.tsx';
import { copyBalance, itemBalance } from '#components/text/en/balance.ts';
import { text } from '#components/text/text.ts';
import type { BalanceState, ConnectorBalance, DayPage } from '#lib/imports/balance.ts';
import { ImportsViews } from './imports-views.tsx';
import { EquationLine } from './numbers.tsx';

const useStyles = makeStyles({
  page: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalL },
  pages: { display: 'flex', columnGap: tokens.spacingHorizontalS },
  state: { display: 'inline-flex', alignItems: 'center', columnGap: tokens.spacingHorizontalXS },
  strong: { fontWeight: tokens.fontWeightSemibold },
  line: { display: 'block', color: tokens.colorNeutralForeground3 },
  icon: { display: 'flex', fontSize: '18px' },
  balances: { color: tokens.colorStatusSuccessForeground1 },
  differs: { color: tokens.colorStatusDangerForeground1 },
  lost: { color: tokens.colorStatusWarningForeground1 },
  running: { color: tokens.colorNeutralForeground2 },
  open: { color: tokens.colorNeutralForeground2 },
});

const ICONS: Readonly<Record<BalanceState, ReactElement>> = {
  balances: <CheckmarkCircleFilled />,
  differs: <ErrorCircleFilled />,
  lost: <WarningFilled />,
  running: <ArrowSyncCircleRegular />,
  open: <CircleHalfFillRegular />,
};

const { columns } = text.connectors.imports.days;
const COLUMNS = {
  day: { label: columns.day, width: 'small' },
  items: { label: columns.items, width: 'wide' },
  copies: { label: columns.copies, width: 'wide' },
  state: { label: columns.state, width: 'time' },
} as const satisfies Record<string, CardColumn>;

export interface DaysTableProps {
  readonly connectorId: string;
  readonly page: DayPage;
  /** the sum over all days; null where there is none, and on later pages */
  readonly sum: ConnectorBalance | null;
  /** this is not the first page */
  readonly later: boolean;
}

/** Both equations of every day of arrival at the source, and whether they hold. */
export function DaysTable({ connectorId, page, sum, later }: DaysTableProps) {
  const styles = useStyles();
  const words = text.connectors.imports;
  const base = `/connectors/${connectorId}/imports/days`;
  return (
    <div className={styles.page}>
      <ImportsViews connectorId={connectorId} />
      {page.days.length === 0 ? (
        <strong>{words.empty}</strong>
      ) : (
        <CardTable label={words.days.label} columns={Object.values(COLUMNS)}>
          {sum === null ? null : <Line title={words.days.all} balance={sum} strong />}
          {page.days.map((day) => (
            <Line key={day.day} title={day.day} balance={day} />
          ))}
        </CardTable>
      )}
      {later || page.before !== null ? (
        <div className={styles.pages}>
          {later ? <LinkButton href={base}>{words.newest}</LinkButton> : null}
          {page.before === null ? null : <LinkButton href={`${base}?before=${page.before}`}>{words.older}</LinkButton>}
        </div>
      ) : null}
    </div>
  );
}

interface LineProps {
  readonly title: string;
  readonly balance: Pick<ConnectorBalance, 'counts' | 'state' | 'openWindows' | 'lostWindows'>;
  readonly strong?: boolean;
}

function Line({ title, balance: { counts, state, openWindows, lostWindows }, strong = false }: LineProps) {
  const styles = useStyles();
  const words = text.connectors.imports.days;
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
        <span className={styles.state}>
          <span className={mergeClasses(styles.icon, styles[state])} aria-hidden>
            {ICONS[state]}
          </span>
          {words.states[state]}
        </span>
        {lostWindows === 0 ? null : <span className={styles.line}>{words.lostWindows(lostWindows)}</span>}
        {openWindows === 0 || state === 'running' ? null : (
          <span className={styles.line}>{words.openWindows(openWindows)}</span>
        )}
      </CardCell>
    </CardRow>
  );
}
