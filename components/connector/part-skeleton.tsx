'use client';

import { makeStyles, Skeleton, SkeletonItem } from '@fluentui/react-components';
import * as text from '#components/text/text.ts';

const useStyles = makeStyles({
  // As high as what comes, so that nothing jumps; drawn only where it takes longer than a blink.
  box: {
    animationName: { from: { visibility: 'hidden' }, to: { visibility: 'hidden' } },
    animationDuration: '300ms',
  },
  item: { height: '100%' },
});

/** Stands for a part of a page that takes longer than 300 ms. @param height in pixels */
export function PartSkeleton({ height }: { readonly height: number }) {
  const styles = useStyles();
  return (
    <Skeleton className={styles.box} style={{ height }} aria-label={text.problems.loading}>
      <SkeletonItem className={styles.item} />
    </Skeleton>
  );
}
