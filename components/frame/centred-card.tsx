'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import * as text from '#components/text/text.ts';

const useStyles = makeStyles({
  page: {
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'center',
    justifyContent: 'center',
    flexGrow: 1,
    padding: tokens.spacingHorizontalL,
    backgroundColor: tokens.colorNeutralBackground3,
  },
  card: {
    display: 'grid',
    rowGap: tokens.spacingVerticalL,
    width: '100%',
    padding: `${tokens.spacingVerticalXXXL} ${tokens.spacingHorizontalXXXL}`,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusXLarge,
    boxShadow: tokens.shadow8,
    '@media (max-width: 480px)': { padding: tokens.spacingHorizontalL },
  },
  brand: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  title: {
    margin: 0,
    fontSize: tokens.fontSizeBase600,
    lineHeight: tokens.lineHeightBase600,
    fontWeight: tokens.fontWeightSemibold,
  },
  head: { display: 'grid', rowGap: tokens.spacingVerticalXS },
});

export interface CentredCardProps {
  readonly title: string;
  /** pixels, default 440 */
  readonly width?: number;
  readonly children: ReactNode;
}

/** A page that is one card, outside the portal's frame. */
export function CentredCard({ title, width = 440, children }: CentredCardProps) {
  const styles = useStyles();
  return (
    <main className={styles.page}>
      <div className={styles.card} style={{ maxWidth: width }}>
        <div className={styles.head}>
          <span className={styles.brand}>{text.frame.productName}</span>
          <h1 className={styles.title}>{title}</h1>
        </div>
        {children}
      </div>
    </main>
  );
}
