'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import { calendar as calendarWords } from '#components/text/text.ts';
import { DayMark } from '../day-mark.tsx';
import type { CalendarDay } from './calendar-days.ts';

const useStyles = makeStyles({
  list: { margin: 0, padding: 0, listStyleType: 'none' },
  day: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr) auto',
    columnGap: tokens.spacingHorizontalS,
    width: '100%',
    minHeight: '44px',
    alignItems: 'center',
    padding: `${tokens.spacingVerticalS} 0`,
    border: 'none',
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: 'transparent',
    color: 'inherit',
    font: 'inherit',
    textAlign: 'left',
    cursor: 'pointer',
    fontVariantNumeric: 'tabular-nums',
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  items: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, textAlign: 'right' },
});

interface CalendarListProps {
  readonly month: string;
  readonly days: readonly CalendarDay[];
  readonly onOpen: (day: string) => void;
}

/** A month as a list, the newest day first, where a grid has no room. */
export function CalendarList({ month, days, onOpen }: CalendarListProps) {
  const styles = useStyles();
  const words = calendarWords;
  return (
    <ul aria-label={words.list(month)} className={styles.list}>
      {days
        .filter(({ mark }) => mark !== 'later')
        .toReversed()
        .map(({ day, items, mark }) => (
          <li key={day}>
            <button type="button" className={styles.day} data-day={day} onClick={() => onOpen(day)}>
              <span>{day}</span>
              <DayMark mark={mark} />
              <span />
              {items === null ? null : <span className={styles.items}>{words.items(items)}</span>}
            </button>
          </li>
        ))}
    </ul>
  );
}
