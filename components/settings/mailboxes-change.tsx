'use client';

import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { useEffect, useEffectEvent, useState } from 'react';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import * as text from '#components/text/text.ts';
import { ConsentChecks } from '#components/wizard/consent-checks.tsx';
import { ConsentExchange } from '#components/wizard/consent-exchange.tsx';
import { ConsentMailboxes, type TwoMailboxes } from '#components/wizard/consent-mailboxes.tsx';
import { ConsentModeChoice } from '#components/wizard/consent-mode.tsx';
import type { MailboxLimit } from '#lib/connectors/mailbox-limit.ts';
import type { ConsentMode, ProofCheck } from '#lib/microsoft/prove-consent.ts';
import { type MailboxLimitCommands, sentenceOf } from './mailbox-limit-words.ts';
import { type SettingAnswer, SettingForm } from './setting-form.tsx';

const words = text.settings.mailboxes;

const useStyles = makeStyles({
  part: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr)',
    rowGap: tokens.spacingVerticalL,
    marginTop: tokens.spacingVerticalL,
  },
  checks: { display: 'grid', rowGap: tokens.spacingVerticalS },
  heading: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
});

interface MailboxesChangeProps extends MailboxLimitCommands {
  readonly connectorId: string;
  readonly limit: MailboxLimit;
}

/** The choice, what has to be done at Microsoft for it, and its proof: changed only where each check passes. */
export function MailboxesChange({ connectorId, limit, application, look, set }: MailboxesChangeProps) {
  const styles = useStyles();
  const [mode, setMode] = useState<ConsentMode>(limit.mode);
  const [mailboxes, setMailboxes] = useState<TwoMailboxes>({
    inside: limit.inside ?? '',
    outside: limit.outside ?? '',
  });
  /** what was in force when it was opened, or as an answer said it */
  const [seen, setSeen] = useState(limit);
  const [checks, setChecks] = useState<readonly ProofCheck[] | null>(null);
  const [objectId, setObjectId] = useState<string | null>(null);
  const [problem, setProblem] = useState('');
  const isChosen = mode === 'chosen';
  const isChange = mode !== seen.mode;

  /** What Microsoft says of it so far. A choice that was made meanwhile has an answer of its own. */
  async function lookAt(next: ConsentMode, isStill: () => boolean): Promise<void> {
    try {
      const found = await look(connectorId, next);
      if (!isStill()) return;
      if (found === null) return setProblem(words.notFound);
      setObjectId(found.objectId);
      setChecks((made) => made ?? found.proof.checks);
    } catch (error) {
      if (isStill()) setProblem(failureSentence(error));
    }
  }
  const lookNow = useEffectEvent(lookAt);
  useEffect(() => {
    let still = true;
    void lookNow(mode, () => still);
    return () => {
      still = false;
    };
  }, [mode]);

  function choose(next: ConsentMode): void {
    if (next === mode) return;
    setMode(next);
    setChecks(null);
    setProblem('');
  }

  async function run(): Promise<SettingAnswer> {
    setProblem('');
    const result = await set({ connectorId, mode, ...mailboxes, seen });
    switch (result.kind) {
      case 'too_many':
        return { problem: text.problems.tooMany(result.retryAfterSeconds) };
      case 'not_found':
        return { problem: words.notFound };
      case 'not_an_address':
        return { problem: text.wizard.consent.mailboxes.notAnAddress[result.field] };
      case 'changed_meanwhile':
        setSeen(result.now);
        return { meanwhile: text.settings.meanwhile(result.by, words.now(sentenceOf(result.now))) };
      default:
        setChecks(result.proof.checks);
    }
    if (result.kind === 'not_proven') return { problem: words.notProven };
    if (result.kind === 'unchanged') return { said: words.unchanged };
    const [inside, outside] = [mailboxes.inside, mailboxes.outside].map((address) => address.trim().toLowerCase());
    setSeen(
      isChosen ? { mode, inside: inside ?? null, outside: outside ?? null } : { mode, inside: null, outside: null },
    );
    return { said: words.done[mode] };
  }

  const label = isChange ? (isChosen ? words.limit : words.unlimit) : words.check;
  return (
    <div className={styles.part}>
      <ConsentModeChoice mode={mode} onChoose={choose} />
      {isChange ? <Text>{words.before[mode]}</Text> : null}
      {isChosen && isChange ? (
        <ConsentExchange heading="h3" {...application} objectId={objectId} inside={mailboxes.inside || null} />
      ) : null}
      <SettingForm title={words.form} label={label} saving={words.checking} run={run}>
        {isChosen ? <ConsentMailboxes heading="h3" value={mailboxes} onChange={setMailboxes} /> : null}
        <section className={styles.checks} aria-labelledby="limit-checks">
          <h3 id="limit-checks" className={styles.heading}>
            {text.wizard.consent.checks}
          </h3>
          {problem === '' ? <ConsentChecks checks={checks} mode={mode} /> : <Text role="alert">{problem}</Text>}
        </section>
      </SettingForm>
    </div>
  );
}
