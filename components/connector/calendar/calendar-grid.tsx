'use client';

import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { type KeyboardEvent, useId, useLayoutEffect, useRef, useState } from 'react';
import { VisuallyHidden } from '#components/frame/visually-hidden.tsx';
import { calendar as calendarWords } from '#components/text/text.ts';
import { DaySign } from '../day-mark.tsx';
import type { CalendarDay } from './calendar-days.ts';
import { dayAfterKey, monthOf, weeksOf, within } from './month-grid.ts';

const useStyles = makeStyles({
  grid: {
    width: '100%',
    tableLayout: 'fixed',
    borderCollapse: 'separate',
    borderSpacing: tokens.spacingHorizontalXXS,
    fontVariantNumeric: 'tabular-nums',
  },
  head: {
    padding: tokens.spacingVerticalXS,
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightRegular,
    textAlign: 'left',
  },
  cell: {
    // for what is in it and not seen
    position: 'relative',
    height: '64px',
    padding: tokens.spacingVerticalXS,
    verticalAlign: 'top',
    cursor: 'pointer',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '1px' },
  },
  later: {
    cursor: 'default',
    color: tokens.colorNeutralForeground3,
    border: `1px dashed ${tokens.colorNeutralStroke2}`,
    ':hover': { backgroundColor: 'transparent' },
  },
  open: { backgroundColor: tokens.colorNeutralBackground1Selected },
  top: { display: 'flex', justifyContent: 'space-between', alignItems: 'start' },
  today: {
    fontWeight: tokens.fontWeightBold,
    textDecorationLine: 'underline',
    textUnderlineOffset: '3px',
    textDecorationThickness: '2px',
  },
  items: {
    display: 'block',
    marginTop: tokens.spacingVerticalS,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
    textAlign: 'right',
    overflowWrap: 'anywhere',
  },
});

export interface CalendarGridProps {
  /** the month that is shown */
  readonly month: string;
  readonly days: readonly CalendarDay[];
  readonly today: string;
  /** months that keys may lead to */
  readonly first: string;
  readonly last: string;
  readonly openDay: string | null;
  readonly onOpen: (day: string) => void;
  readonly onMonth: (month: string) => void;
}

/** A month as a grid after the ARIA pattern: one stop for the Tab key, keys move inside, Enter opens the day. */
export function CalendarGrid({ month, days, today, first, last, openDay, onOpen, onMonth }: CalendarGridProps) {
  const styles = useStyles();
  const words = calendarWords;
  const [at, setAt] = useState(openDay ?? today);
  const body = useRef<HTMLTableSectionElement>(null);
  const moved = useRef(false);
  const help = useId();
  const byDay = new Map(days.map((one) => [one.day, one]));
  const stop = byDay.has(at) ? at : `${month}-01`;

  // The focus follows the keys into a month that was not there when they were pressed. Until then it stays in the grid,
  // also where another month comes first, so that the next key is heard.
  useLayoutEffect(() => {
    if (!moved.current) return;
    const arrived = monthOf(at) === month;
    const dayOf = (day: string) => body.current?.querySelector<HTMLElement>(`[data-day="${day}"]`);
    if (arrived || !body.current?.contains(document.activeElement)) dayOf(arrived ? at : stop)?.focus();
    if (arrived) moved.current = false;
  }, [at, month, stop]);

  function press(event: KeyboardEvent): void {
    // Several presses may come before the month that the first of them led to.
    const from = moved.current ? at : stop;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      if (from <= today) onOpen(from);
      return;
    }
    if (event.altKey || event.metaKey) return;
    const to = dayAfterKey(from, event.key, event.ctrlKey);
    if (to === null) return;
    event.preventDefault();
    const target = within(to, first, last);
    if (target === from) return;
    moved.current = true;
    setAt(target);
    if (monthOf(target) !== monthOf(from)) onMonth(monthOf(target));
  }

  return (
    <>
      <VisuallyHidden>
        <span id={help}>{words.keys}</span>
      </VisuallyHidden>
      {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: the ARIA pattern of a grid is a table */}
      <table role="grid" aria-label={words.grid(month)} aria-describedby={help} aria-readonly className={styles.grid}>
        <thead>
          <tr>
            {words.weekdays.map(([short, long]) => (
              <th key={short} scope="col" abbr={long} className={styles.head}>
                {short}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {weeksOf(month).map((week) => (
            <tr key={week.find((day) => day !== null)}>
              {week.map((day, column) => {
                const one = day === null ? undefined : byDay.get(day);
                // biome-ignore lint/suspicious/noArrayIndexKey: an empty place has nothing but its column
                if (one === undefined) return <td key={column} />;
                return (
                  <td
                    key={one.day}
                    // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a cell of a grid is one
                    role="gridcell"
                    data-day={one.day}
                    tabIndex={one.day === stop ? 0 : -1}
                    aria-current={one.day === today ? 'date' : undefined}
                    aria-disabled={one.mark === 'later' || undefined}
                    className={mergeClasses(
                      styles.cell,
                      one.mark === 'later' && styles.later,
                      one.day === openDay && styles.open,
                    )}
                    onFocus={() => (moved.current ? undefined : setAt(one.day))}
                    onClick={() => (one.mark === 'later' ? undefined : onOpen(one.day))}
                    onKeyDown={press}
                  >
                    <VisuallyHidden>{words.cell(one.day, one.items, one.mark)}</VisuallyHidden>
                    <span className={styles.top} title={words.marks[one.mark]} aria-hidden>
                      <span className={one.day === today ? styles.today : undefined}>{Number(one.day.slice(8))}</span>
                      <DaySign mark={one.mark} />
                    </span>
                    {one.items === null ? null : (
                      <span className={styles.items} aria-hidden>
                        {words.count(one.items)}
                      </span>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
