'use client';

import { MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle, Text } from '@fluentui/react-components';
import { useState } from 'react';
import * as text from '#components/text/text.ts';
import type { FirstUser as First } from '#lib/connectors/first-user.ts';
import { AskFirst } from './ask-first.tsx';

const words = text.commands.firstUser;

interface FirstUserProps {
  readonly connectorId: string;
  readonly first: First;
  /** null for who may only look */
  readonly letFollow: ((connectorId: string) => Promise<'done' | 'unchanged' | 'not_found'>) | null;
}

/** Only one user is imported so far: asks whether the others may follow. */
export function FirstUser({ connectorId, first, letFollow }: FirstUserProps) {
  const [said, setSaid] = useState('');
  return (
    <>
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{words.title(first.mailbox)}</MessageBarTitle> {words.about(first.held)}
        </MessageBarBody>
        {letFollow === null ? null : (
          <MessageBarActions>
            <AskFirst
              label={words.follow}
              title={words.followTitle}
              body={words.followBody}
              appearance="primary"
              onSaid={setSaid}
              run={async () => {
                const result = await letFollow(connectorId);
                return result === 'not_found' ? { problem: words.notFound } : { said: words.done };
              }}
            />
          </MessageBarActions>
        )}
      </MessageBar>
      <Text role="status">{said}</Text>
    </>
  );
}
