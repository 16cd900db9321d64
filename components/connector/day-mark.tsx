'use client';

import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { CheckmarkCircleFilled, DismissCircleFilled, MoreHorizontalFilled, WarningFilled } from '@fluentui/react-icons';
import type { ReactElement } from 'react';
import { calendar as calendarWords } from '#components/text/text.ts';
import type { DayMark as Mark } from '#lib/imports/day-mark.ts';

const useStyles = makeStyles({
  mark: { display: 'inline-flex', alignItems: 'center', columnGap: tokens.spacingHorizontalXS },
  icon: {
    display: 'inline-flex',
    alignItems: 'center',
    justifyContent: 'center',
    flexShrink: 0,
    width: '18px',
    height: '18px',
    fontSize: '18px',
    lineHeight: 1,
    fontWeight: tokens.fontWeightBold,
  },
  balanced: { color: tokens.colorStatusSuccessForeground1 },
  not_all: { color: tokens.colorStatusWarningForeground1 },
  differs: { color: tokens.colorStatusDangerForeground1 },
  lost: { color: tokens.colorStatusDangerForeground1 },
  nothing: { color: tokens.colorNeutralForeground3 },
  open: { color: tokens.colorNeutralForeground2 },
  none: { color: tokens.colorNeutralForeground3 },
  later: { color: tokens.colorNeutralForeground3 },
});

// Each has a shape of its own: no two are told apart by their colour.
const SHAPES: Readonly<Record<Mark, ReactElement | string>> = {
  balanced: <CheckmarkCircleFilled />,
  not_all: <WarningFilled />,
  differs: '≠',
  lost: <DismissCircleFilled />,
  nothing: '0',
  open: <MoreHorizontalFilled />,
  none: '–',
  later: '',
};

/** The sign of a day, for the eye alone: its word stands beside it or in the name of what it is in. */
export function DaySign({ mark }: { readonly mark: Mark }) {
  const styles = useStyles();
  return (
    <span className={mergeClasses(styles.icon, styles[mark])} aria-hidden>
      {SHAPES[mark]}
    </span>
  );
}

/** The sign of a day and its word. */
export function DayMark({ mark }: { readonly mark: Mark }) {
  return (
    <span className={useStyles().mark}>
      <DaySign mark={mark} />
      {calendarWords.marks[mark]}
    </span>
  );
}
