'use client';

import { Button, makeStyles, mergeClasses, Switch, tokens } from '@fluentui/react-components';
import { ChevronLeftRegular, ChevronRightRegular } from '@fluentui/react-icons';
import dynamic from 'next/dynamic';
import { type RefObject, useEffect, useRef } from 'react';
import { CardTable } from '#components/frame/card-table.tsx';
import * as text from '#components/text/text.ts';
import { calendar as calendarWords } from '#components/text/text.ts';
import type { OpenImport } from '#lib/connectors/snapshot.ts';
import type { CalendarMonth } from '#lib/imports/calendar.ts';
import { DAY_MARKS } from '#lib/imports/day-mark.ts';
import type { ImportLine } from '#lib/imports/list.ts';
import { DAY_COLUMNS, DayLine } from '../day-line.tsx';
import { DayMark } from '../day-mark.tsx';
import { liveDays } from '../live-days.ts';
import { useOpenImports } from '../use-open-imports.ts';
import { useSummaryView } from '../use-summary-view.ts';
import { calendarDays } from './calendar-days.ts';
import { CalendarGrid } from './calendar-grid.tsx';
import { CalendarList } from './calendar-list.tsx';
import type { DayImports } from './day-flyout.tsx';
import { addMonths, monthOf } from './month-grid.ts';

// A drawer lies in a portal, which the server cannot draw, and its code comes with the first day that is opened.
const DayFlyout = dynamic(() => import('./day-flyout.tsx'), { ssr: false });

/** Seven columns with a date, a sign and a number of items each need this much. */
const NARROW = '@media (max-width: 639px)';
const WIDE = '@media (min-width: 640px)';

const useStyles = makeStyles({
  muted: { margin: `0 0 ${tokens.spacingVerticalM}`, color: tokens.colorNeutralForeground3 },
  bar: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    columnGap: tokens.spacingHorizontalXS,
    rowGap: tokens.spacingVerticalXS,
    marginBottom: tokens.spacingVerticalS,
  },
  month: { margin: 0, minWidth: '9em', fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  push: { marginLeft: 'auto' },
  wideOnly: { [NARROW]: { display: 'none' } },
  narrowOnly: { [WIDE]: { display: 'none' } },
  legend: {
    display: 'flex',
    flexWrap: 'wrap',
    columnGap: tokens.spacingHorizontalL,
    rowGap: tokens.spacingVerticalXS,
    margin: `${tokens.spacingVerticalM} 0 0`,
    padding: 0,
    listStyleType: 'none',
    fontSize: tokens.fontSizeBase200,
  },
  empty: { margin: 0 },
  reading: { opacity: 0.6 },
});

export interface ImportCalendarProps {
  readonly connectorId: string;
  readonly data: CalendarMonth;
  /** the present UTC day, as 2026-11-21 */
  readonly today: string;
  /** imports of the day that the address names; null where it names none */
  readonly read: DayImports | null;
  /** when it was read */
  readonly at: string;
  /** whether the person may see evidence */
  readonly mayProve: boolean;
}

/** What became of each UTC day of arrival at the source, a month at a time. */
export function ImportCalendar({ connectorId, data: asRead, today, read, at, mayProve }: ImportCalendarProps) {
  const styles = useStyles();
  const { view, pending, go, openDay, closeDay, showTable } = useSummaryView();
  const shown = useRef<HTMLDivElement>(null);
  useFocusBack(view.day, shown);
  const running = useOpenImports(at);
  const data = { ...asRead, days: liveDays(asRead.days, running) };
  const words = calendarWords;
  if (data.firstDay === null) return <Empty />;
  const { month } = data;
  const first = monthOf(data.firstDay);
  const last = monthOf(today);
  const days = calendarDays(data, today);
  const open = days.find(({ day, mark }) => day === view.day && mark !== 'later');
  const table = view.tables.includes('calendar');
  const toMonth = (to: string) => go({ month: to === last ? null : to, day: null });
  const step = (count: number) => toMonth(monthOf(addMonths(`${month}-01`, count)));
  return (
    <>
      <p className={styles.muted}>{words.about}</p>
      <div className={styles.bar}>
        <Button
          appearance="subtle"
          icon={<ChevronLeftRegular />}
          aria-label={words.previous}
          disabledFocusable={month <= first}
          onClick={() => step(-1)}
        />
        <h3 className={styles.month} aria-live="polite">
          {words.monthOf(month)}
        </h3>
        <Button
          appearance="subtle"
          icon={<ChevronRightRegular />}
          aria-label={words.next}
          disabledFocusable={month >= last}
          onClick={() => step(1)}
        />
        {month === last ? null : (
          <Button appearance="subtle" onClick={() => toMonth(last)}>
            {words.thisMonth}
          </Button>
        )}
        <Switch
          className={styles.push}
          label={words.showTable}
          aria-label={words.showTableOf(words.title)}
          checked={table}
          onChange={(_event, { checked }) => showTable('calendar', checked)}
        />
      </div>
      <div ref={shown} aria-busy={pending} className={pending ? styles.reading : undefined}>
        {table ? (
          <MonthTable data={data} today={today} />
        ) : (
          <>
            <div className={styles.wideOnly}>
              <CalendarGrid
                month={month}
                days={days}
                today={today}
                first={first}
                last={last}
                openDay={view.day}
                onOpen={openDay}
                onMonth={toMonth}
              />
            </div>
            <div className={styles.narrowOnly}>
              <CalendarList month={month} days={days} onOpen={openDay} />
            </div>
            <ul className={mergeClasses(styles.legend, styles.wideOnly)} aria-label={words.legend}>
              {DAY_MARKS.filter((mark) => mark !== 'later').map((mark) => (
                <li key={mark}>
                  <DayMark mark={mark} />
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
      {open === undefined ? null : (
        <DayFlyout
          connectorId={connectorId}
          open={open}
          read={read === null ? null : { ...read, imports: read.imports.map(withLive(running)) }}
          mayProve={mayProve}
          onClose={() => closeDay(month === last ? null : month)}
        />
      )}
    </>
  );
}

/** An import as the stream tells it, where it was not over when it was read. */
const withLive =
  (running: readonly OpenImport[]) =>
  (line: ImportLine): ImportLine => {
    const now = line.completedAt === null ? running.find(({ id }) => id === line.id) : undefined;
    return now === undefined ? line : { ...line, counts: now.counts };
  };

/** Who closes a day is where they opened it, in the grid or in the list, whichever is shown. */
function useFocusBack(day: string | null, shown: RefObject<HTMLElement | null>): void {
  const before = useRef(day);
  useEffect(() => {
    const closed = day === null ? before.current : null;
    before.current = day;
    if (closed === null) return;
    const places = [...(shown.current?.querySelectorAll<HTMLElement>(`[data-day="${closed}"]`) ?? [])];
    places.find((one) => one.offsetParent !== null)?.focus();
  }, [day, shown]);
}

function MonthTable({ data: { month, days }, today }: Pick<ImportCalendarProps, 'data' | 'today'>) {
  const styles = useStyles();
  const words = calendarWords;
  if (days.length === 0) return <p className={styles.empty}>{words.emptyMonth}</p>;
  return (
    <CardTable label={words.grid(month)} columns={DAY_COLUMNS}>
      {calendarDays({ month, days, firstDay: null }, today)
        .toReversed()
        .map(({ day, mark, balance }) =>
          balance === null ? null : <DayLine key={day} title={day} balance={balance} mark={mark} />,
        )}
    </CardTable>
  );
}

function Empty() {
  const styles = useStyles();
  const words = text.connectors.imports;
  return (
    <>
      <strong>{words.empty}</strong>
      <p className={styles.empty}>{words.emptyHelp}</p>
    </>
  );
}
