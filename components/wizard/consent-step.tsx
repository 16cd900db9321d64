'use client';

import { Button, Field, Input, MessageBar, MessageBarBody, makeStyles, Text, tokens } from '@fluentui/react-components';
import { ArrowClockwiseRegular, CopyRegular, OpenRegular } from '@fluentui/react-icons';
import { useRouter } from 'next/navigation';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { ProveConsentResult, RequestConsentResult } from '#lib/connectors/set-up/consent.ts';
import type { ConsentAnswerProblem } from '#lib/connectors/set-up/draft.ts';
import type { TooManyRequests } from '#lib/limits/limits.ts';
import type { ConsentCheck } from '#lib/microsoft/prove-consent.ts';
import { CONSENT_CHANNEL } from './consent-channel.ts';
import { ConsentChecks } from './consent-checks.tsx';
import { ConsentPermissions } from './consent-permissions.tsx';
import type { StepProps } from './step-props.ts';
import { useStepAction } from './use-step-action.ts';
import { WizardShell } from './wizard-shell.tsx';

const words = text.wizard.consent;

const useStyles = makeStyles({
  actions: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
  section: { display: 'grid', rowGap: tokens.spacingVerticalS },
  heading: { margin: 0, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  hint: { color: tokens.colorNeutralForeground3 },
});

export interface ConsentStepProps extends StepProps {
  /** hours for which a link works */
  readonly linkHours: number;
  readonly requestConsent: (draftId: string) => Promise<RequestConsentResult | TooManyRequests>;
  readonly proveConsent: (draftId: string) => Promise<ProveConsentResult>;
}

export function ConsentStep({ linkHours, requestConsent, proveConsent, ...props }: ConsentStepProps) {
  const { base, draft } = props;
  const styles = useStyles();
  const router = useRouter();
  const { busy, problems, setProblems, run } = useStepAction();
  const [checks, setChecks] = useState<readonly ConsentCheck[] | null>(null);
  const [checking, setChecking] = useState(false);
  const [link, setLink] = useState<string | null>(null);
  const [copied, setCopied] = useState<'no' | 'yes' | 'refused'>('no');
  const running = useRef(false);
  const proven = checks?.every(({ result }) => result === 'passed') ?? false;

  async function check(): Promise<void> {
    if (running.current) return;
    running.current = true;
    setChecking(true);
    try {
      const result = await proveConsent(draft.id);
      if (result.kind === 'no_draft') return setProblems([{ sentence: text.wizard.draftGone }]);
      setChecks(result.proof.checks);
      if (result.proof.proven) setProblems([]);
      // The step list and the answer of the consent page are the server's.
      if (result.proof.proven !== (draft.consent.provenAt !== null) || !result.proof.proven) router.refresh();
    } catch (error) {
      setProblems([{ sentence: failureSentence(error) }]);
    } finally {
      running.current = false;
      setChecking(false);
    }
  }

  // Looked at when the page opens, when the consent window has been answered, and when somebody comes back to this tab.
  const look = useEffectEvent(() => {
    if (document.visibilityState === 'visible') void check();
  });
  const lookAtOnce = useEffectEvent(() => void check());
  useEffect(() => {
    lookAtOnce();
    const channel = new BroadcastChannel(CONSENT_CHANNEL);
    const answered = (): void => lookAtOnce();
    const back = (): void => look();
    channel.addEventListener('message', answered);
    document.addEventListener('visibilitychange', back);
    window.addEventListener('focus', back);
    return () => {
      channel.close();
      document.removeEventListener('visibilitychange', back);
      window.removeEventListener('focus', back);
    };
  }, []);

  async function newLink(): Promise<string | null> {
    const result = await requestConsent(draft.id);
    if (result.kind === 'asked') {
      setLink(result.url);
      return result.url;
    }
    setProblems([{ sentence: sentenceOf(result) }]);
    return null;
  }

  async function give(): Promise<void> {
    // Opened by the click itself: after an answer from the server a browser would take it for an advertisement.
    const consentWindow = window.open('about:blank', '_blank', 'popup,width=640,height=760');
    try {
      const url = await newLink();
      if (url === null) return consentWindow?.close();
      if (consentWindow === null) return window.location.assign(url);
      consentWindow.opener = null;
      consentWindow.location.replace(url);
      router.refresh();
    } catch (error) {
      consentWindow?.close();
      setProblems([{ sentence: failureSentence(error) }]);
    }
  }

  async function copy(): Promise<void> {
    setCopied('no');
    try {
      const url = await newLink();
      if (url === null) return;
      await navigator.clipboard.writeText(url).then(
        () => setCopied('yes'),
        () => setCopied('refused'),
      );
      router.refresh();
    } catch (error) {
      setProblems([{ sentence: failureSentence(error) }]);
    }
  }

  async function next(): Promise<void> {
    await run(words.checking, async () => {
      const result = await proveConsent(draft.id);
      if (result.kind === 'no_draft') return [{ sentence: text.wizard.draftGone }];
      setChecks(result.proof.checks);
      if (!result.proof.proven) return [{ sentence: words.needed, field: 'give-consent' }];
      router.push(`${base}/new/review`);
      return [];
    });
  }

  const waiting = !proven && draft.consent.requestedAt !== null;
  return (
    <WizardShell
      {...props}
      kindName={props.kind.name}
      current="consent"
      savedAt={draft.savedAt}
      problems={problems}
      busy={busy}
      nextIsPrimary={proven}
      onNext={() => void next()}
    >
      <Text>{words.lead}</Text>
      <ConsentPermissions />
      {proven || draft.consent.problem === null ? null : (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>{answerSentence(draft.consent.problem)}</MessageBarBody>
        </MessageBar>
      )}
      {proven ? (
        <MessageBar intent="success">
          <MessageBarBody>{words.given}</MessageBarBody>
        </MessageBar>
      ) : (
        <section className={styles.section} aria-label={words.title}>
          <div className={styles.actions}>
            <Button
              id="give-consent"
              appearance="primary"
              icon={<OpenRegular />}
              iconPosition="after"
              onClick={() => void give()}
            >
              {words.give}
            </Button>
            <Button icon={<CopyRegular />} onClick={() => void copy()}>
              {words.copy}
            </Button>
          </div>
          <Text role="status">{copied === 'yes' ? words.copied(linkHours) : null}</Text>
          {copied === 'refused' && link !== null ? (
            <Field label={words.copyFailed}>
              <Input readOnly value={link} onFocus={(event) => event.currentTarget.select()} />
            </Field>
          ) : null}
          <Text className={styles.hint}>{words.who}</Text>
        </section>
      )}
      <section className={styles.section} aria-labelledby="consent-checks">
        <h2 id="consent-checks" className={styles.heading}>
          {words.checks}
        </h2>
        {waiting && draft.consent.requestedAt !== null ? (
          <Text>
            {words.waiting}. {words.waitingSince} <Time value={draft.consent.requestedAt} />.
          </Text>
        ) : null}
        <ConsentChecks checks={checks} />
        {proven ? null : (
          <div>
            <Button icon={<ArrowClockwiseRegular />} disabledFocusable={checking} onClick={() => void check()}>
              {checking ? words.checking : words.check}
            </Button>
          </div>
        )}
      </section>
    </WizardShell>
  );
}

export function answerSentence(problem: ConsentAnswerProblem): string {
  switch (problem.kind) {
    case 'declined':
      return words.declined;
    case 'failed':
      return words.failedAtMicrosoft;
    case 'wrong_tenant':
      return words.wrongTenant(problem.given, problem.expected);
  }
}

function sentenceOf(result: Exclude<RequestConsentResult, { kind: 'asked' }> | TooManyRequests): string {
  if (result.kind === 'too_many') return text.problems.tooMany(result.retryAfterSeconds);
  return result.kind === 'unreachable' ? words.fixes.unreachable : text.wizard.draftGone;
}
