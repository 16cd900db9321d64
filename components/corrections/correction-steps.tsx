'use client';

import { Button, Field, Input, makeStyles, tokens } from '@fluentui/react-components';
import { useRouter } from 'next/navigation';
import { useState, useTransition } from 'react';
import { type Answer, AskFirst, fieldOf } from '#components/connector/ask-first.tsx';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import * as text from '#components/text/text.ts';
import type { CopyState } from '#lib/corrections/correction.ts';
import type { CorrectionGroup, OpenedCorrection } from '#lib/corrections/read.ts';
import type { CorrectionChoice, StepResult } from '#lib/corrections/steps.ts';

const useStyles = makeStyles({
  bar: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  sentence: { margin: 0, fontWeight: tokens.fontWeightSemibold },
});

type Step = (choice: CorrectionChoice) => Promise<StepResult>;
type ConfirmedStep = (choice: CorrectionChoice & { readonly expected: number }) => Promise<StepResult>;

export interface StepActions {
  readonly confirmCopying: ConfirmedStep;
  readonly confirmRemoval: ConfirmedStep;
  readonly listAgain: Step;
  readonly lookAgain: Step;
  readonly end: Step;
}

interface Props {
  readonly connectorId: string;
  readonly correction: OpenedCorrection;
  readonly actions: StepActions;
}

/** How far it is in a sentence, and what can be done now: one primary button at most. */
export function CorrectionSteps({ connectorId, correction, actions }: Props) {
  const styles = useStyles();
  const [said, setSaid] = useState('');
  const words = text.corrections;
  const choice = { connectorId, correctionId: correction.id };
  const count = counter(correction.groups);
  const { phase, removable } = correction;
  const open = count('moved', 'kept_back');
  const again = { choice, onSaid: setSaid };
  return (
    <>
      <p className={styles.sentence} role="status">
        {sentenceOf(correction)}
      </p>
      {phase === 'copied' && open > 0 ? <p className={styles.sentence}>{words.notVerified(open)}</p> : null}
      <div className={styles.bar}>
        {phase === 'listed' && count('listed') > 0 ? (
          <AskFirst
            label={words.copy.label(count('listed'))}
            title={words.copy.title(count('listed'))}
            body={words.copyBody}
            appearance="primary"
            onSaid={setSaid}
            run={async () => answerOf(await actions.confirmCopying({ ...choice, expected: count('listed') }))}
          />
        ) : null}
        {phase === 'copied' && removable > 0 ? (
          <AskFirst
            label={words.remove.label(removable)}
            title={words.remove.title(removable)}
            body={words.remove.body}
            appearance="primary"
            onSaid={setSaid}
            run={async (form) => {
              if (fieldOf(form, 'typed').replaceAll(',', '') !== String(removable))
                return { problem: words.remove.mistyped };
              return answerOf(await actions.confirmRemoval({ ...choice, expected: removable }));
            }}
          >
            <Field label={words.remove.typed(removable)} required>
              <Input name="typed" autoComplete="off" />
            </Field>
          </AskFirst>
        ) : null}
        {phase === 'listed' ? <Again {...again} label={words.listAgain} step={actions.listAgain} /> : null}
        {phase === 'copied' && open > 0 ? <Again {...again} label={words.lookAgain} step={actions.lookAgain} /> : null}
        {phase === 'removing' || phase === 'ended' ? null : (
          <AskFirst
            label={words.end.label}
            title={words.end.title}
            body={words.end.body}
            onSaid={setSaid}
            run={async () => answerOf(await actions.end(choice))}
          />
        )}
      </div>
      <p className={styles.sentence} role="status">
        {said}
      </p>
    </>
  );
}

interface AgainProps {
  readonly label: string;
  readonly choice: CorrectionChoice;
  readonly step: Step;
  readonly onSaid: (sentence: string) => void;
}

/** A step that needs no question: it only looks. */
function Again({ label, choice, step, onSaid }: AgainProps) {
  const router = useRouter();
  const [busy, start] = useTransition();
  return (
    <Button
      disabledFocusable={busy}
      onClick={() =>
        start(async () => {
          try {
            const answer = answerOf(await step(choice));
            onSaid('problem' in answer ? answer.problem : '');
            router.refresh();
          } catch (error) {
            onSaid(failureSentence(error));
          }
        })
      }
    >
      {label}
    </Button>
  );
}

function answerOf(result: StepResult): Answer {
  const words = text.corrections;
  if (result.kind === 'done') return { said: words.done };
  return { problem: result.kind === 'changed' ? words.changed(result.count) : words.results[result.kind] };
}

function counter(groups: readonly CorrectionGroup[]): (...states: readonly CopyState[]) => number {
  return (...states) => groups.reduce((sum, { state, count }) => sum + (states.includes(state) ? count : 0), 0);
}

function sentenceOf({ phase, groups, removable }: OpenedCorrection): string {
  const words = text.corrections;
  const count = counter(groups);
  const done = count('verified', 'left', 'removing', 'removed');
  switch (phase) {
    case 'listing':
      return words.listing(groups.reduce((sum, group) => sum + group.count, 0));
    case 'listed':
      if (count('listed') > 0) return words.misfiled(count('listed'));
      return count('kept_back') > 0 ? words.noneToMove : words.allRight;
    case 'copying':
      return words.copying(done, done + count('listed', 'moved', 'kept_back'));
    case 'copied':
      return words.verified(removable);
    case 'removing':
      return words.removing(count('removed'), count('removed', 'removing', 'verified'));
    case 'ended':
      return words.ended;
  }
}
