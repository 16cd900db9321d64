/** A notice as an e-mail: subject and text. The one place for these words. Pure. */
import { HEALTH_WORDS } from '../connectors/health.ts';
import { reasonOf } from '../imports/reasons.ts';
import type { NoticeContent } from './content.ts';
import type { NotificationEvent } from './events.ts';

export interface MailText {
  readonly subject: string;
  readonly text: string;
}

type Conditional = Pick<Extract<NoticeContent, { kind: 'began' }>, 'event' | 'subject' | 'detail'>;

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

/** @param portalUrl base address of the portal, for the link */
export function mailOf(content: NoticeContent, portalUrl: string): MailText {
  const { id, name } = content.connector;
  const link = new URL(`/connectors/${id}`, portalUrl).href;
  const mail = wordsOf(content);
  return {
    subject: `${mail.subject}: ${name}`,
    text: [
      `Connector: ${name}`,
      '',
      ...mail.lines,
      '',
      `Open the connector: ${link}`,
      '',
      'Who gets these notices is set on the connector’s Settings tab.',
      '',
    ].join('\n'),
  };
}

function wordsOf(content: NoticeContent): { readonly subject: string; readonly lines: readonly string[] } {
  switch (content.kind) {
    case 'began':
      return {
        subject: TITLES[content.event],
        lines: [
          ...sentencesOf(content),
          '',
          `Since: ${utc(content.beganAt)}`,
          'You get another notice when it is over.',
        ],
      };
    case 'ended':
      return {
        subject: `Recovered: ${TITLES[content.event]}`,
        lines: [
          `This is over: ${sentencesOf(content)[0]}`,
          '',
          `From ${utc(content.beganAt)} to ${utc(content.endedAt)}.`,
        ],
      };
    case 'mapping_changed':
      return {
        subject: TITLES.mapping_changed,
        lines: [
          `Version ${content.version} of the user mapping is in force since ${utc(content.at)}. It has ${counted(content.rows, 'row')}.`,
          'If you did not expect that, look at who applied it on the tab User mapping.',
        ],
      };
    case 'summary':
      return summaryOf(content);
    case 'heartbeat':
      return { subject: 'Heartbeat', lines: [`Import ${content.import} is complete.`] };
    case 'test':
      return {
        subject: 'Test notice',
        lines: [`Somebody pressed the test button at ${utc(content.at)}. Notices of this connector reach you.`],
      };
  }
}

function summaryOf(content: Extract<NoticeContent, { kind: 'summary' }>) {
  const { health, balancedUpTo, pausedAt, last, toDo, open } = content;
  const isWell = health === 'balanced' && open.length === 0 && pausedAt === null;
  const state = pausedAt === null ? HEALTH_WORDS[health].toLowerCase() : 'paused';
  return {
    subject: isWell ? 'All is well' : `Daily summary, ${state}`,
    lines: [
      `Health: ${HEALTH_WORDS[health]}`,
      ...(pausedAt === null ? [] : [`Paused since ${utc(pausedAt)}: nothing is imported until somebody resumes it.`]),
      `Balanced up to: ${balancedUpTo === null ? 'not yet' : utc(balancedUpTo)}`,
      last === null
        ? 'Last import: none yet'
        : `Last import: number ${last.number}, ${number(last.listed)} from source, ${number(last.imported)} imported to a mailbox, ${number(last.repeat)} repeats`,
      `To do: ${number(toDo.waiting)} waiting for mapping, ${number(toDo.failed)} failed, ${number(toDo.unreadable)} unreadable`,
      ...(open.length === 0 ? [] : ['', 'Open:']),
      ...open.map((one) => `- ${TITLES[one.event]} since ${utc(one.beganAt)}`),
    ],
  };
}

/** What is so, and what helps. */
function sentencesOf({ event, subject, detail }: Conditional): string[] {
  switch (event) {
    case 'nothing_imported':
      return [
        `Nothing was imported of ${detail.day} (UTC), although the same weekday of the weeks before had messages.`,
        'Ask whether the phones are online and whether TeleMessage archives them.',
      ];
    case 'waiting_above':
      return [
        `${counted(Number(detail.waiting), 'copy', 'copies')} of messages wait because nobody knows the mailbox. You asked to be told above ${number(Number(detail.above))}.`,
        'Map the numbers under Not imported.',
      ];
    case 'app_credential_ending':
      return [
        `The certificate or secret with which this portal signs in to Microsoft 365 ends at ${utc(String(detail.ends))}. After that nothing is imported.`,
        'Ask the operator to renew it.',
      ];
    default: {
      const { sentence, remedy } = reasonOf(subject);
      return remedy === null ? [sentence] : [sentence, remedy];
    }
  }
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

function number(count: number): string {
  return count.toLocaleString('en');
}

/** 2026-11-21 06:14 UTC */
function utc(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}
