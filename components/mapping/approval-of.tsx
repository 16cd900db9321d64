'use client';

import { Button, Field, MessageBar, MessageBarBody, makeStyles, Textarea, tokens } from '@fluentui/react-components';
import { useRouter } from 'next/navigation';
import { useRef, useState, useTransition } from 'react';
import { AskFirst, fieldOf } from '#components/connector/ask-first.tsx';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import { Form } from '#components/frame/form.tsx';
import { meanwhileSentence } from '#components/text/en/mapping.ts';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { ApproveResult } from '#lib/connectors/mapping/approval.ts';
import { mappingAddress } from './addresses.ts';
import { CompareAgain } from './compare-again.tsx';
import { type FormProblem, Problem, ShiftedConfirmation } from './confirmations.tsx';
import type { EffectProps, ProposalActions } from './effect.tsx';

const words = text.mapping.effect;

const useStyles = makeStyles({
  block: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalM },
  paragraph: { margin: 0, overflowWrap: 'anywhere' },
  bar: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
});

interface ApprovalOfProps extends EffectProps {
  readonly actions: ProposalActions;
}

/** A version that waits for another administrator: to them, approve and decline; to the one who asked, that it waits. */
export function ApprovalOf({ connectorId, difference, phrases, actions }: ApprovalOfProps) {
  const styles = useStyles();
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const [busy, start] = useTransition();
  const [problem, setProblem] = useState<FormProblem | null>(null);
  const [meanwhile, setMeanwhile] = useState<string | null>(null);
  const { version, guards, counts, base } = difference;
  const { approval } = version;
  if (approval === null) return null;

  function submit(entered: FormData): void {
    const shiftedConfirmation = fieldOf(entered, 'shifted') || null;
    setProblem(null);
    start(async () => {
      try {
        take(
          await actions.approve({ connectorId, versionId: version.id, base: base?.id ?? null, shiftedConfirmation }),
        );
      } catch (error) {
        setProblem({ sentence: failureSentence(error), field: null });
      }
    });
  }

  function take(result: ApproveResult) {
    switch (result.kind) {
      case 'applied':
        return router.push(`${mappingAddress(connectorId)}?applied=${result.number}`);
      case 'changed_meanwhile':
        return setMeanwhile(meanwhileSentence(result));
      case 'rows_look_shifted': {
        if (!guards.includes('rows_look_shifted')) {
          // It was counted before: what is asked for was not on the page yet.
          setProblem({ sentence: words.countsChanged, field: null });
          return router.refresh();
        }
        setProblem({ sentence: words.mistyped(result.phrase), field: 'shifted' });
        const field = form.current?.elements.namedItem('shifted');
        return field instanceof HTMLElement ? field.focus() : undefined;
      }
      default:
        return setProblem({ sentence: words.results[result.kind], field: null });
    }
  }

  const isOwn = version.createdByMe || approval.requestedByMe;
  return (
    <div className={styles.block}>
      <p className={styles.paragraph}>
        {words.requested(approval.requestedBy)}, <Time value={approval.requestedAt} />.{' '}
        {version.reason === null ? null : words.reason(version.reason)}
      </p>
      {meanwhile !== null ? (
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
      ) : isOwn ? (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>{words.waitsForOther}</MessageBarBody>
        </MessageBar>
      ) : (
        <>
          <Form ref={form} className={styles.block} onSubmit={submit}>
            <Problem problem={problem} />
            {guards.includes('rows_look_shifted') ? (
              <ShiftedConfirmation phrase={phrases.shifted} counts={counts} problem={problem} />
            ) : null}
            <div>
              <Button type="submit" appearance="primary" disabledFocusable={busy}>
                {words.approve(version.number)}
              </Button>
            </div>
          </Form>
          <Decline connectorId={connectorId} version={version} decline={actions.decline} />
        </>
      )}
    </div>
  );
}

interface DeclineProps {
  readonly connectorId: string;
  readonly version: { readonly id: string; readonly number: number };
  readonly decline: ProposalActions['decline'];
}

function Decline({ connectorId, version, decline }: DeclineProps) {
  const router = useRouter();
  return (
    <div>
      <AskFirst
        label={words.decline}
        title={words.declineTitle(version.number)}
        body={words.declineBody}
        onSaid={() => {}}
        run={async (form) => {
          const result = await decline({ connectorId, versionId: version.id, reason: fieldOf(form, 'reason') });
          if (result.kind !== 'declined') return { problem: words.results[result.kind] };
          router.push(mappingAddress(connectorId));
          return { said: '' };
        }}
      >
        <Field label={words.declineWhy} required>
          <Textarea name="reason" />
        </Field>
      </AskFirst>
    </div>
  );
}
