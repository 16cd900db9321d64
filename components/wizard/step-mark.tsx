'use client';

import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { CheckmarkRegular } from '@fluentui/react-icons';
import * as text from '#components/text/text.ts';

const useStyles = makeStyles({
  mark: {
    display: 'inline-flex',
    alignItems: 'center',
    justifyContent: 'center',
    width: '28px',
    height: '28px',
    flexShrink: 0,
    borderRadius: tokens.borderRadiusCircular,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    fontSize: tokens.fontSizeBase200,
  },
  done: { border: `1px solid ${tokens.colorBrandStroke1}`, color: tokens.colorBrandForeground1, fontSize: '16px' },
  current: {
    border: `1px solid ${tokens.colorBrandBackground}`,
    backgroundColor: tokens.colorBrandBackground,
    color: tokens.colorNeutralForegroundOnBrand,
    '@media (forced-colors: active)': {
      forcedColorAdjust: 'none',
      border: '1px solid Highlight',
      backgroundColor: 'Highlight',
      color: 'HighlightText',
    },
  },
});

/** The number of a step, or a tick. */
export function StepMark({
  number,
  done,
  current,
}: {
  readonly number: number;
  readonly done: boolean;
  readonly current: boolean;
}) {
  const styles = useStyles();
  const showTick = done && !current;
  return (
    <span className={mergeClasses(styles.mark, showTick && styles.done, current && styles.current)}>
      {showTick ? <CheckmarkRegular aria-label={text.wizard.done} /> : number}
    </span>
  );
}
