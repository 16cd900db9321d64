'use client';

import { Field, Input, makeStyles, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { credentialsProblem } from '#components/connector/credentials-problem.ts';
import { useLiveConnector } from '#components/connector/live-connector.tsx';
import * as text from '#components/text/text.ts';
import type { NewCredentials, UpdateCredentialsResult } from '#lib/connectors/mend.ts';
import { SettingForm } from './setting-form.tsx';
import { Validation } from './validation.tsx';

const words = text.settings.login;

const useStyles = makeStyles({
  account: { margin: `0 0 ${tokens.spacingVerticalM}`, overflowWrap: 'anywhere' },
  validation: {
    marginTop: tokens.spacingVerticalL,
    paddingTop: tokens.spacingVerticalL,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
  },
});

interface LoginSettingProps {
  readonly connectorId: string;
  readonly accountName: string;
  readonly username: string;
  /** for sentences */
  readonly host: string;
  /** null for who may not */
  readonly update: ((credentials: NewCredentials) => Promise<UpdateCredentialsResult>) | null;
}

/** The login at TeleMessage: replaced, never shown. Below it, whether all of the connection works. */
export function LoginSetting({ connectorId, accountName, host, update, ...props }: LoginSettingProps) {
  const styles = useStyles();
  const name = useLiveConnector()?.row.name ?? '';
  const [username, setUsername] = useState(props.username);
  const [password, setPassword] = useState('');
  const { mend } = text.connectors;
  return (
    <>
      <p className={styles.account}>
        {words.account}: <strong>{accountName}</strong>
      </p>
      {update === null ? null : (
        <>
          <SettingForm
            title={words.title}
            saving={words.signingIn}
            run={async () => {
              if (username.trim() === '' || password === '') return { problem: words.passwordAlone };
              const result = await update({ connectorId, username: username.trim(), password });
              if (result.kind !== 'done') return { problem: credentialsProblem(result, name) };
              setPassword('');
              return { said: words.done };
            }}
          >
            <Field label={mend.username} hint={mend.usernameHint} required>
              <Input value={username} autoComplete="off" onChange={(_event, { value }) => setUsername(value)} />
            </Field>
            <Field label={mend.password} hint={words.passwordHint} required>
              <Input
                type="password"
                value={password}
                autoComplete="new-password"
                onChange={(_event, { value }) => setPassword(value)}
              />
            </Field>
          </SettingForm>
          <div className={styles.validation}>
            <Validation connectorId={connectorId} host={host} />
          </div>
        </>
      )}
    </>
  );
}
