/**
 * What is said about the health of connectors, in words. Pure. A sentence that ends in a time gives the time apart
 * (`until`), so that the page can show it with its local time.
 */
import type { HealthState } from '#lib/connectors/health.ts';
import type { ConnectorRow } from '#lib/connectors/snapshot.ts';
import { reasonOf } from '#lib/imports/reasons.ts';
import { copies, counted } from './counted.ts';
import { undoneSentence } from './undone.ts';

export interface Sentence {
  readonly text: string;
  /** a time in ISO 8601 that belongs behind the text */
  readonly until: string | null;
}

const sentence = (text: string, until: string | null = null): Sentence => ({ text, until });

const number = new Intl.NumberFormat('en-US');

/** Health states that ask somebody to act. */
export const NEEDS_SOMEBODY: readonly HealthState[] = ['needs_you', 'stopped'];

/** The one sentence over all connectors of an organization, and how many of them need somebody. */
export function organizationSentence(rows: readonly ConnectorRow[]): Sentence & { readonly needing: number } {
  const needing = rows.filter(({ health }) => NEEDS_SOMEBODY.includes(health)).length;
  if (needing > 0) {
    const verb = needing === 1 ? 'needs' : 'need';
    const text =
      rows.length === 1 ? 'The connector needs you.' : `${needing} of ${rows.length} connectors ${verb} you.`;
    return { ...sentence(text), needing };
  }
  const ends = rows.flatMap(({ balancedUpTo }) => balancedUpTo ?? []).sort();
  const [earliest] = ends;
  if (earliest === undefined)
    return {
      ...sentence(rows.length === 1 ? 'The first import is not finished yet.' : 'No first import is finished yet.'),
      needing,
    };
  if (rows.length === 1) return { ...sentence('The connector balances up to', earliest), needing };
  const text =
    ends.length === rows.length
      ? `All ${rows.length} connectors balance up to`
      : `${ends.length} of ${rows.length} connectors have finished an import, and balance up to`;
  return { ...sentence(text, earliest), needing };
}

/** The sentence about one connector, with what to do. `detail` is null where nothing is to be done. */
export function connectorSentence(row: ConnectorRow): Sentence & { readonly detail: string | null } {
  switch (row.health) {
    case 'stopped': {
      const { sentence: what, remedy } = reasonOf(row.stoppedReason ?? '');
      return { ...sentence(`${what} Imports have stopped since`, row.stoppedAt), detail: remedy };
    }
    case 'needs_you':
      return { ...sentence(alertSentence(row.alerts) ?? toDoSentence(row)), detail: toDoDetail(row) };
    case 'never_run':
      return {
        ...sentence(row.activity === 'idle' ? 'No import has run yet.' : 'The first import is running.'),
        detail: null,
      };
    case 'balanced':
      return {
        ...sentence(row.activity === 'paused' ? 'Paused. It balances up to' : 'Balances up to', row.balancedUpTo),
        detail: null,
      };
  }
}

function alertSentence(alerts: readonly string[]): string | null {
  // While nothing goes on that is what matters; then what does not balance: it is the promise of this product.
  const first =
    alerts.find((code) => code === 'restored') ?? alerts.find((code) => code === 'does_not_balance') ?? alerts[0];
  return first === undefined ? null : reasonOf(first).sentence;
}

/** Copies have a mailbox that they are missing from; an item that cannot be read has none. */
function toDoSentence({ toDo: { waiting, failed, unreadable } }: ConnectorRow): string {
  const missing = waiting + failed;
  const parts = [
    missing > 0 && (missing === 1 ? '1 copy is not in its mailbox' : `${copies(missing)} are not in their mailboxes`),
    unreadable > 0 && `${counted(unreadable, 'item')} can't be read`,
  ].filter((part) => part !== false);
  return `${parts.join(', and ')}.`;
}

function toDoDetail({ toDo: { waiting, failed, unreadable } }: ConnectorRow): string | null {
  const kinds = [
    { kind: 'waiting', count: waiting },
    { kind: 'failed', count: failed },
    { kind: 'unreadable', count: unreadable },
  ] as const;
  const parts = kinds.filter(({ count }) => count > 0).map(undoneSentence);
  if (parts.length === 0) return null;
  return `${parts.join(' ')} ${waiting + failed + unreadable === 1 ? 'Its' : 'Their'} content is kept.`;
}

/** Labels of the Connectors tab, its fly-out and a connector's page. */
export const connectors = {
  label: 'Connectors',
  search: 'Search connectors',
  showThem: (count: number) => (count === 1 ? 'Show it' : 'Show them'),
  showAll: 'Show all',
  sortBy: 'Sort by',
  descending: 'Descending',
  columns: {
    name: 'Name',
    kind: 'Kind',
    health: 'Health',
    now: 'Now',
    balanced: 'Balanced up to',
    toDo: 'To do',
    next: 'Next import',
    details: 'Details',
  },
  details: (name: string) => `Details of ${name}`,
  toDoNone: 'Nothing',
  toDo: (count: number) => `${number.format(count)} to do`,
  notYet: 'Not yet',
  none: 'None',
  empty: { title: 'No connectors yet', body: 'Archive SMS, MMS and calls in mailboxes.', add: 'Add connector' },
  live: {
    stopped: 'Live updates stopped at',
    refresh: 'Refresh',
    /** for screen readers: what happened to a connector, and nothing in between */
    started: (name: string) => `${name}: an import has started.`,
    finished: (name: string, health: string) => `${name}: the import is complete. ${health}.`,
    health: (name: string, health: string) => `${name}: ${health}.`,
  },
  now: {
    progress: (name: string) => `Import of ${name}`,
    soFar: (items: number) => `${counted(items, 'item')} so far`,
    copies: (done: number, total: number) => `${number.format(done)} of ${counted(total, 'copy', 'copies')}`,
    checking: 'Checking the numbers',
    perSecond: (rate: number) => `${rate < 10 ? rate.toFixed(1) : number.format(Math.round(rate))} a second`,
    left: (duration: string) => `${duration} left`,
    queuedMore: (count: number) => `${counted(count, 'more import')} in line`,
    tryAgain: 'Tried again at',
  },
  flyout: {
    close: 'Close',
    sourceStatus: 'Connector status with source',
    asking: 'Asking TeleMessage…',
    atSource: 'At TeleMessage',
    active: 'Active',
    suspended: 'Suspended',
    lastArchived: 'Last item archived there',
    never: 'Nothing yet',
    devices: 'Phones',
    dormant: (count: number) => `${number.format(count)} with nothing archived for 90 days`,
    notAsked: "We couldn't ask TeleMessage.",
    tryAgain: 'Try again',
    lastImport: 'Last import',
    noImport: 'No import is complete yet.',
    readingLast: 'Reading the last import…',
    completed: 'Completed',
    downloadLog: 'Download log',
    open: 'Open connector',
  },
  mend: {
    updatePassword: 'Update password',
    tryAgain: 'Try again',
    username: 'Username',
    usernameHint: 'An administration account, not a phone user.',
    password: 'Password',
    passwordHint: 'Stored encrypted. Nobody can read it here again.',
    bothNeeded: 'Enter the username and the password.',
    otherAccount: (name: string) => `This is the account ${name}. Use the account that this connector was set up with.`,
    save: 'Save',
    signingIn: 'Signing in…',
    cancel: 'Cancel',
  },
  alerts: {
    title: 'Needs you',
    about: 'About',
    import: (importNumber: number) => `Import ${importNumber}.`,
    mailboxes: ({ named, more }: { readonly named: readonly string[]; readonly more: number }) =>
      `Mailboxes: ${named.join(', ')}${more === 0 ? '' : ` and ${more} more`}.`,
    since: 'Noticed',
    showDay: 'Show the numbers of the day',
    showMissing: 'Show the copies',
    whoCloses: 'Somebody who may sign off closes it.',
    close: 'Close alert',
    closeOf: (sentence: string) => `Close alert: ${sentence}`,
    closeTitle: 'Close this alert?',
    closeBody: 'It does not end by itself. Your name and your comment are written to the audit log.',
    comment: 'What did you find out, or decide?',
    closed: 'The alert is closed.',
    problems: {
      not_found: 'The alert is closed already.',
      bad_comment: 'Enter a comment of 3 to 1,000 characters.',
      ends_by_itself: 'This alert ends by itself when its cause is gone.',
      not_signed_off: 'Copies that are missing have to be signed off first. A closed alert would bury them.',
    },
  },
  page: {
    tabs: 'Connector',
    path: 'Where you are',
    back: 'All connectors',
    summary: 'Summary',
    imports: 'Imports',
    coverage: 'User coverage',
    settings: 'Settings',
    history: 'History',
    balance: 'Balance',
    balanceSince: 'Everything since the first import',
    items: 'Items',
    soFar: 'A running import is in these numbers.',
    copiesLabel: 'Copies',
    notImported: 'Not imported',
    running: 'Running now',
    nothingRunning: 'Nothing is running.',
    nextImport: 'Next import',
    importNumber: (value: number) => `Import ${value}`,
    window: 'Window',
    importNow: 'Import now',
    pause: 'Pause',
    resume: 'Resume',
    started: 'The import starts now.',
    paused: 'Paused. Nothing new starts until somebody resumes it.',
    resumed: 'Resumed.',
    results: {
      not_found: 'This connector is not there any more.',
      paused: 'The connector is paused. Resume it first.',
      stopped: 'The connector is stopped. See above what to do.',
      unchanged: 'Somebody else did that already.',
      restored: 'The database was restored. Confirm the user mapping first; imports go on when mailboxes are searched.',
    },
  },
  imports: {
    label: 'Imports',
    columns: {
      number: 'Import',
      window: 'Window',
      trigger: 'Started by',
      phase: 'Phase',
      atCompletion: 'At completion',
      now: 'Now',
      duration: 'Duration',
    },
    triggers: {
      first: 'First import',
      scheduled: 'Schedule',
      manual: 'By hand',
      repeat: 'Repeat',
      recheck: 'Recheck',
    },
    phases: {
      queued: 'Queued',
      collecting: 'Collecting',
      delivering: 'Importing',
      reconciling: 'Checking',
      completed: 'Completed',
      cancelled: 'Cancelled',
    },
    unchanged: 'Unchanged',
    running: 'Running',
    empty: 'No import has run yet.',
    emptyHelp: 'The first one starts by itself.',
    older: 'Older',
    newest: 'Newest',
    views: 'View',
    byImport: 'By import',
    byDay: 'By day',
    days: {
      label: 'Days',
      columns: { day: 'Day (UTC)', items: 'Items', copies: 'Copies', state: 'State' },
      all: 'All days',
      running: 'An import or a copy is under way.',
      openWindows: (count: number) => `${counted(count, 'window is', 'windows are')} not closed yet.`,
      lostWindows: (count: number) =>
        `TeleMessage no longer had ${counted(count, 'window')} when ${count === 1 ? 'its' : 'their'} turn came.`,
    },
    failed: "We couldn't load the imports. Nothing changed.",
  },
} as const;
