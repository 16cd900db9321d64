'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { connectorSentence } from '#components/text/en/connectors.ts';
import { Time } from '#components/time/time.tsx';
import { HEALTH_WORDS } from '#lib/connectors/health.ts';
import type { ConnectorRow } from '#lib/connectors/snapshot.ts';
import { HealthIcon } from './health-mark.tsx';
import { needsSomebody } from './view.ts';

const useStyles = makeStyles({
  line: {
    display: 'flex',
    alignItems: 'start',
    columnGap: tokens.spacingHorizontalS,
    flexWrap: 'wrap',
    rowGap: tokens.spacingVerticalS,
  },
  words: { display: 'grid', rowGap: tokens.spacingVerticalXXS, minWidth: 0, flex: '1 1 240px' },
  sentence: { margin: 0, fontWeight: tokens.fontWeightSemibold },
  detail: { margin: 0, color: tokens.colorNeutralForeground2 },
});

/** How one connector is, in a sentence, with what to do. `action` is the one button that helps. */
export function HealthSentence({ row, action }: { readonly row: ConnectorRow; readonly action?: ReactNode }) {
  const styles = useStyles();
  const { text: words, until, detail } = connectorSentence(row);
  return (
    <div className={styles.line}>
      <HealthIcon health={row.health} />
      <div className={styles.words}>
        <p className={styles.sentence}>
          {needsSomebody(row) ? `${HEALTH_WORDS[row.health]}. ` : null}
          {words}
          {until === null ? null : (
            <>
              {' '}
              <Time value={until} />.
            </>
          )}
        </p>
        {detail === null ? null : <p className={styles.detail}>{detail}</p>}
      </div>
      {action}
    </div>
  );
}
