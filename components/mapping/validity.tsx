'use client';

import { makeStyles } from '@fluentui/react-components';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { DifferenceRow } from '#lib/connectors/mapping/difference.ts';

const words = text.mapping.difference;

const useStyles = makeStyles({ line: { display: 'block' } });

/** Of which messages a row speaks, a line for each end. */
export function Validity({ validFrom, validTo }: Pick<DifferenceRow, 'validFrom' | 'validTo'>) {
  const styles = useStyles();
  return (
    <>
      {validFrom === null ? null : (
        <span className={styles.line}>
          <Time value={validFrom} />
        </span>
      )}
      {validFrom === null && validTo === null ? words.always : null}
      {validTo === null ? null : (
        <span className={styles.line}>
          {words.until} <Time value={validTo} />
        </span>
      )}
    </>
  );
}
