'use client';

import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  DialogTrigger,
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  makeStyles,
  tokens,
} from '@fluentui/react-components';
import { type FormEvent, useState, useTransition } from 'react';
import * as text from '#components/text/text.ts';
import type { NewCredentials, UpdateCredentialsResult } from '#lib/connectors/mend.ts';
import type { ConnectorRow } from '#lib/connectors/snapshot.ts';
import { credentialsProblem } from './credentials-problem.ts';

const useStyles = makeStyles({ fields: { display: 'grid', rowGap: tokens.spacingVerticalM } });

export interface MendActions {
  readonly updateCredentials: (credentials: NewCredentials) => Promise<UpdateCredentialsResult>;
  readonly liftStop: (connectorId: string) => Promise<'done' | 'not_found' | 'unchanged'>;
}

export interface MendProps {
  readonly row: ConnectorRow;
  readonly username: string;
  readonly actions: MendActions;
}

/** Reasons that other credentials can mend. */
const BY_CREDENTIALS: readonly string[] = ['invalid_credentials', 'pin_required', 'other_account'];

/** The one button that helps a stopped connector: new credentials, or another try once its reason is gone. */
export function Mend({ row, username, actions }: MendProps) {
  const [busy, start] = useTransition();
  const words = text.connectors.mend;
  if (BY_CREDENTIALS.includes(row.stoppedReason ?? '')) {
    return <UpdatePassword row={row} username={username} update={actions.updateCredentials} />;
  }
  return (
    <Button
      appearance="primary"
      disabledFocusable={busy}
      onClick={() => start(async () => void (await actions.liftStop(row.id)))}
    >
      {words.tryAgain}
    </Button>
  );
}

interface UpdatePasswordProps {
  readonly row: ConnectorRow;
  readonly username: string;
  readonly update: MendActions['updateCredentials'];
}

function UpdatePassword({ row, username, update }: UpdatePasswordProps) {
  const styles = useStyles();
  const [open, setOpen] = useState(false);
  const [busy, start] = useTransition();
  const [problem, setProblem] = useState<string | null>(null);
  const words = text.connectors.mend;

  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [name, password] = [form.get('username'), form.get('password')];
    if (typeof name !== 'string' || typeof password !== 'string' || name === '' || password === '') {
      setProblem(words.bothNeeded);
      return;
    }
    setProblem(null);
    start(async () => {
      try {
        const result = await update({ connectorId: row.id, username: name, password });
        if (result.kind === 'done') setOpen(false);
        else setProblem(credentialsProblem(result, row.name));
      } catch {
        setProblem(text.problems.noAnswer);
      }
    });
  }

  return (
    <Dialog open={open} onOpenChange={(_event, data) => setOpen(data.open)}>
      <DialogTrigger disableButtonEnhancement>
        <Button appearance="primary">{words.updatePassword}</Button>
      </DialogTrigger>
      <DialogSurface>
        <form onSubmit={submit} noValidate>
          <DialogBody>
            <DialogTitle>{words.updatePassword}</DialogTitle>
            <DialogContent className={styles.fields}>
              {problem === null ? null : (
                <MessageBar intent="error" layout="multiline" role="alert">
                  <MessageBarBody>{problem}</MessageBarBody>
                </MessageBar>
              )}
              <Field label={words.username} hint={words.usernameHint} required>
                <Input name="username" defaultValue={username} autoComplete="off" />
              </Field>
              <Field label={words.password} hint={words.passwordHint} required>
                <Input name="password" type="password" autoComplete="new-password" />
              </Field>
            </DialogContent>
            <DialogActions>
              <DialogTrigger disableButtonEnhancement>
                <Button>{words.cancel}</Button>
              </DialogTrigger>
              <Button type="submit" appearance="primary" disabledFocusable={busy}>
                {busy ? words.signingIn : words.save}
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}
