'use client';

import { makeStyles, Skeleton, SkeletonItem, tokens } from '@fluentui/react-components';
import * as text from '#components/text/text.ts';

const useStyles = makeStyles({
  // What comes within a blink needs no picture of what will come.
  box: {
    display: 'grid',
    rowGap: tokens.spacingVerticalL,
    maxWidth: '640px',
    animationName: { from: { visibility: 'hidden' }, to: { visibility: 'hidden' } },
    animationDuration: '300ms',
  },
});

/** Stands for a page that takes longer than 300 ms. */
export function PageSkeleton() {
  const styles = useStyles();
  return (
    <Skeleton className={styles.box} aria-label={text.problems.loading}>
      <SkeletonItem size={32} style={{ width: '40%' }} />
      <SkeletonItem size={16} />
      <SkeletonItem size={16} />
      <SkeletonItem size={64} />
    </Skeleton>
  );
}
