'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import { type ReactNode, useState } from 'react';
import { Equations } from '#components/connectors/equations.tsx';
import { Now } from '#components/connectors/now.tsx';
import type { LiveRow } from '#components/live/live-state.ts';
import { calendar as calendarWords, charts as chartsWords } from '#components/text/summary.ts';
import { text } from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { OpenAlert } from '#lib/imports/alerts.ts';
import type { Counts } from '#lib/imports/counts.ts';
import type { UndoneReason } from '#lib/imports/undone.ts';
import { addCounts } from './add-counts.ts';
import { Alerts, type CloseAlertAction } from './alerts.tsx';
import { useLiveConnector } from './live-connector.tsx';
import { NotImported } from './not-imported.tsx';
import { Section } from './section.tsx';
import type { UndoneActions } from './undone-commands.tsx';

const useStyles = makeStyles({
  page: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr)',
    rowGap: tokens.spacingVerticalXXL,
    maxWidth: '860px',
  },
  muted: { margin: `0 0 ${tokens.spacingVerticalM}`, color: tokens.colorNeutralForeground3 },
  running: { display: 'grid', rowGap: tokens.spacingVerticalM },
});

export interface SummaryProps {
  /** the sum over all imports that are over */
  readonly finished: Counts;
  readonly alerts: readonly OpenAlert[];
  /** null for who may not */
  readonly closeAlert: CloseAlertAction | null;
  readonly undone: readonly UndoneReason[];
  readonly actions: UndoneActions;
  readonly calendar: ReactNode;
  readonly charts: ReactNode;
  /** when it was read */
  readonly at: string;
}

/** Does it add up, what is running, what became of each day, and what is not done. */
export function Summary({ finished, alerts, closeAlert, undone, actions, calendar, charts, at }: SummaryProps) {
  const styles = useStyles();
  const live = useLiveConnector();
  const counts = useCounts(finished, at, live);
  if (live === null) return null;
  const { row } = live;
  const words = text.connectors.page;
  const running = row.open.filter(({ phase }) => phase !== 'queued');
  return (
    <div className={styles.page}>
      {alerts.length === 0 ? null : (
        <Section title={text.connectors.alerts.title} id="alerts">
          <Alerts connectorId={row.id} alerts={alerts} close={closeAlert} />
        </Section>
      )}
      <Section title={words.balance}>
        <p className={styles.muted}>
          {words.balanceSince}
          {running.length > 0 ? `. ${words.soFar}` : null}
        </p>
        <Equations counts={counts} large />
      </Section>
      <Section title={words.running}>
        {row.open.length === 0 ? (
          <p className={styles.muted}>{words.nothingRunning}</p>
        ) : (
          <div className={styles.running}>
            <Now live={live} />
            {running.map((one) => (
              <div key={one.id}>
                <p className={styles.muted}>
                  {words.importNumber(one.number)}: {text.connectors.imports.phases[one.phase]}. {words.window}{' '}
                  <Time value={one.windowStart} /> – <Time value={one.windowEnd} />
                </p>
                <Equations counts={one.counts} />
              </div>
            ))}
          </div>
        )}
        {row.nextImportAt === null ? null : (
          <p className={styles.muted}>
            {words.nextImport}: <Time value={row.nextImportAt} />
          </p>
        )}
      </Section>
      <Section title={calendarWords.title} id="calendar">
        {calendar}
      </Section>
      <Section title={chartsWords.title} id="charts">
        {charts}
      </Section>
      {undone.length === 0 ? null : (
        <Section title={words.notImported}>
          <NotImported connectorId={row.id} reasons={undone} actions={actions} />
        </Section>
      )}
    </div>
  );
}

/**
 * Everything since the first import: what is over, as the page was read, and what has been running since, as the stream
 * tells it. An import that ends in between stays in the sum until the page has been read again.
 */
function useCounts(finished: Counts, at: string, live: LiveRow | null): Counts {
  const open = live?.row.open ?? [];
  const [seen, setSeen] = useState({ at, open });
  const known = seen.at === at ? seen.open : [];
  const vanished = known.filter(({ id }) => !open.some((one) => one.id === id));
  const all = [...vanished, ...open];
  if (seen.at !== at || seen.open.length !== all.length || open.some((one) => !seen.open.includes(one))) {
    setSeen({ at, open: all });
  }
  return addCounts([finished, ...all.map(({ counts }) => counts)]);
}
