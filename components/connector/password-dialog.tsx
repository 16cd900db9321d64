'use client';

import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  makeStyles,
  tokens,
} from '@fluentui/react-components';
import { useState, useTransition } from 'react';
import { Form } from '#components/frame/form.tsx';
import * as text from '#components/text/text.ts';
import type { ConnectorRow } from '#lib/connectors/snapshot.ts';
import { credentialsProblem } from './credentials-problem.ts';
import type { MendActions } from './mend.tsx';

const useStyles = makeStyles({ fields: { display: 'grid', rowGap: tokens.spacingVerticalM } });

export interface PasswordDialogProps {
  readonly row: ConnectorRow;
  readonly username: string;
  readonly update: MendActions['updateCredentials'];
  readonly onClose: () => void;
}

/** New credentials for a connector that its source refuses: they are tried before they are kept. */
export function PasswordDialog({ row, username, update, onClose }: PasswordDialogProps) {
  const styles = useStyles();
  const [busy, start] = useTransition();
  const [problem, setProblem] = useState<string | null>(null);
  const words = text.connectors.mend;

  function submit(form: FormData): void {
    const [name, password] = [form.get('username'), form.get('password')];
    if (typeof name !== 'string' || typeof password !== 'string' || name === '' || password === '') {
      setProblem(words.bothNeeded);
      return;
    }
    setProblem(null);
    start(async () => {
      try {
        const result = await update({ connectorId: row.id, username: name, password });
        if (result.kind === 'done') onClose();
        else setProblem(credentialsProblem(result, row.name));
      } catch {
        setProblem(text.problems.noAnswer);
      }
    });
  }

  return (
    <Dialog open onOpenChange={(_event, { open }) => (open ? undefined : onClose())}>
      <DialogSurface>
        <Form onSubmit={submit}>
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
              <Button onClick={onClose}>{words.cancel}</Button>
              <Button type="submit" appearance="primary" disabledFocusable={busy}>
                {busy ? words.signingIn : words.save}
              </Button>
            </DialogActions>
          </DialogBody>
        </Form>
      </DialogSurface>
    </Dialog>
  );
}
