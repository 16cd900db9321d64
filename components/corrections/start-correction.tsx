'use client';

import {
  Button,
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Textarea,
  tokens,
} from '@fluentui/react-components';
import { useRouter } from 'next/navigation';
import { useState, useTransition } from 'react';
import { fieldOf } from '#components/connector/ask-first.tsx';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import { Form } from '#components/frame/form.tsx';
import { LinkButton } from '#components/frame/link-button.tsx';
import * as text from '#components/text/text.ts';
import type { StartResult } from '#lib/corrections/start.ts';

const useStyles = makeStyles({
  form: { display: 'grid', rowGap: tokens.spacingVerticalM, maxWidth: '480px' },
  period: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(200px, 100%), 1fr))',
    gap: tokens.spacingHorizontalM,
    alignItems: 'start',
  },
  submit: { justifySelf: 'start' },
});

const DAY_MS = 86_400_000;

export interface StartCorrectionProps {
  readonly connectorId: string;
  /** times in ISO 8601, half-open */
  readonly start: (choice: {
    readonly connectorId: string;
    readonly number: string;
    readonly from: string;
    readonly to: string;
    readonly reason: string;
  }) => Promise<StartResult>;
}

/** Chooses a number and whole UTC days, and opens what a worker finds. */
export function StartCorrection({ connectorId, start }: StartCorrectionProps) {
  const styles = useStyles();
  const router = useRouter();
  const words = text.corrections;
  const [busy, transition] = useTransition();
  const [problem, setProblem] = useState<{ readonly sentence: string; readonly open?: string } | null>(null);
  const base = `/connectors/${connectorId}/mapping/correct`;

  function submit(form: FormData): void {
    const [from, last] = [Date.parse(fieldOf(form, 'from')), Date.parse(fieldOf(form, 'to'))];
    setProblem(null);
    if (Number.isNaN(from) || Number.isNaN(last)) {
      setProblem({ sentence: words.refused.bad_period });
      return;
    }
    transition(async () => {
      try {
        const result = await start({
          connectorId,
          number: fieldOf(form, 'number'),
          from: new Date(from).toISOString(),
          to: new Date(last + DAY_MS).toISOString(),
          reason: fieldOf(form, 'reason'),
        });
        if (result.kind === 'started') return router.push(`${base}/${result.correctionId}`);
        const sentence = words.refused[result.kind];
        setProblem(result.kind === 'open' ? { sentence, open: `${base}/${result.correctionId}` } : { sentence });
      } catch (error) {
        setProblem({ sentence: failureSentence(error) });
      }
    });
  }

  return (
    <Form className={styles.form} onSubmit={submit}>
      {problem === null ? null : (
        <MessageBar intent="error" layout="multiline" role="alert">
          <MessageBarBody>{problem.sentence}</MessageBarBody>
        </MessageBar>
      )}
      {problem?.open === undefined ? null : <LinkButton href={problem.open}>{words.openIt}</LinkButton>}
      <Field label={words.number} hint={words.numberHint} required>
        <Input name="number" type="tel" autoComplete="off" />
      </Field>
      <div className={styles.period}>
        <Field label={words.from} required>
          <Input name="from" type="date" />
        </Field>
        <Field label={words.to} hint={words.periodHint} required>
          <Input name="to" type="date" />
        </Field>
      </div>
      <Field label={words.why} required>
        <Textarea name="reason" />
      </Field>
      <Button className={styles.submit} type="submit" appearance="primary" disabledFocusable={busy}>
        {words.find}
      </Button>
    </Form>
  );
}
