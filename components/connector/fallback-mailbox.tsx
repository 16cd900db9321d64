'use client';

import { Field, Input, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useRef, useState } from 'react';
import * as text from '#components/text/text.ts';
import type { FallbackChoice, SetFallbackResult } from '#lib/connectors/fallback-mailbox.ts';
import { type Answer, AskFirst, fieldOf } from './ask-first.tsx';

const useStyles = makeStyles({
  paragraph: { margin: `0 0 ${tokens.spacingVerticalM}`, overflowWrap: 'anywhere' },
  muted: { margin: `0 0 ${tokens.spacingVerticalM}`, color: tokens.colorNeutralForeground2 },
  commands: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
});

export interface FallbackMailboxProps {
  readonly connectorId: string;
  /** null: none is set */
  readonly mailbox: string | null;
  /** null for who may not */
  readonly set: ((choice: Required<FallbackChoice>) => Promise<SetFallbackResult>) | null;
}

/** Which mailbox takes what nobody can receive: set, changed and turned off. */
export function FallbackMailbox({ connectorId, mailbox, set }: FallbackMailboxProps) {
  const styles = useStyles();
  const [said, setSaid] = useState('');
  const words = text.settings.fallback;
  /** what was in force when a dialog was opened, or as its answer said it */
  const seen = useRef(mailbox);
  const onOpen = (): void => {
    seen.current = mailbox;
  };
  async function change(address: string | null): Promise<Answer> {
    if (set === null) return { said: '' };
    const result = await set({ connectorId, address, seen: seen.current });
    if (result.kind === 'changed_meanwhile') seen.current = result.now;
    return answerOf(result);
  }
  return (
    <>
      <p className={styles.muted}>{words.about}</p>
      <p className={styles.paragraph}>
        {mailbox === null ? (
          words.off
        ) : (
          <>
            {words.on} <strong>{mailbox}</strong>.
          </>
        )}
      </p>
      {set === null ? (
        <p className={styles.muted}>{words.whoSets}</p>
      ) : (
        <div className={styles.commands}>
          <AskFirst
            label={mailbox === null ? words.set : words.change}
            title={mailbox === null ? words.setTitle : words.changeTitle}
            body={mailbox === null ? words.setBody : words.changeBody(mailbox)}
            onOpen={onOpen}
            onSaid={setSaid}
            run={(form) => change(fieldOf(form, 'address'))}
          >
            <Field label={words.address} hint={words.addressHint} required>
              <Input name="address" type="email" autoComplete="off" defaultValue={mailbox ?? ''} />
            </Field>
          </AskFirst>
          {mailbox === null ? null : (
            <AskFirst
              label={words.end}
              description={words.endOf}
              title={words.endTitle}
              body={words.endBody(mailbox)}
              appearance="subtle"
              onOpen={onOpen}
              onSaid={setSaid}
              run={() => change(null)}
            />
          )}
        </div>
      )}
      <Text role="status">{said}</Text>
    </>
  );
}

function answerOf(result: SetFallbackResult): Answer {
  const words = text.settings.fallback;
  switch (result.kind) {
    case 'done':
      return { said: words.done(result.mailbox) };
    case 'changed_meanwhile':
      return { problem: text.settings.meanwhile(result.by, words.now(result.now)) };
    case 'refused':
      return { problem: words.refusals[result.reason] };
    default:
      return { problem: words.results[result.kind] };
  }
}
