'use client';

import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import {
  ArrowSyncCircleRegular,
  CheckmarkCircleFilled,
  ClockRegular,
  ErrorCircleFilled,
  LinkRegular,
  WarningFilled,
} from '@fluentui/react-icons';
import type { ReactElement } from 'react';
import { evidence } from '#components/text/evidence.ts';

const useStyles = makeStyles({
  state: { display: 'inline-flex', alignItems: 'center', columnGap: tokens.spacingHorizontalXS },
  icon: { display: 'flex', flexShrink: 0, fontSize: '16px' },
  good: { color: tokens.colorStatusSuccessForeground1 },
  warning: { color: tokens.colorStatusWarningForeground1 },
  bad: { color: tokens.colorStatusDangerForeground1 },
  neutral: { color: tokens.colorNeutralForeground2 },
});

type Tone = 'good' | 'warning' | 'bad' | 'neutral';
const MOVING: readonly [ReactElement, Tone] = [<ArrowSyncCircleRegular key="moving" />, 'neutral'];
const SERVED: readonly [ReactElement, Tone] = [<LinkRegular key="served" />, 'neutral'];
const LOOKS: Readonly<Record<string, readonly [ReactElement, Tone]>> = {
  imported: [<CheckmarkCircleFilled key="there" />, 'good'],
  partially_imported: [<WarningFilled key="partly" />, 'warning'],
  waiting: [<ClockRegular key="waits" />, 'warning'],
  failed: [<ErrorCircleFilled key="failed" />, 'bad'],
  missing: [<ErrorCircleFilled key="missing" />, 'bad'],
  unreadable: [<ErrorCircleFilled key="unreadable" />, 'bad'],
  skipped: SERVED,
  repeat: SERVED,
};

interface CopyStateProps {
  readonly state: string;
  readonly reason?: string | null;
}

/** How far a copy is: an icon and a word. */
export function CopyState({ state, reason = null }: CopyStateProps) {
  const styles = useStyles();
  const [icon, tone] = LOOKS[reason === 'missing_in_mailbox' ? 'missing' : state] ?? MOVING;
  return (
    <span className={styles.state}>
      <span className={mergeClasses(styles.icon, styles[tone])} aria-hidden>
        {icon}
      </span>
      {evidence.state(state, reason)}
    </span>
  );
}
