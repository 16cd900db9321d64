'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import { CardTable } from '#components/frame/card-table.tsx';
import { LinkButton } from '#components/frame/link-button.tsx';
import * as text from '#components/text/text.ts';
import type { ConnectorBalance, DayPage } from '#lib/imports/balance.ts';
import { markOf, markOfDay } from '#lib/imports/day-mark.ts';
import { DAY_COLUMNS, DayLine } from './day-line.tsx';
import { ImportsViews } from './imports-views.tsx';

const useStyles = makeStyles({
  page: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalL },
  pages: { display: 'flex', columnGap: tokens.spacingHorizontalS },
});

export interface DaysTableProps {
  readonly connectorId: string;
  readonly page: DayPage;
  /** the sum over all days; null where there is none, and on later pages */
  readonly sum: ConnectorBalance | null;
  /** this is not the first page */
  readonly later: boolean;
  /** the present UTC day, as 2026-11-21 */
  readonly today: string;
}

/** Both equations of every day of arrival at the source, and whether they hold. */
export function DaysTable({ connectorId, page, sum, later, today }: DaysTableProps) {
  const styles = useStyles();
  const words = text.connectors.imports;
  const base = `/connectors/${connectorId}/imports/days`;
  return (
    <div className={styles.page}>
      <ImportsViews connectorId={connectorId} />
      {page.days.length === 0 ? (
        <strong>{words.empty}</strong>
      ) : (
        <CardTable label={words.days.label} columns={DAY_COLUMNS}>
          {sum === null ? null : <DayLine title={words.days.all} balance={sum} mark={markOf(sum)} strong />}
          {page.days.map((day) => (
            <DayLine key={day.day} title={day.day} balance={day} mark={markOfDay(day, day.day, today)} />
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
