'use client';

import { MessageBar, MessageBarBody, makeStyles, tokens } from '@fluentui/react-components';
import * as text from '#components/text/text.ts';
import type { VersionDifference } from '#lib/connectors/mapping/use-cases.ts';
import { Validity } from './validity.tsx';

const words = text.mapping.effect;

const useStyles = makeStyles({
  list: {
    marginBlock: tokens.spacingVerticalXS,
    paddingInlineStart: tokens.spacingHorizontalXL,
    maxHeight: '240px',
    overflowY: 'auto',
    overflowWrap: 'anywhere',
  },
});

/** Which mailboxes that somebody chose in the portal a version would not keep. */
export function Overruled({ overruled: { count, rows } }: Pick<VersionDifference, 'overruled'>) {
  const styles = useStyles();
  if (count === 0) return null;
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        {words.overruled(count)}
        <ul className={styles.list}>
          {rows.map((row) => (
            <li key={`${row.number} ${row.validFrom?.getTime() ?? ''}`}>
              {row.number}: {words.overrules(row.oldMailbox ?? '', row.newMailbox)}
              {row.validFrom === null && row.validTo === null ? null : (
                <>
                  {' ('}
                  <Validity {...row} />)
                </>
              )}
            </li>
          ))}
        </ul>
        {rows.length < count ? words.overruledFirst(rows.length) : null}
      </MessageBarBody>
    </MessageBar>
  );
}
