'use client';

import { Button, Field, Input, MessageBar, MessageBarBody, makeStyles, tokens } from '@fluentui/react-components';
import { EyeOffRegular, EyeRegular } from '@fluentui/react-icons';
import { useRouter } from 'next/navigation';
import { useEffect, useEffectEvent, useState } from 'react';
import { Controller, useForm } from 'react-hook-form';
import { useOnDemand } from '#components/frame/on-demand.ts';
import * as text from '#components/text/text.ts';
import type { LoginResult, SignInToSourceResult } from '#lib/connectors/set-up/login.ts';
import { LoginPreparation } from './login-preparation.tsx';
import { loginRefusal } from './login-refusal.ts';
import type { StepProps } from './step-props.ts';
import { useStepAction } from './use-step-action.ts';
import { WizardShell } from './wizard-shell.tsx';

const loadCreated = async () => (await import('./connector-created.tsx')).ConnectorCreated;

const words = text.wizard.login;

interface Fields {
  readonly username: string;
  readonly password: string;
}

/** What stands in a field where it is left empty. The portal's action has the limits. */
const NEEDED: Readonly<Record<keyof Fields, (value: string) => true | string>> = {
  username: (value) => value.trim() !== '' || words.usernameNeeded,
  password: (value) => value !== '' || words.passwordNeeded,
};

const useStyles = makeStyles({
  heading: { margin: 0, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  fields: { display: 'grid', rowGap: tokens.spacingVerticalM, maxWidth: '400px' },
  section: { display: 'grid', rowGap: tokens.spacingVerticalM },
});

export interface LoginStepProps extends StepProps {
  readonly links: { readonly order: string; readonly register: string };
  readonly signIn: (draftId: string, username: string, password: string) => Promise<SignInToSourceResult>;
  readonly login: (draftId: string, username: string, password: string) => Promise<LoginResult>;
}

export function LoginStep({ links, signIn, login, ...props }: LoginStepProps) {
  const { kind, base, draft } = props;
  const styles = useStyles();
  const router = useRouter();
  const { busy, setBusy, problems, setProblems, run } = useStepAction();
  const [changing, setChanging] = useState(draft.login === null);
  const [created, setCreated] = useState<{ readonly account: string; readonly users: number } | null>(null);
  const { Part: ConnectorCreated, failed, want } = useOnDemand(loadCreated);
  const [shown, setShown] = useState(false);
  const { control, handleSubmit, resetField } = useForm<Fields>({
    defaultValues: { username: draft.login?.username ?? '', password: '' },
    shouldFocusError: false,
  });

  function next(): void {
    if (!changing) {
      router.push(`${base}/new/mapping`);
      return;
    }
    void handleSubmit(connect, (errors) =>
      setProblems(
        (['username', 'password'] as const).flatMap((field) => {
          const sentence = errors[field]?.message;
          return sentence === undefined ? [] : [{ sentence, field }];
        }),
      ),
    )();
  }

  async function connect({ username: typed, password }: Fields): Promise<void> {
    const username = typed.trim();
    want();
    await run(words.signingIn, async () => {
      const signedIn = await signIn(draft.id, username, password);
      if (signedIn.kind !== 'signed_in') return [loginRefusal(signedIn, kind.name)];
      setBusy(words.registering);
      const result = await login(draft.id, username, password);
      if (result.kind !== 'connected') return [loginRefusal(result, kind.name)];
      setCreated({ account: result.account.name, users: result.registeredUsers });
      return [];
    });
  }

  function close(): void {
    setCreated(null);
    setChanging(false);
    resetField('password');
    router.refresh();
  }

  // Without the pop-up the page says the same.
  const leave = useEffectEvent(close);
  useEffect(() => {
    if (failed && created !== null) leave();
  }, [failed, created]);

  return (
    <WizardShell
      {...props}
      kindName={kind.name}
      current="login"
      savedAt={draft.savedAt}
      problems={problems}
      busy={busy}
      onNext={next}
    >
      <LoginPreparation kind={kind} links={links} />
      <section className={styles.section} aria-labelledby="login-sign-in">
        <h2 id="login-sign-in" className={styles.heading}>
          {words.signIn}
        </h2>
        {draft.login === null ? null : (
          <MessageBar intent="success" layout="multiline">
            <MessageBarBody>
              {words.connectedAs(draft.login.accountName, draft.login.registeredUsers)}{' '}
              <Button size="small" onClick={() => setChanging(!changing)}>
                {changing ? words.keep : words.change}
              </Button>
            </MessageBarBody>
          </MessageBar>
        )}
        {changing ? (
          <div className={styles.fields}>
            <Controller
              control={control}
              name="username"
              rules={{ validate: NEEDED.username }}
              render={({ field, fieldState }) => (
                <Field
                  label={words.username}
                  hint={words.usernameHint}
                  {...(fieldState.error?.message ? { validationMessage: fieldState.error.message } : {})}
                >
                  <Input {...field} id="username" maxLength={320} autoComplete="off" spellCheck={false} />
                </Field>
              )}
            />
            <Controller
              control={control}
              name="password"
              rules={{ validate: NEEDED.password }}
              render={({ field, fieldState }) => (
                <Field
                  label={words.password}
                  hint={words.passwordHint}
                  {...(fieldState.error?.message ? { validationMessage: fieldState.error.message } : {})}
                >
                  <Input
                    {...field}
                    id="password"
                    maxLength={1000}
                    type={shown ? 'text' : 'password'}
                    autoComplete="new-password"
                    spellCheck={false}
                    contentAfter={
                      <Button
                        appearance="transparent"
                        size="small"
                        icon={shown ? <EyeOffRegular /> : <EyeRegular />}
                        aria-label={shown ? words.hidePassword : words.showPassword}
                        aria-pressed={shown}
                        onClick={() => setShown(!shown)}
                      />
                    }
                  />
                </Field>
              )}
            />
          </div>
        ) : null}
      </section>
      {created === null || ConnectorCreated === null ? null : <ConnectorCreated {...created} onClose={close} />}
    </WizardShell>
  );
}
