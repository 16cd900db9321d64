'use client';

import { Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import { ArrowDownloadRegular, ArrowSyncRegular, PauseRegular, PlayRegular } from '@fluentui/react-icons';
import { type ReactNode, useState, useTransition } from 'react';
import * as text from '#components/text/text.ts';
import type { ConnectorRow } from '#lib/connectors/snapshot.ts';
import type { CommandResult } from '#lib/imports/commands.ts';
import { DeleteConnector, type DeleteConnectorProps } from './delete-connector.tsx';

const useStyles = makeStyles({
  bar: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
});

export interface ConnectorCommands {
  readonly importNow: (connectorId: string) => Promise<CommandResult>;
  readonly pause: (connectorId: string) => Promise<CommandResult>;
  readonly resume: (connectorId: string) => Promise<CommandResult>;
  readonly remove: DeleteConnectorProps['remove'];
}

export interface CommandsProps {
  readonly row: ConnectorRow;
  readonly commands: ConnectorCommands;
  /** whether what the page is for is one of these */
  readonly isPrimary: boolean;
  /** further commands */
  readonly children: ReactNode;
}

/** Import now, Pause or Resume, Download log, Delete; beside them what came of it. */
export function Commands({ row, commands, isPrimary, children }: CommandsProps) {
  const styles = useStyles();
  const [busy, start] = useTransition();
  const [said, setSaid] = useState('');
  const words = text.connectors.page;
  const paused = row.activity === 'paused';

  function run(command: (connectorId: string) => Promise<CommandResult>, done: string): void {
    setSaid('');
    start(async () => {
      try {
        const result = await command(row.id);
        setSaid(result === 'done' ? done : words.results[result]);
      } catch {
        setSaid(text.problems.noAnswer);
      }
    });
  }

  return (
    <div className={styles.bar}>
      <Button
        appearance={row.health === 'stopped' || !isPrimary ? 'secondary' : 'primary'}
        icon={<ArrowSyncRegular />}
        disabledFocusable={busy || paused || row.health === 'stopped'}
        onClick={() => run(commands.importNow, words.started)}
      >
        {words.importNow}
      </Button>
      {paused ? (
        <Button icon={<PlayRegular />} disabledFocusable={busy} onClick={() => run(commands.resume, words.resumed)}>
          {words.resume}
        </Button>
      ) : (
        <Button icon={<PauseRegular />} disabledFocusable={busy} onClick={() => run(commands.pause, words.paused)}>
          {words.pause}
        </Button>
      )}
      {children}
      <Button as="a" href={`/api/connectors/${row.id}/log`} download icon={<ArrowDownloadRegular />}>
        {text.connectors.flyout.downloadLog}
      </Button>
      <DeleteConnector row={row} remove={commands.remove} />
      <Text role="status">{said}</Text>
    </div>
  );
}
