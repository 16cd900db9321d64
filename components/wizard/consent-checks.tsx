'use client';

import { makeStyles, mergeClasses, Spinner, tokens } from '@fluentui/react-components';
import { CheckmarkCircleFilled, ClockRegular, DismissCircleFilled } from '@fluentui/react-icons';
import type { ReactElement } from 'react';
import * as text from '#components/text/text.ts';
import type { ConsentCheck } from '#lib/microsoft/prove-consent.ts';

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

const ICONS: Readonly<Record<ConsentCheck['result'], ReactElement>> = {
  passed: <CheckmarkCircleFilled />,
  waiting: <ClockRegular />,
  failed: <DismissCircleFilled />,
  not_run: <ClockRegular />,
};

/** Consent, directory, a mailbox: one a line, each Passed, Waiting or Failed with its fix. */
export function ConsentChecks({ checks }: { readonly checks: readonly ConsentCheck[] | null }) {
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
            <strong>{words.checkNames[check.check]}</strong>: {words.results[check.result]}.{' '}
            <span className={styles.detail}>{detailOf(check)}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

function detailOf(check: ConsentCheck): string {
  if (check.result === 'passed') return words.passes[check.check];
  if (check.problem === null) return words.fixes.not_run;
  if (check.problem === 'roles_missing') return words.fixes.roles_missing(check.missingRoles);
  return words.fixes[check.problem];
}
