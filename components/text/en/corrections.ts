/** Correcting misfiled messages. */
import type { CopyReason, CopyState, CorrectionPhase } from '#lib/corrections/correction.ts';
import type { StartResult } from '#lib/corrections/start.ts';
import type { StepResult } from '#lib/corrections/steps.ts';
import { reasonOf } from '#lib/imports/reasons.ts';
import { copies, counted } from './counted.ts';

const messages = (count: number): string => counted(count, 'message');

/** What became of a copy, in a sentence. */
const STATES: Record<CopyState, string> = {
  right: 'In the right mailbox.',
  nowhere: 'Stays where it is: the mapping gives no mailbox.',
  listed: 'In the wrong mailbox.',
  kept_back: 'Stays where it is.',
  moved: 'On its way to the right mailbox.',
  verified: 'Verified in the right mailbox, and still in the wrong one.',
  removing: 'Being removed from the wrong mailbox.',
  removed: 'In the right mailbox, and removed from the wrong one.',
  left: 'Verified in the right mailbox.',
};

/** `failed:` and `waiting:` come with the words of the ledger's own reason. */
type OwnReason = Exclude<CopyReason, `${'failed' | 'waiting'}:${string}`>;

const REASONS: Partial<Record<OwnReason, string>> = {
  not_at_source: 'TeleMessage does not have the message any more.',
  changed_at_source: 'TeleMessage has another content under its id by now.',
  attachment_not_at_source: 'TeleMessage does not have one of its attachments any more, or has another one.',
  others_not_at_source: "Somebody else was served by it, and TeleMessage does not have that person's copy any more.",
  signed_off: 'An Auditor signed it off as it is.',
  under_way: 'It was still on its way there when this was listed.',
  changed_meanwhile: 'It changed after it was listed.',
  mapping_changed: 'Another mapping came into force after it was listed.',
  not_found: 'It is not in the right mailbox.',
  found_twice: 'It is in the right mailbox more than once.',
  content_differs: 'What is in the right mailbox is not what was written.',
  went_elsewhere: 'It went to another mailbox than was confirmed.',
  mailbox_gone: 'The mailbox is not there any more.',
  access_denied: 'Microsoft 365 refuses this portal access to the mailbox.',
  from_before: 'The message had been in the right mailbox before.',
  of_another: 'The message in the other mailbox belongs to somebody who has that mailbox rightly.',
  nothing_of_its_own: 'It had no message of its own in the other mailbox.',
  already_gone: 'It was not in the wrong mailbox any more.',
  others_copy_missing: "Another person has only this message until that person's own copy has arrived.",
  copies_left: 'What somebody copied to another folder there was left.',
};

function stateSentence(state: CopyState, reason: string | null): string {
  if (reason === null || reason === 'on_its_way' || reason === 'noted') return STATES[state];
  const [kind = '', code = ''] = reason.split(':');
  if (kind === 'failed' || kind === 'waiting') {
    const { sentence, remedy } = reasonOf(code);
    return [state === 'moved' ? 'Not in the right mailbox.' : STATES[state], sentence, remedy]
      .filter(Boolean)
      .join(' ');
  }
  const own = REASONS[reason as OwnReason];
  const why = own ?? reasonOf(reason).sentence;
  return state === 'moved' ? `Not verified in the right mailbox. ${why}` : `${STATES[state]} ${why}`;
}

export const corrections = {
  found: {
    title: 'Found after the restore',
    intro:
      'These messages lie in mailboxes that the mapping did not name when it was confirmed: a mapping that the restore took back sent them there. Nothing was sent a second time. If the mapping in force is right, correct the number for that time. If the one that is gone was, upload it again. Where no number is known here, TeleMessage does not list the message any more, or nobody is owed it.',
    number: 'Number',
    mailbox: 'Found in',
    messages: 'Messages',
    time: 'Sent between',
    nobody: 'Not known here',
    unknown: 'Not known',
  },
  title: 'Correct misfiled messages',
  inMapping:
    'A new version never moves what is archived already. Messages that an earlier one put into a wrong mailbox can be copied to the right one, verified there, and then removed from the wrong one.',
  open: 'Find misfiled messages',
  intro:
    'A number was mapped to the wrong mailbox, and its messages are there. Put the mapping right first. Then choose the number and the time here. You see what is where before anything changes.',
  newTitle: 'Find misfiled copies',
  number: 'Number',
  numberHint: 'As in the mapping, such as +1 555 010 0100.',
  from: 'First day (UTC)',
  to: 'Last day (UTC)',
  periodHint: 'When the messages were sent, not when they were imported.',
  why: 'Why?',
  find: 'Find copies',
  refused: {
    bad_number: 'This is not a number. Write it with its country code.',
    bad_period: 'Enter a first and a last day, at most ten years apart.',
    bad_reason: 'Say why, in at most 1,000 characters.',
    not_found: 'This connector is not there any more.',
    open: 'A correction of this number is not over yet.',
  } satisfies Record<Exclude<StartResult['kind'], 'started'>, string>,
  openIt: 'Open it',
  listTitle: 'Corrections',
  none: 'Nothing was corrected yet.',
  columns: { number: 'Number', period: 'Messages of', phase: 'State', by: 'By', why: 'Why' },
  phases: {
    listing: 'Looking for copies',
    listed: 'Waits for you',
    copying: 'Copying',
    copied: 'Waits for you',
    removing: 'Removing',
    ended: 'Over',
  } satisfies Record<CorrectionPhase, string>,
  back: 'All corrections',
  heading: (number: string) => `Messages of ${number}`,
  paused: 'The connector is paused. This goes on when you resume it.',
  stopped: 'The connector is stopped. This goes on when that is mended.',
  goesOn: (problem: string) => {
    const { sentence } = reasonOf(problem);
    return `${sentence} It is tried again by itself.`;
  },
  groups: {
    title: 'Where they are',
    label: 'Copies by mailbox',
    isIn: 'Is in',
    wasIn: 'Was in',
    belongsIn: 'Belongs in',
    nowhere: 'No mailbox',
    count: 'Copies',
    state: 'State',
    empty: 'There is no archived copy of this number in this time.',
  },
  stateSentence,
  listing: (found: number) => (found === 0 ? 'Looking for copies…' : `Looking for copies… ${copies(found)} so far.`),
  allRight: 'No copy is in a wrong mailbox. Nothing is to be done.',
  noneToMove: 'No copy can be moved now.',
  misfiled: (count: number) => `${copies(count)} ${count === 1 ? 'is' : 'are'} in a wrong mailbox.`,
  copyBody:
    'They are read from TeleMessage once more and written into the right mailboxes, each once, with their own times. What is in the wrong mailboxes stays there until you have seen the result.',
  copy: {
    label: (count: number) => `Copy ${messages(count)}`,
    title: (count: number) => `Copy ${messages(count)} to the right mailboxes?`,
  },
  copying: (done: number, all: number) =>
    `${copies(done)} of ${all} ${done === 1 ? 'is' : 'are'} verified in the right mailbox.`,
  verified: (count: number) =>
    count === 0
      ? 'No message can be removed from a wrong mailbox now.'
      : `${messages(count)} in wrong mailboxes ${count === 1 ? 'is' : 'are'} verified in the right ones, and can be removed.`,
  notVerified: (count: number) =>
    `${copies(count)} ${count === 1 ? 'is' : 'are'} not in the right mailbox. What is in the wrong one stays there.`,
  remove: {
    label: (count: number) => `Remove ${messages(count)}`,
    title: (count: number) => `Remove ${messages(count)} from the wrong mailboxes?`,
    body: 'Each is looked for in the right mailbox once more, written down in the audit log, and removed. What people copied or wrote themselves stays. Retention policies and holds of Microsoft 365 still keep what they keep.',
    typed: (count: number) => `Type ${count} to confirm`,
    mistyped: 'The number is not the one above.',
  },
  removing: (done: number, all: number) => `${messages(done)} of ${all} removed from the wrong mailboxes.`,
  ended: 'This correction is over.',
  listAgain: 'List again',
  lookAgain: 'Look again',
  end: {
    label: 'End correction',
    title: 'End this correction?',
    body: 'What was copied stays in the right mailboxes. Nothing more is copied or removed: messages that are still in wrong mailboxes stay there, and a new correction does not find those whose copies were moved.',
  },
  done: 'Done.',
  results: {
    mapping_changed: 'Another mapping came into force. List the copies again.',
    unchanged: 'This correction is at another point by now.',
    not_found: 'This correction is not there any more.',
  } satisfies Record<Exclude<StepResult['kind'], 'done' | 'changed'>, string>,
  changed: (count: number) => `There are ${count} by now. Look again before you confirm.`,
  wrong: {
    title: 'Messages in wrong mailboxes',
    label: 'Messages in wrong mailboxes',
    item: 'Item id',
    sent: 'Sent',
    more: 'Further messages',
    first: 'First messages',
  },
  confirmedBy: (name: string) => `Copying confirmed by ${name},`,
  removalConfirmedBy: (name: string) => `Removal confirmed by ${name},`,
} as const;
