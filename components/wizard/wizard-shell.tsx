'use client';

import {
  Button,
  MessageBar,
  MessageBarBody,
  makeStyles,
  mergeClasses,
  Spinner,
  tokens,
} from '@fluentui/react-components';
import Link from 'next/link';
import { type ReactNode, useEffect, useRef } from 'react';
import { Form } from '#components/frame/form.tsx';
import { LinkButton } from '#components/frame/link-button.tsx';
import { VisuallyHidden } from '#components/frame/visually-hidden.tsx';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { StepId, StepState } from '#lib/connectors/set-up/steps.ts';
import { StepMark } from './step-mark.tsx';
import { STEP_TITLES } from './step-titles.ts';

const NARROW = '@media (max-width: 640px)';

const useStyles = makeStyles({
  layout: {
    display: 'grid',
    gridTemplateColumns: '220px minmax(0, 640px)',
    columnGap: tokens.spacingHorizontalXXXL,
    rowGap: tokens.spacingVerticalL,
    alignItems: 'start',
    '@media (max-width: 1000px)': {
      gridTemplateColumns: '180px minmax(0, 640px)',
      columnGap: tokens.spacingHorizontalXL,
    },
    [NARROW]: { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  name: {
    margin: `0 0 ${tokens.spacingVerticalL}`,
    fontSize: tokens.fontSizeBase400,
    color: tokens.colorNeutralForeground3,
    fontWeight: tokens.fontWeightRegular,
  },
  steps: { listStyleType: 'none', margin: 0, padding: 0, [NARROW]: { display: 'none' } },
  step: {
    display: 'flex',
    alignItems: 'center',
    columnGap: tokens.spacingHorizontalM,
    minHeight: '40px',
    color: tokens.colorNeutralForeground3,
    textDecorationLine: 'none',
    borderRadius: tokens.borderRadiusMedium,
  },
  openStep: {
    color: tokens.colorNeutralForeground1,
    ':hover': { textDecorationLine: 'underline' },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  currentStep: { color: tokens.colorNeutralForeground1, fontWeight: tokens.fontWeightSemibold },
  progress: { display: 'none', margin: 0, color: tokens.colorNeutralForeground3, [NARROW]: { display: 'block' } },
  title: {
    margin: `0 0 ${tokens.spacingVerticalL}`,
    fontSize: tokens.fontSizeBase600,
    lineHeight: tokens.lineHeightBase600,
    fontWeight: tokens.fontWeightSemibold,
  },
  body: { display: 'grid', rowGap: tokens.spacingVerticalL },
  problems: { outlineStyle: 'none' },
  list: { margin: 0, paddingLeft: tokens.spacingHorizontalL },
  footer: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    marginTop: tokens.spacingVerticalXXL,
    paddingTop: tokens.spacingVerticalL,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  saved: { width: '100%', color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
});

/** What keeps a step from being left: a sentence, and the field that it is about. */
export interface StepProblem {
  readonly sentence: string;
  /** id of the element to go to */
  readonly field?: string;
}

export interface WizardShellProps {
  readonly kindName: string;
  /** `/data-connectors/<kind>` */
  readonly base: string;
  readonly steps: readonly StepState[];
  readonly current: StepId;
  readonly savedAt: string;
  readonly problems: readonly StepProblem[];
  /** what the primary button says; default "Next" */
  readonly nextLabel?: string;
  /** false where the step itself has something to do first, which is the primary button then */
  readonly nextIsPrimary?: boolean;
  /** what is being done, while it is; the buttons wait */
  readonly busy: string | null;
  readonly onNext: () => void;
  readonly children: ReactNode;
}

/** Step list, content of 640 px, footer. The step's fields are in one form: Enter is the primary button. */
export function WizardShell(props: WizardShellProps) {
  const { kindName, base, steps, current, savedAt, problems, busy, onNext, children } = props;
  const styles = useStyles();
  const position = steps.findIndex(({ id }) => id === current);
  const before = steps[position - 1];
  const summary = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (problems.length > 0) summary.current?.focus();
  }, [problems]);

  function submit(): void {
    if (busy === null) onNext();
  }

  return (
    <>
      <p className={styles.name}>{text.wizard.title(kindName)}</p>
      <div className={styles.layout}>
        <nav aria-label={text.wizard.steps}>
          <p className={styles.progress}>{text.wizard.progress(position + 1, steps.length)}</p>
          <ol className={styles.steps}>
            {steps.map((step, index) => (
              <li key={step.id}>
                <StepLine step={step} number={index + 1} isCurrent={step.id === current} base={base} />
              </li>
            ))}
          </ol>
        </nav>
        <Form onSubmit={submit} aria-busy={busy !== null}>
          <h1 className={styles.title}>{STEP_TITLES[current]}</h1>
          <div className={styles.body}>
            {problems.length > 0 ? (
              <div ref={summary} tabIndex={-1} role="alert" className={styles.problems}>
                <MessageBar intent="error" layout="multiline">
                  <MessageBarBody>
                    <ProblemList problems={problems} className={styles.list} />
                  </MessageBarBody>
                </MessageBar>
              </div>
            ) : null}
            {children}
          </div>
          <footer className={styles.footer}>
            {before ? <LinkButton href={`${base}/new/${before.id}`}>{text.wizard.back}</LinkButton> : null}
            <Button
              type="submit"
              appearance={props.nextIsPrimary === false ? 'secondary' : 'primary'}
              disabledFocusable={busy !== null}
              {...(busy === null ? {} : { icon: <Spinner size="tiny" /> })}
            >
              {busy ?? props.nextLabel ?? text.wizard.next}
            </Button>
            <LinkButton href={base} appearance="subtle">
              {text.wizard.save}
            </LinkButton>
            <span className={styles.saved}>
              {text.wizard.saved} <Time value={savedAt} timeOfDay />.
            </span>
            <VisuallyHidden role="status">{busy}</VisuallyHidden>
          </footer>
        </Form>
      </div>
    </>
  );
}

function ProblemList({
  problems,
  className,
}: {
  readonly problems: readonly StepProblem[];
  readonly className: string;
}) {
  const [only, ...others] = problems;
  if (only && others.length === 0) return <ProblemLine {...only} />;
  return (
    <>
      {text.wizard.fix(problems.length)}
      <ul className={className}>
        {problems.map((problem) => (
          <li key={problem.sentence}>
            <ProblemLine {...problem} />
          </li>
        ))}
      </ul>
    </>
  );
}

function ProblemLine({ sentence, field }: StepProblem) {
  if (field === undefined) return sentence;
  return (
    <a
      href={`#${field}`}
      style={{ color: 'inherit' }}
      onClick={(event) => {
        event.preventDefault();
        document.getElementById(field)?.focus();
      }}
    >
      {sentence}
    </a>
  );
}

interface StepLineProps {
  readonly step: StepState;
  readonly number: number;
  readonly isCurrent: boolean;
  readonly base: string;
}

function StepLine({ step, number, isCurrent, base }: StepLineProps) {
  const styles = useStyles();
  const content = (
    <>
      <StepMark number={number} done={step.done} current={isCurrent} />
      <span>{STEP_TITLES[step.id]}</span>
    </>
  );
  if (!step.open || isCurrent) {
    return (
      <span
        className={mergeClasses(styles.step, isCurrent && styles.currentStep)}
        aria-current={isCurrent ? 'step' : undefined}
      >
        {content}
      </span>
    );
  }
  return (
    <Link className={mergeClasses(styles.step, styles.openStep)} href={`${base}/new/${step.id}`}>
      {content}
    </Link>
  );
}
