/** What events are called and what they mean for somebody who reads a mail. Pure. */
import { reasonOf } from '../imports/reasons.ts';
import type { Single } from './content.ts';
import { isOfAll, type NotificationEvent } from './events.ts';

type Conditional = Pick<Extract<Single, { kind: 'began' }>, 'event' | 'subject' | 'detail'>;

const TITLES: Readonly<Record<NotificationEvent, string>> = {
  import_failed: 'Import failed',
  nothing_imported: 'Nothing imported',
  waiting_above: 'Messages wait for mapping',
  credentials_refused: 'Credentials refused',
  app_credential_ending: 'The portal’s certificate or secret ends soon',
  does_not_balance: 'Does not balance',
  mapping_changed: 'Mapping changed',
  needs_attention: 'Needs attention',
};

/** What an event is called, in mails and on pages. */
export function titleOf(event: NotificationEvent): string {
  return TITLES[event];
}

/** What is so of one connector. */
export function factOf({ event, subject, detail }: Conditional): string {
  switch (event) {
    case 'nothing_imported':
      return `Nothing was imported of ${detail.day} (UTC), although the same weekday of the weeks before had messages.`;
    case 'waiting_above':
      return `${counted(Number(detail.waiting), 'copy', 'copies')} of messages wait because nobody knows the mailbox. You asked to be told above ${number(Number(detail.above))}.`;
    case 'app_credential_ending':
      return `The certificate or secret with which this portal signs in to Microsoft 365 ends at ${utc(String(detail.ends))}. After that nothing is imported.`;
    default:
      return reasonOf(subject).sentence;
  }
}

/** Whether the fact is another one for each connector, so that each says its own. */
export function isOwnFact({ event }: Conditional): boolean {
  return event === 'nothing_imported' || event === 'waiting_above';
}

/** What helps; null where nothing needs to be done. */
export function remedyOf({ event, subject }: Conditional): string | null {
  switch (event) {
    case 'nothing_imported':
      return 'Ask whether the phones are online and whether TeleMessage archives them.';
    case 'waiting_above':
      return 'Map the numbers under Not imported.';
    case 'app_credential_ending':
      return 'Ask the operator to renew it.';
    default:
      return reasonOf(subject).remedy;
  }
}

/** What somebody must know of a matter of the whole organization; null of any other. */
export function reachOf({ subject }: Conditional): string | null {
  if (!isOfAll(subject)) return null;
  return subject === 'source_silent'
    ? 'Other connectors may meet the same. Those that do are told together, once a day, and stand in the daily summary.'
    : 'This concerns every connector of your organization. Those that are stopped by it later are told together, once a day, and stand in the daily summary.';
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

export function number(count: number): string {
  return count.toLocaleString('en');
}

/** 2026-11-21 06:14 UTC */
export function utc(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}
