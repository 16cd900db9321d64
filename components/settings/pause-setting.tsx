'use client';

import { Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import { PauseRegular, PlayRegular } from '@fluentui/react-icons';
import { useState, useTransition } from 'react';
import { useLiveConnector } from '#components/connector/live-connector.tsx';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import * as text from '#components/text/text.ts';
import type { CommandResult } from '#lib/imports/commands.ts';

const useStyles = makeStyles({
  paragraph: { margin: `0 0 ${tokens.spacingVerticalM}` },
  bar: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
});

export interface PauseCommands {
  readonly pause: (connectorId: string) => Promise<CommandResult>;
  readonly resume: (connectorId: string) => Promise<CommandResult>;
}

/** Whether the connector is paused, and the command that changes it. `commands` is null for who may not. */
export function PauseSetting({ commands }: { readonly commands: PauseCommands | null }) {
  const styles = useStyles();
  const live = useLiveConnector();
  const [busy, start] = useTransition();
  const [said, setSaid] = useState('');
  if (live === null) return null;
  const { id, pausedAt } = live.row;
  const words = text.settings.pause;
  const told = text.connectors.page;
  const run = (command: PauseCommands['pause'], done: string): void =>
    start(async () => {
      try {
        const result = await command(id);
        setSaid(result === 'done' ? done : told.results[result]);
      } catch (error) {
        setSaid(failureSentence(error));
      }
    });
  return (
    <>
      <p className={styles.paragraph}>{pausedAt === null ? words.running : words.paused}</p>
      {commands === null ? null : (
        <div className={styles.bar}>
          {pausedAt === null ? (
            <Button icon={<PauseRegular />} disabledFocusable={busy} onClick={() => run(commands.pause, told.paused)}>
              {words.pause}
            </Button>
          ) : (
            <Button icon={<PlayRegular />} disabledFocusable={busy} onClick={() => run(commands.resume, told.resumed)}>
              {words.resume}
            </Button>
          )}
          <Text role="status">{said}</Text>
        </div>
      )}
    </>
  );
}
