'use client';

import {
  Button,
  MessageBar,
  MessageBarBody,
  makeStyles,
  mergeClasses,
  Spinner,
  Text,
  tokens,
} from '@fluentui/react-components';
import { CheckmarkCircleFilled, ClockRegular, DismissCircleFilled, PlugConnectedRegular } from '@fluentui/react-icons';
import { type ReactElement, type ReactNode, useEffect, useRef, useState } from 'react';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import { TooMany, tooManyIn } from '#components/frame/too-many.ts';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import {
  CONNECTION_TESTS,
  type ConnectionTest,
  type ConnectionTestName,
  SOURCE_PROBLEMS,
  validationFailureSchema,
  validationLineSchema,
} from '#lib/connectors/validation-answer.ts';
import { readLines } from './read-lines.ts';

const words = text.validation;
const { fixes } = text.wizard.consent;

const useStyles = makeStyles({
  about: { margin: `0 0 ${tokens.spacingVerticalM}`, color: tokens.colorNeutralForeground2 },
  bar: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
  list: {
    listStyleType: 'none',
    margin: `${tokens.spacingVerticalL} 0 0`,
    padding: 0,
    display: 'grid',
    rowGap: tokens.spacingVerticalM,
  },
  line: {
    display: 'grid',
    gridTemplateColumns: '24px minmax(0, 1fr)',
    columnGap: tokens.spacingHorizontalS,
    alignItems: 'start',
    overflowWrap: 'anywhere',
  },
  icon: { fontSize: '20px', lineHeight: 1 },
  passed: { color: tokens.colorStatusSuccessForeground1 },
  failed: { color: tokens.colorStatusDangerForeground1 },
  waiting: { color: tokens.colorNeutralForeground3 },
  detail: { color: tokens.colorNeutralForeground2 },
});

const ICONS: Readonly<Record<ConnectionTest['result'], ReactElement>> = {
  passed: <CheckmarkCircleFilled />,
  waiting: <ClockRegular />,
  failed: <DismissCircleFilled />,
};

interface ValidationProps {
  readonly connectorId: string;
  readonly host: string;
}

/** *Validate connection*: the tests one after the other, each a line as soon as it is over. */
export function Validation({ connectorId, host }: ValidationProps) {
  const styles = useStyles();
  const [tests, setTests] = useState<readonly ConnectionTest[] | null>(null);
  const [busy, setBusy] = useState(false);
  /** why it ended before its end, as a sentence */
  const [broken, setBroken] = useState<string | null>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  async function validate(): Promise<void> {
    const abort = new AbortController();
    running.current = abort;
    setBusy(true);
    setBroken(null);
    setTests([]);
    try {
      const response = await fetch(`/api/connectors/${connectorId}/validation`, {
        method: 'POST',
        signal: abort.signal,
      });
      if (response.status === 500) return setBroken(failureOf(await response.json()));
      const tooMany = await tooManyIn(response);
      if (tooMany !== null) throw tooMany;
      if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
      for await (const line of readLines(response.body, validationLineSchema)) {
        if ('failed' in line) setBroken(failureOf(line));
        else setTests((before) => [...(before ?? []), line]);
      }
    } catch (error) {
      if (error instanceof TooMany) setTests(null);
      if (!abort.signal.aborted) setBroken(failureSentence(error));
    } finally {
      if (!abort.signal.aborted) setBusy(false);
    }
  }

  const over = tests?.filter(({ result }) => result === 'passed').length ?? 0;
  const said =
    tests === null || busy || broken !== null
      ? ''
      : over === CONNECTION_TESTS.length
        ? words.allPassed
        : words.notAll(over, CONNECTION_TESTS.length);
  return (
    <>
      <p className={styles.about}>{words.about}</p>
      <div className={styles.bar}>
        <Button icon={<PlugConnectedRegular />} disabledFocusable={busy} onClick={() => void (busy || validate())}>
          {busy ? words.running : tests === null ? words.button : words.again}
        </Button>
        <Text role="status">{said}</Text>
      </div>
      {broken === null ? null : (
        <MessageBar intent="error" layout="multiline" role="alert">
          <MessageBarBody>{broken}</MessageBarBody>
        </MessageBar>
      )}
      {tests === null ? null : (
        <ul className={styles.list} aria-label={words.label}>
          {CONNECTION_TESTS.map((name, index) => (
            <Line
              key={name}
              name={name}
              test={tests[index] ?? null}
              running={busy && index === tests.length}
              host={host}
            />
          ))}
        </ul>
      )}
    </>
  );
}

/** With the reference that is in the log; without one, the answer was not the portal's. */
function failureOf(answer: unknown): string {
  const failure = validationFailureSchema.safeParse(answer);
  return failure.success ? text.problems.actionFailed(failure.data.failed.reference) : text.problems.noAnswer;
}

interface LineProps {
  readonly name: ConnectionTestName;
  /** null: not over */
  readonly test: ConnectionTest | null;
  readonly running: boolean;
  readonly host: string;
}

function Line({ name, test, running, host }: LineProps) {
  const styles = useStyles();
  const result = test?.result ?? 'waiting';
  return (
    <li className={styles.line}>
      <span aria-hidden className={mergeClasses(styles.icon, styles[result])}>
        {running ? <Spinner size="extra-tiny" /> : ICONS[result]}
      </span>
      <span>
        <strong>{words.tests[name]}</strong>: {words.results[result]}.{' '}
        <span className={styles.detail}>
          {test === null ? running ? words.testing : '' : <Detail test={test} host={host} />}
        </span>
      </span>
    </li>
  );
}

/** What was found, or what to do. */
function Detail({ test, host }: { readonly test: ConnectionTest; readonly host: string }): ReactNode {
  const { problem, found, missingRoles } = test;
  const time = test.test === 'clock' && found !== null ? <Time value={found} /> : null;
  if (test.result === 'passed') {
    const sentence = words.passed[test.test](found);
    return time === null ? sentence : <TimedSentence sentence={sentence} time={time} />;
  }
  if (problem === null || problem === 'not_run') return words.notRun;
  if (problem === 'roles_missing') return fixes.roles_missing(missingRoles);
  const ofSource = SOURCE_PROBLEMS.find((one) => one === problem);
  const isOfSource = !['consent', 'directory', 'mailbox'].includes(test.test);
  if (isOfSource && ofSource !== undefined) {
    const sentence = words.fixes[ofSource](host);
    return time === null ? sentence : <TimedSentence sentence={sentence} time={time} />;
  }
  return isConsentProblem(problem) ? fixes[problem] : fixes.unexpected;
}

function TimedSentence({ sentence, time }: { readonly sentence: string; readonly time: ReactNode }) {
  return (
    <>
      {sentence} {time}.
    </>
  );
}

type ConsentFix = Exclude<keyof typeof fixes, 'roles_missing' | 'not_run'>;

function isConsentProblem(problem: string): problem is ConsentFix {
  return Object.hasOwn(fixes, problem) && problem !== 'roles_missing' && problem !== 'not_run';
}
