'use client';

import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { CheckmarkCircleFilled, CircleHintFilled, DismissCircleFilled, PersonAlertFilled } from '@fluentui/react-icons';
import type { ReactElement } from 'react';
import { HEALTH_WORDS, type HealthState } from '#lib/connectors/health.ts';

const useStyles = makeStyles({
  mark: { display: 'inline-flex', alignItems: 'center', columnGap: tokens.spacingHorizontalXS, whiteSpace: 'nowrap' },
  icon: { display: 'flex', fontSize: '20px', flexShrink: 0 },
  balanced: { color: tokens.colorStatusSuccessForeground1 },
  needs_you: { color: tokens.colorStatusWarningForeground3 },
  stopped: { color: tokens.colorStatusDangerForeground1 },
  never_run: { color: tokens.colorNeutralForeground3 },
});

/** Four shapes, so that they differ without colour. */
const ICONS: Readonly<Record<HealthState, ReactElement>> = {
  balanced: <CheckmarkCircleFilled />,
  needs_you: <PersonAlertFilled />,
  stopped: <DismissCircleFilled />,
  never_run: <CircleHintFilled />,
};

/** A health as an icon. */
export function HealthIcon({ health }: { readonly health: HealthState }) {
  const styles = useStyles();
  return (
    <span className={mergeClasses(styles.icon, styles[health])} aria-hidden>
      {ICONS[health]}
    </span>
  );
}

/** A health as an icon and a word. */
export function HealthMark({ health }: { readonly health: HealthState }) {
  const styles = useStyles();
  return (
    <span className={styles.mark}>
      <HealthIcon health={health} />
      {HEALTH_WORDS[health]}
    </span>
  );
}
