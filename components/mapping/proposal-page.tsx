'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import { type ReactNode, Suspense } from 'react';
import { Section } from '#components/connector/section.tsx';
import * as text from '#components/text/text.ts';
import { BackLink } from './back-link.tsx';
import { Comparing } from './comparing.tsx';
import { OtherMode, ProposalCheck, type ProposalProps } from './proposal-check.tsx';

const words = text.mapping;

const useStyles = makeStyles({
  page: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalL },
  block: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalL },
  paragraph: { margin: 0 },
});

export interface ProposalPageProps extends ProposalProps {
  /** number of the version in force; null where none is */
  readonly base: number | null;
  /** what each block shows once it is compared */
  readonly tiles: ReactNode;
  readonly rows: ReactNode;
  readonly effect: ReactNode;
  /** of which rows are shown: others begin anew */
  readonly shown: string;
}

/** A proposed version: *Check*, *Difference*, *Effect*, each there as soon as it is known. */
export function ProposalPage({ base, tiles, rows, effect, shown, ...proposal }: ProposalPageProps) {
  const styles = useStyles();
  const { mode } = proposal.version;
  return (
    <div className={styles.page}>
      <BackLink connectorId={proposal.connectorId} />
      <Section title={words.check.title}>
        <ProposalCheck {...proposal} />
      </Section>
      <Section title={mode === 'rule' ? words.difference.rule : words.difference.with(base)}>
        <div className={styles.block}>
          {base === null && mode !== 'rule' ? (
            <p className={styles.paragraph}>{words.difference.first}</p>
          ) : mode === 'restore' || mode === 'rule' ? null : (
            <p className={styles.paragraph}>
              {mode === 'add' ? words.difference.addHint : words.difference.replaceHint}
            </p>
          )}
          <OtherMode {...proposal} />
          <Suspense fallback={<Comparing />}>{tiles}</Suspense>
          <Suspense key={shown} fallback={<Comparing />}>
            {rows}
          </Suspense>
        </div>
      </Section>
      <Section title={words.effect.title}>
        <Suspense fallback={<Comparing />}>{effect}</Suspense>
      </Section>
    </div>
  );
}
