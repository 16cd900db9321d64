'use client';

import { makeStyles, ProgressBar, tokens } from '@fluentui/react-components';
import type { LiveRow } from '#components/live/live-state.ts';
import { useNow } from '#components/live/use-now.ts';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import { ACTIVITY_WORDS } from '#lib/connectors/activity.ts';
import { durationWords, estimate } from '#lib/imports/progress.ts';
import { reasonOf } from '#lib/imports/reasons.ts';

const useStyles = makeStyles({
  now: { display: 'grid', rowGap: tokens.spacingVerticalXS, width: '100%' },
  words: {
    display: 'flex',
    flexWrap: 'wrap',
    columnGap: tokens.spacingHorizontalM,
    fontVariantNumeric: 'tabular-nums',
  },
  small: {
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
  },
});

/** What a connector is doing now: a bar that measures, how fast it goes, how long it still takes. */
export function Now({ live }: { readonly live: LiveRow }) {
  const styles = useStyles();
  const { row } = live;
  const words = text.connectors.now;
  const moving = row.activity === 'collecting' || row.activity === 'delivering';
  if (!moving) {
    return (
      <div className={styles.now}>
        <span>{ACTIVITY_WORDS[row.activity]}</span>
        <Problem live={live} />
      </div>
    );
  }
  const others = row.open.length - 1;
  return (
    <div className={styles.now}>
      <Bar live={live} />
      {others > 0 ? <span className={styles.small}>{words.queuedMore(others)}</span> : null}
      <Problem live={live} />
    </div>
  );
}

function Bar({ live: { row, progress, samples } }: { readonly live: LiveRow }) {
  const styles = useStyles();
  const now = useNow(true);
  const words = text.connectors.now;
  const label = words.progress(row.name);
  if (progress.kind === 'none') return null;
  const remaining = progress.kind === 'delivering' ? progress.total - progress.done : null;
  const measured = remaining === 0 ? null : estimate(samples, remaining, now);
  const amount =
    progress.kind === 'delivering' ? words.copies(progress.done, progress.total) : words.soFar(progress.items);
  return (
    <>
      {progress.kind === 'delivering' ? (
        <ProgressBar
          aria-label={label}
          aria-valuetext={amount}
          thickness="large"
          max={Math.max(progress.total, 1)}
          value={progress.total === 0 ? 1 : progress.done}
        />
      ) : (
        <ProgressBar aria-label={label} aria-valuetext={amount} thickness="large" />
      )}
      <span className={styles.words}>
        <span>{ACTIVITY_WORDS[row.activity]}</span>
        <span>{amount}</span>
      </span>
      <span className={styles.small}>
        {remaining === 0 ? words.checking : null}
        {measured === null ? null : words.perSecond(measured.perSecond)}
        {measured === null || measured.secondsLeft === null
          ? null
          : ` · ${words.left(durationWords(measured.secondsLeft))}`}
      </span>
    </>
  );
}

/** Why the oldest import does not go on, and when it is tried again. */
function Problem({ live: { row } }: { readonly live: LiveRow }) {
  const styles = useStyles();
  const first = row.open.find(({ problem }) => problem !== null);
  if (first === undefined || first.problem === null || row.health === 'stopped') return null;
  return (
    <span className={styles.small}>
      {reasonOf(first.problem).sentence} {text.connectors.now.tryAgain} <Time value={first.nextAttemptAt} timeOfDay />.
    </span>
  );
}
