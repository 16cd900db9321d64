'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { Time } from '#components/time/time.tsx';

const useStyles = makeStyles({
  steps: { margin: 0, padding: 0, listStyleType: 'none' },
  step: {
    position: 'relative',
    paddingLeft: '28px',
    paddingBottom: tokens.spacingVerticalXL,
    // The line from one point to the next; a border, so that it is there in high contrast, too.
    '::before': {
      content: '""',
      position: 'absolute',
      top: '10px',
      bottom: '-10px',
      left: '6px',
      borderLeft: `2px solid ${tokens.colorNeutralStroke1}`,
    },
    ':last-child': { paddingBottom: 0 },
    ':last-child::before': { display: 'none' },
  },
  point: {
    position: 'absolute',
    top: '5px',
    left: 0,
    width: '10px',
    height: '10px',
    border: `2px solid ${tokens.colorBrandStroke1}`,
    borderRadius: tokens.borderRadiusCircular,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  head: { display: 'flex', flexWrap: 'wrap', alignItems: 'baseline', columnGap: tokens.spacingHorizontalM },
  title: {
    margin: 0,
    fontSize: tokens.fontSizeBase300,
    lineHeight: tokens.lineHeightBase300,
    fontWeight: tokens.fontWeightSemibold,
    overflowWrap: 'anywhere',
  },
  body: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr)',
    rowGap: tokens.spacingVerticalS,
    marginTop: tokens.spacingVerticalXXS,
  },
});

interface StepsProps {
  readonly label: string;
  readonly children: ReactNode;
}

/** What happened, one below the other, along a line. */
export function Steps({ label, children }: StepsProps) {
  return (
    <ol aria-label={label} className={useStyles().steps}>
      {children}
    </ol>
  );
}

interface StepProps {
  readonly title: string;
  readonly at?: string | null;
  readonly children: ReactNode;
}

export function Step({ title, at = null, children }: StepProps) {
  const styles = useStyles();
  return (
    <li className={styles.step}>
      <span className={styles.point} aria-hidden />
      <div className={styles.head}>
        <h3 className={styles.title}>{title}</h3>
        {at === null ? null : <Time value={at} />}
      </div>
      <div className={styles.body}>{children}</div>
    </li>
  );
}
