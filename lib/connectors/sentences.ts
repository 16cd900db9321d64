/**
 * What is said about the health of connectors, in words. Pure. A sentence that ends in a time gives the time apart
 * (`until`), so that the page can show it with its local time.
 */
import { type HealthState, toDoCount } from './health.ts';
import type { ConnectorRow } from './snapshot.ts';

export interface Sentence {
  readonly text: string;
  /** a time in ISO 8601 that belongs behind the text */
  readonly until: string | null;
}

const sentence = (text: string, until: string | null = null): Sentence => ({ text, until });

const number = new Intl.NumberFormat('en-US');

/** 1 item, 2 items, 10,412 items. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${number.format(count)} ${count === 1 ? one : many}`;
}

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

interface StopReason {
  /** ends where "since <time>" follows */
  readonly what: string;
  readonly remedy: string;
}

/** Reason codes of `connector.stopped_reason`: the failures of the customer's class in `SourceError` and of consent. */
const STOP_REASONS: Readonly<Record<string, StopReason>> = {
  invalid_credentials: {
    what: 'TeleMessage refuses the username or password',
    remedy: 'Find out the current password of the administration account at TeleMessage and update it here.',
  },
  suspended: { what: 'TeleMessage has suspended the account', remedy: 'Ask TeleMessage to activate it, then resume.' },
  pin_required: {
    what: 'TeleMessage wants a PIN for the account',
    remedy: 'Use an administration account without a PIN.',
  },
  kind_not_ordered: {
    what: 'The archiver is not ordered for this TeleMessage account',
    remedy: 'Ask TeleMessage to order it for the account, then resume.',
  },
  consent_missing: {
    what: 'Microsoft 365 does not let us in: the admin consent is gone',
    remedy: 'A Global Administrator or Privileged Role Administrator must give consent again, then resume.',
  },
};

const UNKNOWN_STOP: StopReason = {
  what: 'The connector was stopped',
  remedy: 'Resume it. If it stops again, give the code to whoever runs this portal.',
};

/** The sentence about one connector, with what to do. `detail` is null where nothing is to be done. */
export function connectorSentence(row: ConnectorRow): Sentence & { readonly detail: string | null } {
  switch (row.health) {
    case 'stopped': {
      const reason = STOP_REASONS[row.stoppedReason ?? ''];
      const { what, remedy } = reason ?? { ...UNKNOWN_STOP, what: `${UNKNOWN_STOP.what} (${row.stoppedReason})` };
      return { ...sentence(`${what} since`, row.stoppedAt), detail: `Imports have stopped. ${remedy}` };
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

const ALERT_SENTENCES: readonly (readonly [code: string, text: string])[] = [
  ['does_not_balance', "An import doesn't balance: some items are unaccounted for."],
  ['manifest_differs', 'TeleMessage lists other items now than it did when they were imported.'],
  ['import_failed', 'An import keeps failing. It is tried again, and nothing is lost.'],
];

function alertSentence(alerts: readonly string[]): string | null {
  const known = ALERT_SENTENCES.find(([code]) => alerts.includes(code));
  if (known !== undefined) return known[1];
  return alerts.length > 0 ? `Something needs a look (${alerts[0]}).` : null;
}

function toDoSentence({ toDo }: ConnectorRow): string {
  const count = toDoCount(toDo);
  return count === 1
    ? "1 item isn't in all its mailboxes."
    : `${counted(count, 'item')} aren't in all their mailboxes.`;
}

function toDoDetail({ toDo }: ConnectorRow): string | null {
  const parts = [
    toDo.waiting > 0 && `${counted(toDo.waiting, 'item waits', 'items wait')} for a mapping`,
    toDo.failed > 0 && `${number.format(toDo.failed)} failed`,
    toDo.unreadable > 0 && `${number.format(toDo.unreadable)} ${toDo.unreadable === 1 ? 'is' : 'are'} unreadable`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? null : `${parts.join(', ')}. Kept until imported or signed off.`;
}
