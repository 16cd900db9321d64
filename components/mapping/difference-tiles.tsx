'use client';

import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import Link from 'next/link';
import * as text from '#components/text/text.ts';
import type { DifferenceCounts } from '#lib/connectors/mapping/difference.ts';
import type { DifferenceKind } from '#lib/connectors/mapping/use-cases.ts';
import { DIFFERENCE_KINDS, type DifferenceView, versionAddress } from './addresses.ts';
import { countOf } from './difference-counts.ts';

const words = text.mapping.difference;

const useStyles = makeStyles({
  list: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(112px, 1fr))',
    gap: tokens.spacingHorizontalS,
    margin: 0,
    padding: 0,
    listStyleType: 'none',
  },
  tile: {
    display: 'grid',
    height: '100%',
    boxSizing: 'border-box',
    alignContent: 'start',
    padding: tokens.spacingHorizontalM,
    color: tokens.colorNeutralForeground1,
    textDecorationLine: 'none',
    border: `1px solid ${tokens.colorNeutralStrokeAccessible}`,
    borderRadius: tokens.borderRadiusLarge,
    ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '1px' },
  },
  current: {
    border: `1px solid ${tokens.colorCompoundBrandStroke}`,
    boxShadow: `inset 0 0 0 1px ${tokens.colorCompoundBrandStroke}`,
    fontWeight: tokens.fontWeightSemibold,
    // Colours of one's own have no shadows.
    '@media (forced-colors: active)': { outline: '2px solid Highlight' },
  },
  count: { fontSize: tokens.fontSizeBase600, lineHeight: tokens.lineHeightBase600, fontVariantNumeric: 'tabular-nums' },
});

export interface DifferenceTilesProps {
  readonly connectorId: string;
  readonly versionId: string;
  readonly counts: DifferenceCounts;
  readonly view: DifferenceView;
  /** whose rows are listed */
  readonly kind: DifferenceKind;
}

/** A tile for each kind of row; those that warn are there only where there is something to warn of. */
export function DifferenceTiles({ connectorId, versionId, counts, view, kind }: DifferenceTilesProps) {
  const styles = useStyles();
  const kinds = DIFFERENCE_KINDS.filter(
    (one, position) => position < ALWAYS || one === kind || countOf(counts, one) > 0,
  );
  return (
    <nav aria-label={words.tiles}>
      <ul className={styles.list}>
        {kinds.map((one) => (
          <li key={one}>
            <Link
              href={versionAddress(connectorId, versionId, { ...view, kind: one, after: null })}
              scroll={false}
              className={mergeClasses(styles.tile, one === kind && styles.current)}
              aria-current={one === kind ? 'true' : undefined}
            >
              <span>{words.kinds[one]}</span> <span className={styles.count}>{words.count(countOf(counts, one))}</span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Changed, removed, added, unchanged. */
const ALWAYS = 4;
