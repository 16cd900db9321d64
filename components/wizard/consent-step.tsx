'use client';

import { Button, Field, Input, MessageBar, MessageBarBody, makeStyles, Text, tokens } from '@fluentui/react-components';
import { ArrowClockwiseRegular, CopyRegular, OpenRegular } from '@fluentui/react-icons';
import { useRouter } from 'next/navigation';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { ChooseMailboxesResult } from '#lib/connectors/set-up/choose-mailboxes.ts';
import type { ProveConsentResult, RequestConsentResult } from '#lib/connectors/set-up/consent.ts';
import type { ConsentAnswerProblem } from '#lib/connectors/set-up/draft.ts';
import type { TooManyRequests } from '#lib/limits/limits.ts';
import type { ScopedApplication } from '#lib/microsoft/exchange-commands.ts';
import type { ConsentMode, ProofCheck } from '#lib/microsoft/prove-consent.ts';
import { CONSENT_CHANNEL } from './consent-channel.ts';
import { ConsentChecks } from './consent-checks.tsx';
import { ConsentExchange } from './consent-exchange.tsx';
import { ConsentMailboxes, type TwoMailboxes } from './consent-mailboxes.tsx';
import { ConsentModeChoice } from './consent-mode.tsx';
import { ConsentPermissions } from './consent-permissions.tsx';
import type { StepProps } from './step-props.ts';
import { useStepAction } from './use-step-action.ts';
import { type StepProblem, WizardShell } from './wizard-shell.tsx';

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
  readonly application: Pick<ScopedApplication, 'clientId' | 'cloud'>;
  readonly chooseMailboxes: (
    draftId: string,
    mode: ConsentMode,
    inside: string,
    outside: string,
  ) => Promise<ChooseMailboxesResult>;
  readonly proveConsent: (draftId: string, write: boolean) => Promise<ProveConsentResult | TooManyRequests>;
}

export function ConsentStep(all: ConsentStepProps) {
  const { linkHours, application, requestConsent, chooseMailboxes, proveConsent, ...props } = all;
  const { base, draft } = props;
  const styles = useStyles();
  const router = useRouter();
  const { busy, problems, setProblems, run } = useStepAction();
  const [checks, setChecks] = useState<readonly ProofCheck[] | null>(null);
  const [checking, setChecking] = useState(false);
  // Until somebody enters something else, what the draft says: a page that the browser shows again has an old one at first.
  const [wanted, setWanted] = useState<ConsentMode | null>(null);
  const [typed, setTyped] = useState<TwoMailboxes | null>(null);
  const mode = wanted ?? draft.consent.mode;
  const mailboxes = typed ?? { inside: draft.consent.inside, outside: draft.consent.outside };
  const [objectId, setObjectId] = useState<string | null>(null);
  const [link, setLink] = useState<string | null>(null);
  const [copied, setCopied] = useState<'no' | 'yes' | 'refused'>('no');
  const running = useRef(false);
  const isChosen = mode === 'chosen';
  const isKept =
    draft.consent.mode === mode &&
    (!isChosen ||
      (draft.consent.inside === asKept(mailboxes.inside) && draft.consent.outside === asKept(mailboxes.outside)));
  const proven = isKept && (checks?.every(({ result }) => result === 'passed') ?? false);

  /** Writes the choice down where it is not yet. */
  async function keep(): Promise<readonly StepProblem[]> {
    const result = await chooseMailboxes(draft.id, mode, mailboxes.inside, mailboxes.outside);
    if (result.kind === 'no_draft') return [{ sentence: text.wizard.draftGone }];
    if (result.kind === 'chosen') return [];
    return [{ sentence: words.mailboxes.notAnAddress[result.field], field: `consent-${result.field}` }];
  }

  /** @param write whether a message may be written into the mailbox that must open */
  async function prove(write: boolean): Promise<{ proven: boolean; problems: readonly StepProblem[] }> {
    const result = await proveConsent(draft.id, write);
    if (result.kind !== 'checked') return { proven: false, problems: [{ sentence: sentenceOf(result) }] };
    setChecks(result.proof.checks);
    setObjectId(result.objectId);
    return { proven: result.proof.proven, problems: [] };
  }

  async function check(write = false): Promise<void> {
    if (running.current) return;
    running.current = true;
    setChecking(true);
    try {
      const wrong = write ? await keep() : [];
      if (wrong.length > 0) return setProblems(wrong);
      const result = await prove(write);
      if (result.proven || result.problems.length > 0 || write) setProblems(result.problems);
      // The step list and the answer of the consent page are the server's.
      if (result.proven !== (draft.consent.provenAt !== null) || !result.proven) router.refresh();
    } catch (error) {
      setProblems([{ sentence: failureSentence(error) }]);
    } finally {
      running.current = false;
      setChecking(false);
    }
  }

  async function choose(next: ConsentMode): Promise<void> {
    setWanted(next);
    setChecks(null);
    setProblems([]);
    try {
      // What is typed and no address yet is kept by the check, which says so.
      const result = await chooseMailboxes(draft.id, next, draft.consent.inside, draft.consent.outside);
      if (result.kind === 'no_draft') return setProblems([{ sentence: text.wizard.draftGone }]);
      router.refresh();
      await check();
    } catch (error) {
      setProblems([{ sentence: failureSentence(error) }]);
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
      const write = isChosen && !proven;
      const wrong = write ? await keep() : [];
      if (wrong.length > 0) return wrong;
      const result = await prove(write);
      if (result.problems.length > 0) return result.problems;
      if (!result.proven) {
        router.refresh();
        return isChosen
          ? [{ sentence: words.neededChosen, field: 'consent-inside' }]
          : [{ sentence: words.needed, field: 'give-consent' }];
      }
      router.push(`${base}/new/review`);
      return [];
    });
  }

  const hasConsent = checks?.[0]?.result === 'passed';
  const waiting = !hasConsent && draft.consent.requestedAt !== null;
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
      <ConsentModeChoice mode={mode} onChoose={(chosen) => void choose(chosen)} />
      <ConsentPermissions mode={mode} />
      {proven || draft.consent.problem === null ? null : (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>{answerSentence(draft.consent.problem)}</MessageBarBody>
        </MessageBar>
      )}
      {proven ? (
        <MessageBar intent="success" layout="multiline">
          <MessageBarBody>{isChosen ? words.givenChosen : words.given}</MessageBarBody>
        </MessageBar>
      ) : (
        <section className={styles.section} aria-label={words.title}>
          <div className={styles.actions}>
            <Button
              id="give-consent"
              appearance={isChosen && hasConsent ? 'secondary' : 'primary'}
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
          {isChosen ? <Text className={styles.hint}>{words.whoChosen}</Text> : null}
        </section>
      )}
      {isChosen && !proven ? (
        <ConsentExchange {...application} objectId={objectId} inside={draft.consent.inside || null} />
      ) : null}
      {isChosen ? <ConsentMailboxes value={mailboxes} onChange={setTyped} /> : null}
      <section className={styles.section} aria-labelledby="consent-checks">
        <h2 id="consent-checks" className={styles.heading}>
          {words.checks}
        </h2>
        {waiting && draft.consent.requestedAt !== null ? (
          <Text>
            {words.waiting}. {words.waitingSince} <Time value={draft.consent.requestedAt} />.
          </Text>
        ) : null}
        <ConsentChecks checks={checks} mode={mode} />
        {proven ? null : (
          <div>
            <Button
              appearance={isChosen && hasConsent ? 'primary' : 'secondary'}
              icon={<ArrowClockwiseRegular />}
              disabledFocusable={checking}
              onClick={() => void (checking || check(isChosen))}
            >
              {checking ? words.checking : isChosen ? words.checkBoth : words.check}
            </Button>
          </div>
        )}
      </section>
    </WizardShell>
  );
}

/** As an address is written down. */
const asKept = (address: string): string => address.trim().toLowerCase();

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
