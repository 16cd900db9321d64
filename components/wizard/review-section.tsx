'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import Link from 'next/link';
import { Fragment, type ReactNode } from 'react';
import * as text from '#components/text/text.ts';

const useStyles = makeStyles({
  section: { borderBottom: `1px solid ${tokens.colorNeutralStroke2}`, paddingBottom: tokens.spacingVerticalL },
  head: { display: 'flex', alignItems: 'baseline', columnGap: tokens.spacingHorizontalM },
  title: { margin: 0, flexGrow: 1, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  edit: { color: tokens.colorBrandForegroundLink },
  facts: {
    display: 'grid',
    gridTemplateColumns: 'minmax(120px, 200px) 1fr',
    columnGap: tokens.spacingHorizontalL,
    rowGap: tokens.spacingVerticalXS,
    margin: `${tokens.spacingVerticalS} 0 0`,
    '@media (max-width: 480px)': { gridTemplateColumns: '1fr', rowGap: 0 },
  },
  term: { color: tokens.colorNeutralForeground3 },
  value: {
    margin: 0,
    overflowWrap: 'anywhere',
    '@media (max-width: 480px)': { marginBottom: tokens.spacingVerticalS },
  },
});

export interface ReviewSectionProps {
  readonly title: string;
  /** address of the step */
  readonly edit: string;
  readonly facts: readonly (readonly [string, ReactNode])[];
}

/** What was chosen in one step, and the way back to it. */
export function ReviewSection({ title, edit, facts }: ReviewSectionProps) {
  const styles = useStyles();
  return (
    <section className={styles.section} aria-label={title}>
      <div className={styles.head}>
        <h2 className={styles.title}>{title}</h2>
        <Link href={edit} className={styles.edit} aria-label={text.wizard.review.editStep(title)}>
          {text.wizard.review.edit}
        </Link>
      </div>
      <dl className={styles.facts}>
        {facts.map(([term, value]) => (
          <Fragment key={term}>
            <dt className={styles.term}>{term}</dt>
            <dd className={styles.value}>{value}</dd>
          </Fragment>
        ))}
      </dl>
    </section>
  );
}
