'use client';

import { makeStyles, mergeClasses, Spinner, tokens } from '@fluentui/react-components';
import { CheckmarkCircleFilled, ClockRegular, DismissCircleFilled } from '@fluentui/react-icons';
import type { ReactElement } from 'react';
import * as text from '#components/text/text.ts';
import type { ConsentMode, ProofCheck } from '#lib/microsoft/prove-consent.ts';

const words = text.wizard.consent;

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', rowGap: tokens.spacingVerticalM },
  line: { display: 'grid', gridTemplateColumns: '24px 1fr', columnGap: tokens.spacingHorizontalS, alignItems: 'start' },
  icon: { fontSize: '20px', lineHeight: 1 },
  passed: { color: tokens.colorStatusSuccessForeground1 },
  failed: { color: tokens.colorStatusDangerForeground1 },
  waiting: { color: tokens.colorNeutralForeground3 },
  detail: { color: tokens.colorNeutralForeground3 },
});

const ICONS: Readonly<Record<ProofCheck['result'], ReactElement>> = {
  passed: <CheckmarkCircleFilled />,
  waiting: <ClockRegular />,
  failed: <DismissCircleFilled />,
  not_run: <ClockRegular />,
};

interface ConsentChecksProps {
  /** null while they are being made */
  readonly checks: readonly ProofCheck[] | null;
  readonly mode: ConsentMode;
}

/** Consent, directory, mailboxes: one a line, each Passed, Waiting or Failed with its fix. */
export function ConsentChecks({ checks, mode }: ConsentChecksProps) {
  const styles = useStyles();
  if (checks === null)
    return <Spinner size="tiny" label={words.checking} labelPosition="after" style={{ justifyContent: 'start' }} />;
  return (
    <ul className={styles.list}>
      {checks.map((check) => (
        <li key={check.check} className={styles.line}>
          <span
            aria-hidden
            className={mergeClasses(
              styles.icon,
              check.result === 'passed' ? styles.passed : check.result === 'failed' ? styles.failed : styles.waiting,
            )}
          >
            {ICONS[check.result]}
          </span>
          <span>
            <strong>{(mode === 'chosen' ? words.checkNamesChosen : words.checkNames)[check.check]}</strong>:{' '}
            {words.results[check.result]}. <span className={styles.detail}>{detailOf(check, mode, checks)}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

function detailOf({ check, result, problem, missingRoles }: ProofCheck, mode: ConsentMode, all: readonly ProofCheck[]) {
  const isChosen = mode === 'chosen';
  if (result === 'passed') return (isChosen ? words.passesChosen : words.passes)[check];
  if (problem === null) {
    const hasDirectory = all.some((one) => one.check === 'directory' && one.result === 'passed');
    const isUntried = isChosen && hasDirectory && all.every((one) => one.problem === null);
    return isUntried ? words.fixesChosen.not_run : words.fixes.not_run;
  }
  if (problem === 'roles_missing') return words.fixes.roles_missing(missingRoles);
  if (isChosen && isWordedAnew(problem)) return words.fixesChosen[problem];
  return words.fixes[problem];
}

function isWordedAnew(problem: string): problem is Exclude<keyof typeof words.fixesChosen, 'not_run'> {
  return problem !== 'not_run' && Object.hasOwn(words.fixesChosen, problem);
}
