'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import {
  CheckmarkCircle20Regular,
  Clock20Regular,
  ErrorCircle20Regular,
  SubtractCircle20Regular,
} from '@fluentui/react-icons';
import { CardCell, type CardColumn, CardRow, CardTable } from '#components/frame/card-table.tsx';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { ShownNotice } from '#lib/notifications/settings.ts';
import { titleOf } from '#lib/notifications/words.ts';

const words = text.notifications;

const COLUMNS = {
  at: { label: words.columns.at, width: 'time' },
  what: { label: words.columns.what, width: 'wide' },
  to: { label: words.columns.to, width: 'wide' },
  state: { label: words.columns.state, width: 'wide' },
} as const satisfies Readonly<Record<string, CardColumn>>;

const useStyles = makeStyles({
  heading: {
    margin: `0 0 ${tokens.spacingVerticalXS}`,
    fontSize: tokens.fontSizeBase300,
    fontWeight: tokens.fontWeightSemibold,
  },
  muted: { margin: 0, color: tokens.colorNeutralForeground2 },
  state: { display: 'grid', gridTemplateColumns: 'auto minmax(0, 1fr)', columnGap: tokens.spacingHorizontalXS },
  answer: { display: 'block', color: tokens.colorNeutralForeground2, overflowWrap: 'anywhere' },
});

/** What lies in a connector's outbox and what became of it, the newest first: one that does not get through is seen here. */
export function LatestNotices({ notices }: { readonly notices: readonly ShownNotice[] }) {
  const styles = useStyles();
  return (
    <div>
      <h3 className={styles.heading}>{words.latest}</h3>
      {notices.length === 0 ? (
        <p className={styles.muted}>{words.none}</p>
      ) : (
        <CardTable label={words.latest} columns={Object.values(COLUMNS)}>
          {notices.map((notice) => (
            <CardRow key={notice.id}>
              <CardCell column={COLUMNS.at}>
                <Time value={notice.createdAt} />
              </CardCell>
              <CardCell column={COLUMNS.what}>
                {whatOf(notice)}
                {notice.connectors === 1 ? null : (
                  <span className={styles.answer}>{words.together(notice.connectors)}</span>
                )}
              </CardCell>
              <CardCell column={COLUMNS.to}>{notice.target}</CardCell>
              <CardCell column={COLUMNS.state}>
                <span className={styles.state}>
                  <StateIcon state={notice.state} late={isLate(notice)} />
                  <span>
                    {stateWord(notice)}
                    {notice.answer === null || notice.state === 'sent' ? null : (
                      <span className={styles.answer}>{notice.answer}</span>
                    )}
                  </span>
                </span>
              </CardCell>
            </CardRow>
          ))}
        </CardTable>
      )}
    </div>
  );
}

function whatOf({ kind, event }: ShownNotice): string {
  return event === null ? words.kinds[kind] : `${words.kinds[kind]}: ${titleOf(event)}`;
}

/** An attempt failed. Who may not see the server's answer is told by the attempts: the first may be under way. */
function isLate({ state, attempts, answer }: Pick<ShownNotice, 'state' | 'attempts' | 'answer'>): boolean {
  return state === 'pending' && (answer !== null || attempts > 1);
}

function stateWord({ state, attempts, answer }: ShownNotice): string {
  return isLate({ state, attempts, answer }) ? words.states.retried(attempts) : words.states[state];
}

function StateIcon({ state, late }: Pick<ShownNotice, 'state'> & { readonly late: boolean }) {
  if (state === 'sent') return <CheckmarkCircle20Regular aria-hidden />;
  if (state === 'pending') return late ? <ErrorCircle20Regular aria-hidden /> : <Clock20Regular aria-hidden />;
  return <SubtractCircle20Regular aria-hidden />;
}
