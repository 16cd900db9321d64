'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { Equations } from '#components/connectors/equations.tsx';
import { Now } from '#components/connectors/now.tsx';
import * as text from '#components/text/text.ts';
import { calendar as calendarWords, charts as chartsWords } from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { OpenAlert } from '#lib/imports/alerts.ts';
import type { Counts } from '#lib/imports/counts.ts';
import type { HeldLong as Held } from '#lib/imports/held.ts';
import type { UndoneReason } from '#lib/imports/undone.ts';
import { addCounts } from './add-counts.ts';
import { Alerts, type CloseAlertAction } from './alerts.tsx';
import { HeldLong } from './held-long.tsx';
import { useLiveConnector } from './live-connector.tsx';
import { NotImported } from './not-imported.tsx';
import { Section } from './section.tsx';
import type { UndoneActions } from './undone-commands.tsx';
import { useOpenImports } from './use-open-imports.ts';

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
  /** what of it is kept for seven days or longer */
  readonly held: Held | null;
  readonly actions: UndoneActions;
  /** asks for the mapping after a restore of the database; null: there was none */
  readonly recovery: ReactNode;
  /** asks about the one user who is imported first; null: everybody is */
  readonly first: ReactNode;
  readonly calendar: ReactNode;
  readonly charts: ReactNode;
  /** when it was read */
  readonly at: string;
}

/** Does it add up, what is running, what became of each day, and what is not done. */
export function Summary(props: SummaryProps) {
  const { recovery, first, finished, alerts, closeAlert, undone, held, actions, calendar, charts, at } = props;
  const styles = useStyles();
  const live = useLiveConnector();
  // Everything since the first import: what is over, as the page was read, and what the stream tells of what runs.
  const counts = addCounts([finished, ...useOpenImports(at).map((one) => one.counts)]);
  if (live === null) return null;
  const { row } = live;
  const words = text.connectors.page;
  const running = row.open.filter(({ phase }) => phase !== 'queued');
  return (
    <div className={styles.page}>
      {recovery}
      {first}
      <HeldLong held={held} href={`/connectors/${row.id}/not-imported`} />
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
