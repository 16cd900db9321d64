'use client';

import { Button, MessageBar, MessageBarBody, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useRouter } from 'next/navigation';
import { type ReactNode, useState, useTransition } from 'react';
import type { Answer } from '#components/connector/ask-first.tsx';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import { Form } from '#components/frame/form.tsx';
import * as text from '#components/text/text.ts';

const useStyles = makeStyles({
  form: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalM, maxWidth: '480px' },
  bar: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
});

interface SettingFormProps {
  /** names the form, and its button among the others of the page */
  readonly title: string;
  /** of the button; default: Save */
  readonly label?: string;
  readonly saving?: string;
  /** fields */
  readonly children: ReactNode;
  readonly run: () => Promise<SettingAnswer>;
}

/** `meanwhile`: somebody else set it since it was shown. What was typed stays, and can be sent again. */
export type SettingAnswer = Answer | { readonly meanwhile: string };

/** One setting with its own Save. What is wrong stands above the fields, what came of it beside the button. */
export function SettingForm({ title, label = text.settings.save, saving, children, run }: SettingFormProps) {
  const styles = useStyles();
  const router = useRouter();
  const [busy, start] = useTransition();
  const [answer, setAnswer] = useState<SettingAnswer | null>(null);

  function submit(): void {
    if (busy) return;
    setAnswer(null);
    start(async () => {
      try {
        const result = await run();
        setAnswer(result);
        if (!('problem' in result)) router.refresh();
      } catch (error) {
        setAnswer({ problem: failureSentence(error) });
      }
    });
  }

  return (
    <Form className={styles.form} aria-label={title} onSubmit={submit}>
      {answer !== null && 'problem' in answer ? (
        <MessageBar intent="error" layout="multiline" role="alert">
          <MessageBarBody>{answer.problem}</MessageBarBody>
        </MessageBar>
      ) : null}
      {answer !== null && 'meanwhile' in answer ? (
        <MessageBar intent="warning" layout="multiline" role="alert">
          <MessageBarBody>{answer.meanwhile}</MessageBarBody>
        </MessageBar>
      ) : null}
      {children}
      <div className={styles.bar}>
        <Button type="submit" aria-label={`${label}: ${title}`} disabledFocusable={busy}>
          {busy ? (saving ?? text.settings.saving) : label}
        </Button>
        <Text role="status">{answer !== null && 'said' in answer ? answer.said : ''}</Text>
      </div>
    </Form>
  );
}
