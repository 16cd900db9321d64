'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import { madeOf } from '#components/text/en/mapping.ts';
import { regionName } from '#components/text/en/mapping-rule.ts';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { VersionSummary } from '#lib/connectors/mapping/version-summary.ts';

const words = text.mapping;

const useStyles = makeStyles({
  list: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 160px) minmax(0, 1fr)',
    gap: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalM}`,
    margin: 0,
    '@media (max-width: 640px)': { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  term: { color: tokens.colorNeutralForeground3 },
  value: { margin: 0, overflowWrap: 'anywhere', fontVariantNumeric: 'tabular-nums' },
  hash: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
});

/** What is known of a version: number, who, when, how many rows, why, and which file it was. */
export function Facts({ version }: { readonly version: VersionSummary }) {
  const styles = useStyles();
  const { inForce, versions } = words;
  const { appliedAt, approvedBy, fileName, fileSha256 } = version;
  return (
    <dl className={styles.list}>
      <dt className={styles.term}>{inForce.version}</dt>
      <dd className={styles.value}>{version.number}</dd>
      <dt className={styles.term}>{appliedAt === null ? inForce.proposedBy : inForce.appliedBy}</dt>
      <dd className={styles.value}>
        {appliedAt === null ? version.createdBy : version.appliedBy}, <Time value={appliedAt ?? version.createdAt} />
      </dd>
      {approvedBy === null ? null : (
        <>
          <dt className={styles.term}>{inForce.approvedBy}</dt>
          <dd className={styles.value}>{approvedBy}</dd>
        </>
      )}
      <dt className={styles.term}>{inForce.rows}</dt>
      <dd className={styles.value}>
        {words.difference.count(version.rowCount)} <Made version={version} />
      </dd>
      <dt className={styles.term}>{text.mappingRule.inForceAutomatic}</dt>
      <dd className={styles.value}>{version.automaticMapping ? text.mappingRule.on : text.mappingRule.off}</dd>
      <dt className={styles.term}>{text.mappingRule.region}</dt>
      <dd className={styles.value}>{regionName(version.defaultRegion)}</dd>
      {appliedAt === null && version.reason === null ? null : (
        <>
          <dt className={styles.term}>{inForce.why}</dt>
          <dd className={styles.value}>{version.reason ?? versions.noReason}</dd>
        </>
      )}
      <dt className={styles.term}>{inForce.file}</dt>
      <dd className={styles.value}>{fileName ?? inForce.noFile}</dd>
      {fileSha256 === null ? null : (
        <>
          <dt className={styles.term}>{inForce.sha256}</dt>
          <dd className={`${styles.value} ${styles.hash}`}>{fileSha256}</dd>
        </>
      )}
    </dl>
  );
}

function Made({ version }: { readonly version: VersionSummary }) {
  const styles = useStyles();
  return <span className={styles.term}>{madeOf(version)}</span>;
}
