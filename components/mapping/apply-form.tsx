'use client';

import { Button, Field, MessageBar, MessageBarBody, makeStyles, Textarea, tokens } from '@fluentui/react-components';
import { useRouter } from 'next/navigation';
import { useRef, useState, useTransition } from 'react';
import { fieldOf } from '#components/connector/ask-first.tsx';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import { Form } from '#components/frame/form.tsx';
import { meanwhileSentence } from '#components/text/en/mapping.ts';
import * as text from '#components/text/text.ts';
import type { ApplyResult } from '#lib/connectors/mapping/apply.ts';
import type { RequestApprovalResult } from '#lib/connectors/mapping/approval.ts';
import { mappingAddress } from './addresses.ts';
import { useChosenFile } from './chosen-file.tsx';
import { CompareAgain } from './compare-again.tsx';
import { type FormProblem, Problem, ShiftedConfirmation, TypedConfirmation } from './confirmations.tsx';
import type { EffectProps, ProposalActions } from './effect.tsx';

const words = text.mapping.effect;

const useStyles = makeStyles({
  form: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalM },
});

interface ApplyFormProps extends EffectProps {
  readonly actions: ProposalActions;
}

/** Why, what is to be typed, and the button: to apply it, or to ask another administrator for approval. */
export function ApplyForm({ connectorId, difference, phrases, actions }: ApplyFormProps) {
  const styles = useStyles();
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const { reason } = useChosenFile();
  const [busy, start] = useTransition();
  const [problem, setProblem] = useState<FormProblem | null>(null);
  const [meanwhile, setMeanwhile] = useState<string | null>(null);
  const { version, guards, counts, base } = difference;
  const [kept] = useState(() => version.reason ?? reason.current);
  const asksOther = guards.includes('approval');

  function refuse(found: FormProblem): void {
    setProblem(found);
    const field = found.field === null ? null : form.current?.elements.namedItem(found.field);
    if (field instanceof HTMLElement) field.focus();
  }

  function submit(entered: FormData): void {
    setProblem(null);
    reason.current = fieldOf(entered, 'reason');
    const input = {
      connectorId,
      versionId: version.id,
      base: base?.id ?? null,
      reason: reason.current,
      shiftedConfirmation: fieldOf(entered, 'shifted') || null,
    };
    start(async () => {
      try {
        const confirmation = fieldOf(entered, 'confirmation') || null;
        take(await (asksOther ? actions.requestApproval(input) : actions.apply({ ...input, confirmation })));
      } catch (error) {
        refuse({ sentence: failureSentence(error), field: null });
      }
    });
  }

  /** What is asked for was not on the page yet: it was counted before. */
  function lookAgain(): void {
    setProblem({ sentence: words.countsChanged, field: null });
    router.refresh();
  }

  function take(result: ApplyResult | RequestApprovalResult) {
    switch (result.kind) {
      case 'applied':
        reason.current = '';
        return router.push(`${mappingAddress(connectorId)}?applied=${result.number}`);
      case 'requested':
        return router.refresh();
      case 'changed_meanwhile':
        return setMeanwhile(meanwhileSentence(result));
      case 'bad_reason':
        return refuse({ sentence: words.results.bad_reason, field: 'reason' });
      case 'needs_confirmation':
        if (!guards.includes('typed_confirmation')) return lookAgain();
        return refuse({ sentence: words.mistyped(result.phrase), field: 'confirmation' });
      case 'rows_look_shifted':
        if (!guards.includes('rows_look_shifted')) return lookAgain();
        return refuse({ sentence: words.mistyped(result.phrase), field: 'shifted' });
      default:
        return refuse({ sentence: words.results[result.kind], field: null });
    }
  }

  if (meanwhile !== null) {
    return (
      <>
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody role="alert">{meanwhile}</MessageBarBody>
        </MessageBar>
        <CompareAgain
          connectorId={connectorId}
          version={version}
          compareAgain={actions.compareAgain}
          onRefreshed={() => setMeanwhile(null)}
        />
      </>
    );
  }
  return (
    <Form ref={form} className={styles.form} onSubmit={submit}>
      <Problem problem={problem} />
      <Field
        label={words.why}
        hint={words.whyHint}
        required
        {...(problem?.field === 'reason' ? { validationMessage: problem.sentence } : {})}
      >
        <Textarea name="reason" defaultValue={kept} />
      </Field>
      {guards.includes('rows_look_shifted') ? (
        <ShiftedConfirmation phrase={phrases.shifted} counts={counts} problem={problem} />
      ) : null}
      {guards.includes('typed_confirmation') ? <TypedConfirmation phrase={phrases.apply} problem={problem} /> : null}
      {asksOther ? (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>{words.needsApproval}</MessageBarBody>
        </MessageBar>
      ) : null}
      <div>
        <Button type="submit" appearance="primary" disabledFocusable={busy}>
          {asksOther ? words.request : words.apply(version.number)}
        </Button>
      </div>
    </Form>
  );
}
