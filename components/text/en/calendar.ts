/** Words of the import calendar, of its days, and of the charts on a connector's summary. */
import type { DayMark } from '#lib/imports/day-mark.ts';
import { counted } from './counted.ts';

const inUtc = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' });
const monthName = inUtc({ month: 'long', year: 'numeric' });
const dayName = inUtc({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });

const number = new Intl.NumberFormat('en-US');

const marks = {
  balanced: 'Balanced',
  not_all: 'Not all imported',
  differs: "Doesn't balance",
  nothing: 'Nothing at source',
  lost: 'Lost at source',
  open: 'Open',
  none: 'Not imported',
  later: 'Not yet',
} satisfies Record<DayMark, string>;

export const calendar = {
  title: 'Import calendar',
  about: 'UTC days on which items arrived at TeleMessage.',
  marks,
  meanings: {
    balanced: 'Everything TeleMessage listed for this day is in its mailboxes.',
    not_all: 'The numbers add up, and some of it is not, or not wholly, in its mailboxes.',
    differs: 'The numbers of this day do not add up.',
    nothing: 'TeleMessage had nothing on this day.',
    lost: 'TeleMessage no longer had some of this day when its turn came.',
    open: 'This day is not over, or something of it is still under way.',
    none: 'This day has not been imported.',
    later: 'This day has not begun.',
  } satisfies Record<DayMark, string>,
  weekdays: [
    ['Mon', 'Monday'],
    ['Tue', 'Tuesday'],
    ['Wed', 'Wednesday'],
    ['Thu', 'Thursday'],
    ['Fri', 'Friday'],
    ['Sat', 'Saturday'],
    ['Sun', 'Sunday'],
  ],
  legend: 'What the signs mean',
  monthOf: (month: string) => monthName.format(new Date(`${month}-01`)),
  dayOf: (day: string) => dayName.format(new Date(day)),
  grid: (month: string) => `Days of ${monthName.format(new Date(`${month}-01`))}`,
  list: (month: string) => `List of days of ${monthName.format(new Date(`${month}-01`))}`,
  cell: (day: string, items: number | null, mark: DayMark) =>
    [dayName.format(new Date(day)), ...(items === null ? [] : [counted(items, 'item')]), marks[mark]].join(', '),
  count: (count: number) => number.format(count),
  items: (count: number) => counted(count, 'item'),
  previous: 'Previous month',
  next: 'Next month',
  thisMonth: 'This month',
  keys: 'Arrow keys move by day and week, Page Up and Page Down by month. Enter opens the day.',
  showTable: 'Show as table',
  showTableOf: (title: string) => `Show as table: ${title}`,
  emptyMonth: 'Nothing was imported in this month.',
  day: {
    close: 'Close',
    numbers: 'Numbers',
    imports: 'Imports of this day',
    noImports: 'No import has read this day.',
    reading: 'Reading the imports of this day',
    more: 'There are more. See the tab Imports.',
    table: 'Show in the table of days',
    allImports: 'All imports',
  },
  failed: (reference: string | null) =>
    `We couldn't load the import calendar. Nothing changed.${reference === null ? '' : ` Reference ${reference}.`}`,
} as const;

export const charts = {
  title: 'Charts',
  tableOf: (title: string) => `Table: ${title}`,
  span: 'Days',
  spans: { 30: 'Last 30 days', 90: 'Last 90 days' },
  empty: 'No import has run yet. The charts begin with the first one.',
  volume: {
    title: 'Items a day',
    about: 'What became of the items of each UTC day of arrival at TeleMessage, each item once.',
    none: 'TeleMessage had nothing in these days.',
    day: 'Day (UTC)',
    outcomes: { imported: 'Imported', waiting: 'Waiting for mapping', failed: 'Failed', unreadable: 'Unreadable' },
  },
  speed: {
    title: 'Copies a minute',
    about:
      'How fast the last 20 imports wrote copies to mailboxes: copies that were imported, divided by the time from the start of the import to its end. Waiting counts too, such as for a late attachment or while it is paused. A running import is measured until now.',
    none: 'No import has written a copy yet.',
    importNumber: 'Import',
    window: 'Window',
    copies: 'Copies',
    duration: 'Duration',
    rate: 'Copies a minute',
    completed: 'Completed',
    running: 'Still running',
  },
  failed: (reference: string | null) =>
    `We couldn't load the charts. Nothing changed.${reference === null ? '' : ` Reference ${reference}.`}`,
} as const;
