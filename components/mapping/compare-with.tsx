'use client';

import { Field, makeStyles, Select } from '@fluentui/react-components';
import { useRouter } from 'next/navigation';
import * as text from '#components/text/text.ts';
import type { VersionSummary } from '#lib/connectors/mapping/version-summary.ts';
import { type DifferenceView, versionAddress } from './addresses.ts';

const words = text.mapping.compare;

const useStyles = makeStyles({ field: { maxWidth: '320px' } });

export interface CompareWithProps {
  readonly connectorId: string;
  readonly versionId: string;
  readonly view: DifferenceView;
  /** id of the version that it is compared with; null: with nothing */
  readonly against: string | null;
  readonly versions: readonly Pick<VersionSummary, 'id' | 'number' | 'status' | 'rowsClearedAt'>[];
}

/** Chooses the other of two versions. */
export function CompareWith({ connectorId, versionId, view, against, versions }: CompareWithProps) {
  const styles = useStyles();
  const router = useRouter();
  return (
    <Field className={styles.field} label={words.against}>
      <Select
        value={against ?? 'none'}
        onChange={(_event, { value }) =>
          router.push(versionAddress(connectorId, versionId, { ...view, against: value, after: null }))
        }
      >
        {versions
          .filter(({ id, rowsClearedAt }) => id !== versionId && rowsClearedAt === null)
          .map(({ id, number, status }) => (
            <option key={id} value={id}>
              {words.version(number, text.mapping.versions.statuses[status])}
            </option>
          ))}
        <option value="none">{words.nothing}</option>
      </Select>
    </Field>
  );
}
