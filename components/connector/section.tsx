'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import { type ReactNode, useId } from 'react';

const useStyles = makeStyles({
  heading: {
    margin: `0 0 ${tokens.spacingVerticalS}`,
    fontSize: tokens.fontSizeBase400,
    lineHeight: tokens.lineHeightBase400,
    fontWeight: tokens.fontWeightSemibold,
  },
  card: {
    padding: tokens.spacingHorizontalL,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    backgroundColor: tokens.colorNeutralBackground1,
  },
});

interface SectionProps {
  readonly title: string;
  /** for links to it */
  readonly id?: string;
  readonly children: ReactNode;
}

/** A part of a connector's page under a heading of its own. */
export function Section({ title, id, children }: SectionProps) {
  const styles = useStyles();
  const heading = useId();
  return (
    <section id={id} aria-labelledby={heading} className={styles.card}>
      <h2 id={heading} className={styles.heading}>
        {title}
      </h2>
      {children}
    </section>
  );
}
