'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import { Section } from '#components/connector/section.tsx';
import * as text from '#components/text/text.ts';
import type { DeletionState } from '#lib/retention/suspend.ts';
import { DeletionOfRecords, type KeptYears, type SetSuspendedAction } from './deletion-of-records.tsx';

const useStyles = makeStyles({
  page: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr)',
    rowGap: tokens.spacingVerticalL,
    maxWidth: '860px',
  },
  title: { margin: 0, fontSize: tokens.fontSizeBase600, lineHeight: tokens.lineHeightBase600 },
  about: { margin: 0, color: tokens.colorNeutralForeground2 },
});

export interface OrganizationSettingsProps {
  readonly deletion: DeletionState;
  readonly years: KeptYears;
  /** null for who may not */
  readonly setSuspended: SetSuspendedAction | null;
}

/** What is set for all connectors of an organization. */
export function OrganizationSettings({ deletion, years, setSuspended }: OrganizationSettingsProps) {
  const styles = useStyles();
  const words = text.organization;
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{words.title}</h1>
      <p className={styles.about}>{words.about}</p>
      <Section title={words.deletion.title} id="deletion">
        <DeletionOfRecords deletion={deletion} years={years} setSuspended={setSuspended} />
      </Section>
    </div>
  );
}
