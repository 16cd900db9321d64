'use client';

import { makeStyles, ProgressBar, tokens } from '@fluentui/react-components';
import * as text from '#components/text/text.ts';

const useStyles = makeStyles({
  progress: {
    display: 'grid',
    rowGap: tokens.spacingVerticalXS,
    maxWidth: '480px',
    fontVariantNumeric: 'tabular-nums',
  },
});

export interface ProgressProps {
  readonly done: number;
  /** null until the users are read */
  readonly total: number | null;
}

/** How far the verification is that runs. */
export function Progress({ done, total }: ProgressProps) {
  const styles = useStyles();
  const words = text.coverage;
  const amount = total === null ? words.waiting : words.progressOf(done, total);
  return (
    <div className={styles.progress}>
      {total === null ? (
        <ProgressBar aria-label={words.progress} aria-valuetext={amount} thickness="large" />
      ) : (
        <ProgressBar
          aria-label={words.progress}
          aria-valuetext={amount}
          thickness="large"
          max={Math.max(total, 1)}
          value={Math.min(done, total)}
        />
      )}
      <span>
        {words.progress}: {amount}
      </span>
    </div>
  );
}
