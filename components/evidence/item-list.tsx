'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import { ChevronDownRegular, ChevronRightRegular } from '@fluentui/react-icons';
import Link from 'next/link';
import { Breakable } from '#components/frame/breakable.tsx';
import { evidence } from '#components/text/evidence.ts';
import { Time } from '#components/time/time.tsx';
import { type EvidenceView, evidenceAddress } from '#lib/evidence/address.ts';
import type { ItemLine } from '#lib/evidence/proof.ts';
import { FALLBACK } from '#lib/imports/fallback.ts';
import { CopyState } from './copy-state.tsx';
import type { Found } from './evidence-page.tsx';
import { Timeline } from './timeline.tsx';

const useStyles = makeStyles({
  list: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', margin: 0, padding: 0, listStyleType: 'none' },
  item: { borderTop: `1px solid ${tokens.colorNeutralStroke2}` },
  link: {
    display: 'grid',
    gridTemplateColumns: '20px minmax(0, 1fr)',
    columnGap: tokens.spacingHorizontalS,
    padding: `${tokens.spacingVerticalMNudge} ${tokens.spacingHorizontalXS}`,
    color: tokens.colorNeutralForeground1,
    textDecorationLine: 'none',
    ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '-2px' },
  },
  icon: { display: 'flex', fontSize: '20px' },
  words: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalXXS },
  head: { display: 'flex', flexWrap: 'wrap', columnGap: tokens.spacingHorizontalM },
  name: { fontWeight: tokens.fontWeightSemibold, overflowWrap: 'anywhere' },
  copies: {
    display: 'flex',
    flexWrap: 'wrap',
    columnGap: tokens.spacingHorizontalL,
    rowGap: tokens.spacingVerticalXXS,
  },
  copy: { display: 'inline-flex', flexWrap: 'wrap', columnGap: tokens.spacingHorizontalXS, overflowWrap: 'anywhere' },
  muted: { color: tokens.colorNeutralForeground2 },
  proof: {
    padding: `${tokens.spacingVerticalM} 0 ${tokens.spacingVerticalXXL} 32px`,
    '@media (max-width: 640px)': { paddingLeft: tokens.spacingHorizontalXS },
  },
});

interface ItemListProps {
  readonly view: EvidenceView;
  readonly found: Found;
}

/** Items in short; one of them is open, and shows its whole proof. */
export function ItemList({ view, found: { lines, proof } }: ItemListProps) {
  const styles = useStyles();
  const opened = proof === null || proof === 'gone' ? null : proof.line.key;
  return (
    <>
      {proof === 'gone' ? <p role="status">{evidence.gone}</p> : null}
      <ul className={styles.list} aria-label={evidence.items}>
        {lines.map((line) => {
          const isOpen = line.key === opened;
          return (
            <li key={line.key} className={styles.item}>
              <Line line={line} view={view} isOpen={isOpen} />
              {isOpen && proof !== null && proof !== 'gone' ? (
                <div className={styles.proof}>
                  <Timeline proof={proof} />
                </div>
              ) : null}
            </li>
          );
        })}
      </ul>
    </>
  );
}

interface LineProps {
  readonly line: ItemLine;
  readonly view: EvidenceView;
  readonly isOpen: boolean;
}

function Line({ line, view, isOpen }: LineProps) {
  const styles = useStyles();
  const { type, sourceItemId, copies, connector } = line;
  return (
    <Link
      href={evidenceAddress({ ...view, open: isOpen ? 'none' : line.key })}
      scroll={false}
      className={styles.link}
      aria-expanded={isOpen}
    >
      <span className={styles.icon} aria-hidden>
        {isOpen ? <ChevronDownRegular /> : <ChevronRightRegular />}
      </span>
      <span className={styles.words}>
        <span className={styles.head}>
          <span className={styles.name}>{evidence.itemOf(type, sourceItemId)}</span>
          <Time value={line.archivedAt} />
        </span>
        <span className={styles.copies}>
          {copies.length === 0 ? (
            <CopyState state={line.outcome} />
          ) : (
            copies.map((copy) => (
              <span key={`${copy.participant} ${copy.mailbox}`} className={styles.copy}>
                <CopyState state={copy.state} reason={copy.reason} />
                <span className={styles.muted}>
                  <Breakable>{copy.mailbox ?? participantOf(copy.participant)}</Breakable>
                </span>
              </span>
            ))
          )}
        </span>
        <span className={styles.muted}>{connector}</span>
      </span>
    </Link>
  );
}

const participantOf = (participant: string): string =>
  participant === FALLBACK ? evidence.copyForFallback : participant;
