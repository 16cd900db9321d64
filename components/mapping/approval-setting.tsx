'use client';

import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { AskFirst } from '#components/connector/ask-first.tsx';
import * as text from '#components/text/text.ts';
import type { ApprovalSetting as Setting } from '#lib/connectors/mapping/approval-setting.ts';

const words = text.mapping.approval;

const useStyles = makeStyles({
  paragraph: { margin: `0 0 ${tokens.spacingVerticalM}`, overflowWrap: 'anywhere' },
  muted: { margin: `0 0 ${tokens.spacingVerticalM}`, color: tokens.colorNeutralForeground2 },
  commands: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
});

export interface ApprovalSettingProps {
  readonly setting: Setting;
  /** null for who may not */
  readonly set: ((demanded: boolean) => Promise<'done' | 'unchanged' | 'asked'>) | null;
}

/** Whether large changes of a mapping need a second administrator: on at once, off by two of them. */
export function ApprovalSetting({ setting, set }: ApprovalSettingProps) {
  const styles = useStyles();
  const [said, setSaid] = useState('');
  const { demanded, offRequestedBy, offRequestedByMe } = setting;
  const to = (value: boolean, choose: NonNullable<ApprovalSettingProps['set']>) => async () => {
    const result = await choose(value);
    return result === 'unchanged'
      ? { problem: words.unchanged }
      : { said: result === 'asked' ? words.asked : words.done(value) };
  };
  return (
    <>
      <p className={styles.muted}>{words.about}</p>
      <p className={styles.paragraph}>
        {demanded ? words.on : words.off} {offRequestedBy === null ? null : words.asks(offRequestedBy)}
      </p>
      {set === null ? (
        <p className={styles.muted}>{words.whoSets}</p>
      ) : (
        <div className={styles.commands}>
          {demanded ? null : (
            <AskFirst
              label={words.turnOn}
              title={words.turnOnTitle}
              body={words.turnOnBody}
              onSaid={setSaid}
              run={to(true, set)}
            />
          )}
          {!demanded || offRequestedByMe ? null : (
            <AskFirst
              label={words.turnOff}
              title={words.turnOffTitle}
              body={offRequestedBy === null ? words.turnOffBody : words.agreeBody(offRequestedBy)}
              onSaid={setSaid}
              run={to(false, set)}
            />
          )}
          {offRequestedBy === null ? null : (
            <AskFirst
              label={words.keepOn}
              title={words.keepOnTitle}
              body={words.keepOnBody}
              onSaid={setSaid}
              run={to(true, set)}
            />
          )}
        </div>
      )}
      <Text role="status">{said}</Text>
    </>
  );
}
