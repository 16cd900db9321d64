'use client';

import { Button } from '@fluentui/react-components';
import { CheckmarkCircle20Regular, ErrorCircle20Regular } from '@fluentui/react-icons';
import { useState, useTransition } from 'react';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import * as text from '#components/text/text.ts';
import type { TestAnswer } from '#lib/notifications/send-test.ts';
import type { NotificationCommands } from './commands.ts';
import { useSectionStyles } from './section-styles.ts';

const words = text.notifications;

/** The test button, and what each server answered. */
export function TestNotices({
  connectorId,
  beats,
  test,
}: {
  readonly connectorId: string;
  /** a heartbeat is set: its monitor hears the test, too */
  readonly beats: boolean;
  readonly test: NotificationCommands['test'];
}) {
  const styles = useSectionStyles();
  const [busy, start] = useTransition();
  const [answers, setAnswers] = useState<readonly TestAnswer[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  function send(): void {
    setProblem(null);
    setAnswers(null);
    start(async () => {
      try {
        const result = await test(connectorId);
        if (result === 'not_found' || result === 'too_soon') setProblem(words.results[result]);
        else if (result.length === 0) setProblem(words.nobodyToTest);
        else setAnswers(result);
      } catch (error) {
        setProblem(failureSentence(error));
      }
    });
  }
  return (
    <div>
      {beats ? <p className={styles.paragraph}>{words.testBeats}</p> : null}
      <Button onClick={send} disabledFocusable={busy}>
        {busy ? words.testing : words.test}
      </Button>
      <div role="status">
        {problem === null ? null : <p className={styles.paragraph}>{problem}</p>}
        {answers === null ? null : (
          <>
            <h3 className={styles.heading}>{words.tested}</h3>
            <ul className={styles.plain}>
              {answers.map(({ channel, target, ok, answer }) => (
                <li key={`${channel} ${target}`} className={styles.answer}>
                  {ok ? <CheckmarkCircle20Regular aria-hidden /> : <ErrorCircle20Regular aria-hidden />}
                  <span>
                    <strong>{target}</strong>: {ok ? words.ok : words.failed}. {answer}
                  </span>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </div>
  );
}
