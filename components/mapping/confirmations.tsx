'use client';

import { Field, Input, MessageBar, MessageBarBody } from '@fluentui/react-components';
import * as text from '#components/text/text.ts';
import type { VersionDifference } from '#lib/connectors/mapping/use-cases.ts';

const words = text.mapping.effect;

/** What is wrong with what was entered, and in which field. */
export interface FormProblem {
  readonly sentence: string;
  readonly field: 'reason' | 'confirmation' | 'shifted' | null;
}

export interface ConfirmationProps {
  readonly phrase: string;
  readonly problem: FormProblem | null;
}

/** Typed where much changes. */
export function TypedConfirmation({ phrase, problem }: ConfirmationProps) {
  return (
    <Field
      label={words.type(phrase)}
      hint={words.typedHint}
      required
      {...(problem?.field === 'confirmation' ? { validationMessage: problem.sentence } : {})}
    >
      <Input name="confirmation" autoComplete="off" />
    </Field>
  );
}

/** Typed where rows look shifted: mailboxes that were sorted without their numbers. */
export function ShiftedConfirmation(props: ConfirmationProps & { readonly counts: VersionDifference['counts'] }) {
  const { phrase, problem, counts } = props;
  return (
    <>
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>{words.shifted(counts.newlyDisagreeing, counts.comparable)}</MessageBarBody>
      </MessageBar>
      <Field
        label={words.type(phrase)}
        hint={words.shiftedHint}
        required
        {...(problem?.field === 'shifted' ? { validationMessage: problem.sentence } : {})}
      >
        <Input name="shifted" autoComplete="off" />
      </Field>
    </>
  );
}

/** What cannot be said at a field. */
export function Problem({ problem }: { readonly problem: FormProblem | null }) {
  if (problem === null || problem.field !== null) return null;
  return (
    <MessageBar intent="error" layout="multiline">
      <MessageBarBody role="alert">{problem.sentence}</MessageBarBody>
    </MessageBar>
  );
}
