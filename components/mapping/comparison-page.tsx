'use client';

import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { ArrowDownloadRegular } from '@fluentui/react-icons';
import { type ReactNode, Suspense } from 'react';
import { Section } from '#components/connector/section.tsx';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { VersionSummary } from '#lib/connectors/mapping/version-summary.ts';
import { mappingAddress } from './addresses.ts';
import { BackLink } from './back-link.tsx';
import { CompareWith, type CompareWithProps } from './compare-with.tsx';
import { Comparing } from './comparing.tsx';
import { Facts } from './facts.tsx';
import { type Restore, RestoreButton } from './restore-button.tsx';

const words = text.mapping;

const useStyles = makeStyles({
  page: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalL },
  block: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalL },
  paragraph: { margin: 0 },
  bar: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
});

export interface ComparisonPageProps extends CompareWithProps {
  readonly version: VersionSummary;
  readonly tiles: ReactNode;
  readonly rows: ReactNode;
  /** of which rows are shown: others begin anew */
  readonly shown: string;
  /** null where the person may only look */
  readonly restore: Restore | null;
}

/** A version that is or was in force, or that was discarded, compared with any other. */
export function ComparisonPage({ version, tiles, rows, shown, restore, ...compared }: ComparisonPageProps) {
  const styles = useStyles();
  const { connectorId, against, versions } = compared;
  const other = versions.find(({ id }) => id === against)?.number ?? null;
  return (
    <div className={styles.page}>
      <BackLink connectorId={connectorId} />
      <Section title={words.compare.title(version.number)}>
        <div className={styles.block}>
          <Facts version={version} />
          {version.rowsClearedAt === null ? null : (
            <p className={styles.paragraph}>
              {words.cleared} <Time value={version.rowsClearedAt} />.
            </p>
          )}
          {restore === null || version.rowsClearedAt !== null ? null : (
            <div className={styles.bar}>
              <Button
                as="a"
                href={`/api${mappingAddress(connectorId)}/${version.id}`}
                download
                icon={<ArrowDownloadRegular />}
                aria-label={words.downloadOf(version.number)}
              >
                {words.download}
              </Button>
              {version.status === 'superseded' ? (
                <RestoreButton connectorId={connectorId} version={version} restore={restore} />
              ) : null}
            </div>
          )}
        </div>
      </Section>
      {version.rowsClearedAt !== null ? null : (
        <Section title={words.compare.with(other)}>
          <div className={styles.block}>
            <CompareWith {...compared} />
            <Suspense fallback={<Comparing />}>{tiles}</Suspense>
            <Suspense key={shown} fallback={<Comparing />}>
              {rows}
            </Suspense>
          </div>
        </Section>
      )}
    </div>
  );
}
