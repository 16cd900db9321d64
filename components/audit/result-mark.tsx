'use client';

import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { CheckmarkCircleRegular, ProhibitedRegular } from '@fluentui/react-icons';
import * as text from '#components/text/text.ts';

const useStyles = makeStyles({
  mark: { display: 'inline-flex', alignItems: 'center', columnGap: tokens.spacingHorizontalXS, whiteSpace: 'nowrap' },
  icon: { display: 'flex', fontSize: '16px', flexShrink: 0 },
  done: { color: tokens.colorNeutralForeground3 },
  refused: { color: tokens.colorStatusDangerForeground1 },
});

/** How an act ended, as an icon and a word. */
export function ResultMark({ result }: { readonly result: 'done' | 'refused' }) {
  const styles = useStyles();
  return (
    <span className={styles.mark}>
      <span className={mergeClasses(styles.icon, styles[result])} aria-hidden>
        {result === 'done' ? <CheckmarkCircleRegular /> : <ProhibitedRegular />}
      </span>
      {text.audit.results[result]}
    </span>
  );
}
