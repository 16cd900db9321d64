'use client';

import { Button, Field, Input, MessageBar, MessageBarBody, makeStyles, Text, tokens } from '@fluentui/react-components';
import { signIn } from 'next-auth/react';
import { useRef, useState } from 'react';
import { CentredCard } from '#components/frame/centred-card.tsx';
import { Form } from '#components/frame/form.tsx';
import * as text from '#components/text/text.ts';
import type { FoundOrganization } from '#lib/organizations/find-by-address.ts';
import { MicrosoftMark } from './microsoft-mark.tsx';

const useStyles = makeStyles({
  form: { display: 'grid', rowGap: tokens.spacingVerticalL },
  button: { width: '100%' },
});

export interface SignInCardProps {
  readonly returnTo: string;
  /** the tenant to sign in to, where the portal serves only one; otherwise the work e-mail tells */
  readonly onlyOrganization: string | null;
  readonly findOrganization: (address: string) => Promise<FoundOrganization>;
  readonly problem: string | null;
  readonly notice: string | null;
}

export function SignInCard({ returnTo, onlyOrganization, findOrganization, problem, notice }: SignInCardProps) {
  const styles = useStyles();
  const input = useRef<HTMLInputElement>(null);
  const [address, setAddress] = useState('');
  const [addressProblem, setAddressProblem] = useState<string | null>(null);
  const [failure, setFailure] = useState(problem);
  const [busy, setBusy] = useState(false);

  function refuse(sentence: string): void {
    setAddressProblem(sentence);
    setBusy(false);
    input.current?.focus();
  }

  async function submit(): Promise<void> {
    setBusy(true);
    setFailure(null);
    setAddressProblem(null);
    try {
      if (onlyOrganization !== null) return await leave(onlyOrganization, {});
      const found = await findOrganization(address);
      if (found.kind === 'found') return await leave(found.organizationId, { login_hint: address.trim() });
      if (found.kind === 'no-address') return refuse(text.signIn.addressNeeded);
      if (found.kind === 'unknown') return refuse(text.signIn.errors.unknownOrganization(found.domain));
      setFailure(
        found.kind === 'too-many'
          ? text.signIn.errors.tooMany(found.retryAfterSeconds)
          : text.signIn.errors.notAnswering,
      );
    } catch {
      setFailure(text.problems.noAnswer);
    }
    setBusy(false);
  }

  async function leave(organizationId: string, hints: Readonly<Record<string, string>>): Promise<void> {
    await signIn(organizationId, { callbackUrl: returnTo }, { ...hints });
  }

  return (
    <CentredCard title={text.signIn.title}>
      <Text>{text.signIn.lead}</Text>
      {notice !== null && failure === null ? (
        <MessageBar intent="success">
          <MessageBarBody>{notice}</MessageBarBody>
        </MessageBar>
      ) : null}
      {failure === null ? null : (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>{failure}</MessageBarBody>
        </MessageBar>
      )}
      <Form className={styles.form} onSubmit={() => void submit()}>
        {onlyOrganization === null ? (
          <Field
            label={text.signIn.address}
            hint={text.signIn.addressWhy}
            {...(addressProblem === null ? {} : { validationMessage: addressProblem, validationState: 'error' })}
          >
            <Input
              ref={input}
              type="email"
              autoComplete="username"
              size="large"
              value={address}
              onChange={(_event, { value }) => setAddress(value)}
            />
          </Field>
        ) : null}
        <Button
          className={styles.button}
          type="submit"
          appearance="primary"
          size="large"
          icon={<MicrosoftMark />}
          disabledFocusable={busy}
        >
          {text.signIn.signIn}
        </Button>
      </Form>
    </CentredCard>
  );
}
