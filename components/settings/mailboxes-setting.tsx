'use client';

import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { Boundary } from '#components/frame/boundary.tsx';
import { useOnDemand } from '#components/frame/on-demand.ts';
import { PartProblem } from '#components/frame/part-problem.tsx';
import * as text from '#components/text/text.ts';
import type { MailboxLimit } from '#lib/connectors/mailbox-limit.ts';
import { type MailboxLimitCommands, sentenceOf } from './mailbox-limit-words.ts';

const words = text.settings.mailboxes;

const useStyles = makeStyles({ state: { margin: `0 0 ${tokens.spacingVerticalM}`, overflowWrap: 'anywhere' } });

export interface MailboxesSettingProps {
  readonly connectorId: string;
  readonly limit: MailboxLimit;
  /** null for who may only look */
  readonly commands: MailboxLimitCommands | null;
}

// It is changed once in a connector's life, and most visits of the page do not.
const loadChange = async () => (await import('./mailboxes-change.tsx')).MailboxesChange;

/** Which mailboxes the portal may open, and what changes it. */
export function MailboxesSetting({ connectorId, limit, commands }: MailboxesSettingProps) {
  const styles = useStyles();
  const { Part, loading, failed, want } = useOnDemand(loadChange);
  const [open, setOpen] = useState(false);
  return (
    <>
      <p className={styles.state}>{sentenceOf(limit)}</p>
      {commands === null ? null : (
        <>
          <Button
            aria-expanded={open}
            aria-busy={loading}
            onClick={() => {
              setOpen(!open);
              want();
            }}
          >
            {open ? words.close : words.change}
          </Button>
          {open && failed ? <PartProblem part="details" onRetry={want} /> : null}
          {open && Part !== null ? (
            <Boundary instead={(_error, again) => <PartProblem part="details" onRetry={again} />}>
              <Part connectorId={connectorId} limit={limit} {...commands} />
            </Boundary>
          ) : null}
        </>
      )}
    </>
  );
}
