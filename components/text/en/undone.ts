/** What is not, or not wholly, in its mailbox, in words. Pure. */
import type { UndoneKind } from '#lib/imports/counts.ts';
import { isContentLost, type ReasonCode } from '#lib/imports/reasons.ts';
import { mayBeRetried } from '#lib/imports/retryable.ts';
import type { UndoneReason } from '#lib/imports/undone.ts';
import { copies, counted } from './counted.ts';

type Named = Pick<UndoneReason, 'kind' | 'count'> & Partial<Pick<UndoneReason, 'reason'>>;

/** Copies of others, where one user is imported first. */
const HELD: ReasonCode = 'one_user_first';

/** How many, and what is the matter with them. */
export function undoneSentence({ kind, reason, count }: Named): string {
  const one = count === 1;
  switch (kind) {
    case 'waiting':
      return `${copies(count)} ${one ? 'waits' : 'wait'} for a mapping.`;
    case 'failed':
      return `${copies(count)} failed.`;
    case 'unreadable':
      return `${counted(count, 'item')} can't be read.`;
    case 'missing':
      return one ? '1 copy is not in its mailbox any more.' : `${copies(count)} are not in their mailboxes any more.`;
    case 'stopped':
      if (reason === HELD) return `${copies(count)} ${one ? 'is' : 'are'} held back.`;
      return `${copies(count)} on ${one ? 'its' : 'their'} way can't be delivered.`;
    case 'partial':
      return `${copies(count)} ${partly(reason, one)}.`;
  }
}

/** What a copy that is partially imported has, lacks, or had. */
function partly(reason: string | undefined, one: boolean): string {
  switch (reason) {
    case 'attachment_differs':
      return `${one ? 'has' : 'have'} an attachment that is not what TeleMessage had announced`;
    case 'removed_meanwhile':
      return `${one ? 'was' : 'were'} removed from the mailbox before ${one ? 'it was' : 'they were'} whole`;
    default:
      return `${one ? 'lacks' : 'lack'} an attachment`;
  }
}

const GONE = 'and nobody can bring it back';

/** What a sign-off does to them: it says that an attachment is deleted only where one is kept. */
export function signOffBody(kind: UndoneKind, reason: string): string {
  switch (kind) {
    case 'waiting':
      return `Their content is deleted here, ${GONE}. A mapping that comes later does not import them any more.`;
    case 'failed':
      return `Their content is deleted here, ${GONE}. They cannot be retried any more.`;
    case 'unreadable':
      return `Their content is deleted here, ${GONE}.`;
    case 'missing':
      return 'You accept that the mailbox does not hold them any more. Nothing is imported again, and no number changes.';
    case 'stopped':
      if (reason === HELD)
        return `Their content is deleted here, ${GONE}. They are not sent any more, also if everybody is imported later.`;
      return `Their content is deleted here, ${GONE}. They are not delivered any more, also if Microsoft 365 lets this portal in again.`;
    case 'partial':
      if (isContentLost(reason))
        return `What is kept of the message here is deleted, ${GONE}. The attachment is not added any more, also if the operator restores it or TeleMessage gives it again.`;
      if (mayBeRetried(kind, reason))
        return `The attachment is deleted here, ${GONE}. The message in the mailbox stays without it.`;
      if (reason === 'removed_meanwhile')
        return `What is kept of the message here is deleted, ${GONE}. It is not put into the mailbox again.`;
      return `What is kept of the message here is deleted, ${GONE}. The message in the mailbox stays as it is.`;
  }
}

/** The tab *Not imported*. */
export const undone = {
  tab: (toDo: number) =>
    toDo === 0 ? 'Not imported' : `Not imported (${new Intl.NumberFormat('en-US').format(toDo)})`,
  empty: {
    title: 'Nothing is left to do.',
    body: 'Every item that TeleMessage listed is in its mailboxes, on its way, or signed off.',
  },
  held: {
    count: (count: number) =>
      `${counted(count, 'copy or item', 'copies or items')} ${count === 1 ? 'has' : 'have'} not been imported, or not wholly, for 7 days or longer.`,
    oldest: 'The oldest reached TeleMessage at',
    kept: 'Kept here until imported or signed off.',
    show: 'Show what is not imported',
  },
  showOne: 'Show it',
  show: 'Show them one by one',
  showOf: (label: string, sentence: string) => `${label}: ${sentence}`,
  table: (sentence: string) => `One by one: ${sentence}`,
  columns: {
    item: 'Item',
    arrived: 'Reached TeleMessage',
    participant: 'For',
    mailbox: 'Mailbox',
    commands: 'What can be done',
  },
  fallback: 'Fallback mailbox',
  noMailbox: 'Not known',
  /** of an item that cannot be read nobody knows whose it is */
  nobody: 'Not known',
  notKept: 'Not kept here',
  goneTitle: 'Nothing of this is left.',
  gone: 'It was imported, retried or signed off meanwhile.',
  first: 'From the start',
  next: 'Next 50',
} as const;
