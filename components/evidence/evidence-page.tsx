'use client';

import { MessageBar, MessageBarBody, makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { Equations } from '#components/connectors/equations.tsx';
import { LinkButton } from '#components/frame/link-button.tsx';
import { TextLink } from '#components/frame/text-link.tsx';
import { evidence } from '#components/text/evidence.ts';
import * as text from '#components/text/text.ts';
import { type EvidenceView, evidenceAddress } from '#lib/evidence/address.ts';
import type { Reading, Totals } from '#lib/evidence/find.ts';
import type { ConnectorChoice } from '#lib/evidence/package/choices.ts';
import { PACKAGES_AT_ONCE } from '#lib/evidence/package/places.ts';
import type { ItemLine, Proof } from '#lib/evidence/proof.ts';
import { CopyState } from './copy-state.tsx';
import { CreatePackage } from './create-package.tsx';
import { ItemList } from './item-list.tsx';
import { Search } from './search.tsx';

const useStyles = makeStyles({
  page: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr)',
    rowGap: tokens.spacingVerticalXL,
    maxWidth: '960px',
  },
  head: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    justifyContent: 'space-between',
    gap: tokens.spacingHorizontalM,
  },
  title: { margin: 0, fontSize: tokens.fontSizeHero700, lineHeight: tokens.lineHeightHero700 },
  about: { margin: 0, maxWidth: '720px', color: tokens.colorNeutralForeground2 },
  part: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalM },
  heading: {
    margin: 0,
    fontSize: tokens.fontSizeBase500,
    lineHeight: tokens.lineHeightBase500,
    overflowWrap: 'anywhere',
  },
  paragraph: { margin: 0, maxWidth: '720px', overflowWrap: 'anywhere' },
  choices: { display: 'grid', rowGap: tokens.spacingVerticalS, margin: 0, paddingLeft: tokens.spacingHorizontalL },
  totals: { display: 'flex', flexWrap: 'wrap', gap: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalXL}` },
  total: { display: 'inline-flex', alignItems: 'center', columnGap: tokens.spacingHorizontalXS },
  start: { display: 'grid', justifyItems: 'start', rowGap: tokens.spacingVerticalM },
});

/** A subject that was found, and a page of its items. */
export interface Found {
  readonly reading: Reading;
  readonly totals: Totals;
  readonly lines: readonly ItemLine[];
  /** key that the next page follows */
  readonly next: string | null;
  /** of the item that is opened; `gone`: it is not there */
  readonly proof: Proof | 'gone' | null;
}

export type Outcome =
  | { readonly kind: 'start' }
  | { readonly kind: 'no-match' }
  | { readonly kind: 'choose'; readonly readings: readonly Reading[] }
  | { readonly kind: 'found'; readonly found: Found };

interface EvidencePageProps {
  readonly view: EvidenceView;
  readonly outcome: Outcome;
}

export interface PackageChoices {
  readonly connectors: readonly ConnectorChoice[];
  /** today, UTC */
  readonly today: string;
  /** a package was asked for while as many were being made as may be */
  readonly tooMany: boolean;
}

/** *Find proof*: one box, and what the books say of whatever was typed. */
export function EvidencePage({ view, outcome, choices }: EvidencePageProps & { readonly choices: PackageChoices }) {
  const styles = useStyles();
  return (
    <div className={styles.page}>
      <div className={styles.part}>
        <div className={styles.head}>
          <h1 className={styles.title}>{evidence.heading}</h1>
          <CreatePackage connectors={choices.connectors} day={dayLookedAt(outcome) ?? choices.today} />
        </div>
        {choices.tooMany ? (
          <MessageBar intent="warning" layout="multiline" role="alert">
            <MessageBarBody>{evidence.package.tooMany(PACKAGES_AT_ONCE)}</MessageBarBody>
          </MessageBar>
        ) : null}
        <p className={styles.about}>{evidence.about}</p>
        <Search text={view.text} />
      </div>
      <OutcomePart view={view} outcome={outcome} />
    </div>
  );
}

function dayLookedAt(outcome: Outcome): string | null {
  if (outcome.kind !== 'found') return null;
  const { subject } = outcome.found.reading;
  return subject.kind === 'day' ? subject.day : null;
}

function OutcomePart({ view, outcome }: EvidencePageProps) {
  const styles = useStyles();
  switch (outcome.kind) {
    case 'start':
      return (
        <Part title={evidence.start}>
          <p className={styles.paragraph}>{evidence.startHelp}</p>
        </Part>
      );
    case 'no-match':
      return (
        <Part title={text.problems.noMatch}>
          <div className={styles.start}>
            <p className={styles.paragraph}>{evidence.noMatchHelp(view.text)}</p>
            <LinkButton href="/evidence">{evidence.startAgain}</LinkButton>
          </div>
        </Part>
      );
    case 'choose':
      return (
        <Part title={evidence.which}>
          <p className={styles.paragraph}>{evidence.whichHelp(view.text)}</p>
          <ul className={styles.choices}>
            {outcome.readings.map((reading) => {
              const href = evidenceAddress({ text: view.text, of: reading.subject });
              return (
                <li key={href}>
                  <TextLink href={href}>{evidence.reading(reading)}</TextLink>
                </li>
              );
            })}
          </ul>
        </Part>
      );
    case 'found':
      return <FoundPart view={view} found={outcome.found} />;
  }
}

function FoundPart({ view, found }: { readonly view: EvidenceView; readonly found: Found }) {
  const styles = useStyles();
  const { reading, totals, lines, next } = found;
  return (
    <Part title={evidence.reading(reading)}>
      {totals === null || lines.length === 0 ? null : <TotalsPart totals={totals} />}
      {lines.length === 0 ? (
        <div className={styles.start}>
          <p className={styles.paragraph}>{evidence.nothing}</p>
          <LinkButton href="/evidence">{evidence.startAgain}</LinkButton>
        </div>
      ) : (
        <ItemList view={view} found={found} />
      )}
      {view.after === null && next === null ? null : (
        <div className={styles.totals}>
          {view.after === null ? null : (
            <LinkButton href={evidenceAddress({ ...view, after: null, open: null })}>{evidence.newest}</LinkButton>
          )}
          {next === null ? null : (
            <LinkButton href={evidenceAddress({ ...view, after: next, open: null })}>{evidence.older}</LinkButton>
          )}
        </div>
      )}
    </Part>
  );
}

function TotalsPart({ totals }: { readonly totals: NonNullable<Totals> }) {
  const styles = useStyles();
  if (totals.kind === 'counts') return <Equations counts={totals.counts} />;
  const states = Object.entries(totals.copies).sort(([, a], [, b]) => b - a);
  const sum = states.reduce((all, [, count]) => all + count, 0);
  return (
    <div>
      <p className={styles.paragraph}>{evidence.copiesCounted(sum, totals.isMore)}</p>
      <div className={styles.totals}>
        {states.map(([state, count]) => (
          <span key={state} className={styles.total}>
            <CopyState state={state} />
            <strong>{new Intl.NumberFormat('en-US').format(count)}</strong>
          </span>
        ))}
      </div>
    </div>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const styles = useStyles();
  return (
    <section className={styles.part} aria-label={title}>
      <h2 className={styles.heading}>{title}</h2>
      {children}
    </section>
  );
}
