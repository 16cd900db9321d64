'use client';

import { Button, makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { CheckmarkCircleFilled, PersonAlertFilled } from '@fluentui/react-icons';
import { organizationSentence } from '#components/text/en/connectors.ts';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { ConnectorRow } from '#lib/connectors/snapshot.ts';

const useStyles = makeStyles({
  sentence: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    columnGap: tokens.spacingHorizontalS,
    fontSize: tokens.fontSizeBase400,
    lineHeight: tokens.lineHeightBase400,
    fontWeight: tokens.fontWeightSemibold,
  },
  icon: { display: 'flex', fontSize: '24px' },
  well: { color: tokens.colorStatusSuccessForeground1 },
  needing: { color: tokens.colorStatusWarningForeground3 },
});

interface OrganizationHealthProps {
  readonly rows: readonly ConnectorRow[];
  /** only those that need somebody are shown */
  readonly needing: boolean;
  readonly onNeeding: (needing: boolean) => void;
}

/** How all connectors are, in a sentence, and the way to those that need somebody. */
export function OrganizationHealth({ rows, needing, onNeeding }: OrganizationHealthProps) {
  const styles = useStyles();
  const { text: words, until, needing: count } = organizationSentence(rows);
  return (
    <div className={styles.sentence}>
      <span className={mergeClasses(styles.icon, count === 0 ? styles.well : styles.needing)} aria-hidden>
        {count === 0 ? <CheckmarkCircleFilled /> : <PersonAlertFilled />}
      </span>
      <span>
        {words}
        {until === null ? null : (
          <>
            {' '}
            <Time value={until} />
          </>
        )}
      </span>
      {count === 0 && !needing ? null : (
        <Button size="small" onClick={() => onNeeding(!needing)}>
          {needing ? text.connectors.showAll : text.connectors.showThem(count)}
        </Button>
      )}
    </div>
  );
}
