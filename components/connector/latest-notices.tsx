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

/** What lies in a connector's outbox and what became of it, the newest first: one that was given up is seen here. */
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
                {notice.event === null
                  ? words.kinds[notice.kind]
                  : `${words.kinds[notice.kind]}: ${titleOf(notice.event)}`}
              </CardCell>
              <CardCell column={COLUMNS.to}>{notice.target}</CardCell>
              <CardCell column={COLUMNS.state}>
                <span className={styles.state}>
                  <StateIcon state={notice.state} />
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

function stateWord({ state, attempts, answer }: ShownNotice): string {
  return state === 'pending' && attempts > 0 && answer !== null ? words.states.retried(attempts) : words.states[state];
}

function StateIcon({ state }: Pick<ShownNotice, 'state'>) {
  if (state === 'sent') return <CheckmarkCircle20Regular aria-hidden />;
  if (state === 'given_up') return <ErrorCircle20Regular aria-hidden />;
  return state === 'pending' ? <Clock20Regular aria-hidden /> : <SubtractCircle20Regular aria-hidden />;
}
