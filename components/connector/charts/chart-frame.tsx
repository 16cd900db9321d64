'use client';

import { makeStyles, Switch, tokens } from '@fluentui/react-components';
import { type ReactNode, useId } from 'react';
import { ScrollArea } from '#components/frame/scroll-area.tsx';
import { calendar as calendarWords, charts as chartsWords } from '#components/text/text.ts';
import type { SummaryPart } from '../summary-view.ts';
import { useSummaryView } from '../use-summary-view.ts';

const useStyles = makeStyles({
  head: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', columnGap: tokens.spacingHorizontalM },
  title: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  push: { marginLeft: 'auto' },
  about: { margin: `0 0 ${tokens.spacingVerticalM}`, color: tokens.colorNeutralForeground3 },
  table: { maxHeight: '360px' },
  figure: { margin: 0, minHeight: '260px' },
});

interface ChartFrameProps {
  readonly part: SummaryPart;
  readonly title: string;
  readonly about: string;
  readonly chart: ReactNode;
  readonly table: ReactNode;
}

/** A chart under its name, with the table behind it. */
export function ChartFrame({ part, title, about, chart, table }: ChartFrameProps) {
  const styles = useStyles();
  const { view, showTable } = useSummaryView();
  const heading = useId();
  const asTable = view.tables.includes(part);
  return (
    <section aria-labelledby={heading}>
      <div className={styles.head}>
        <h3 id={heading} className={styles.title}>
          {title}
        </h3>
        <Switch
          className={styles.push}
          label={calendarWords.showTable}
          aria-label={calendarWords.showTableOf(title)}
          checked={asTable}
          onChange={(_event, { checked }) => showTable(part, checked)}
        />
      </div>
      <p className={styles.about}>{about}</p>
      {asTable ? (
        <ScrollArea label={chartsWords.tableOf(title)} className={styles.table}>
          {table}
        </ScrollArea>
      ) : (
        <figure className={styles.figure} aria-labelledby={heading}>
          {chart}
        </figure>
      )}
    </section>
  );
}
