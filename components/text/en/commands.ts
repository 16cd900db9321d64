/** What an administrator can ask of imports, and what came of it. */
import type { UndoneKind } from '#lib/imports/counts.ts';
import type { RetryResult } from '#lib/imports/retry.ts';
import type { SignOffReason } from '#lib/imports/sign-off-reasons.ts';
import { copies, counted } from './counted.ts';

export const commands = {
  firstUser: {
    title: (mailbox: string) => `Only ${mailbox} is imported so far.`,
    about: (held: number) =>
      `Look into this mailbox: are the messages as they are to be? ${held === 0 ? 'Nothing waits for the others yet.' : `${held.toLocaleString('en')} ${held === 1 ? 'copy waits' : 'copies wait'} to be sent.`}`,
    follow: 'Import everybody',
    followTitle: 'Import everybody?',
    followBody: 'What was collected for the others is sent to their mailboxes, beginning within a minute.',
    done: 'Everybody is imported. What was kept for the others is sent within a minute.',
    notFound: 'This connector is not there any more.',
  },
  /** links to *Evidence* */
  evidence: {
    link: 'Evidence',
    ofImport: (number: number) => `Evidence of import ${number}`,
    ofItem: (item: string) => `Proof of item ${item}`,
    ofDay: 'Evidence of this day',
  },
  close: 'Close',
  keep: 'Keep it as it is',
  cancel: {
    label: 'Cancel import',
    of: (number: number) => `Cancel import ${number}`,
    title: (number: number) => `Cancel import ${number}?`,
    body: 'It stops reading from TeleMessage. What it has read is imported all the same. The window stays open, and the next import takes it up.',
    results: {
      done: 'Cancelled. The window stays open.',
      not_found: 'This import is not there any more.',
      too_late: 'Everything is read already, and is being imported. Pause the connector to stop that.',
      unchanged: 'This import is over.',
    },
  },
  repeat: {
    label: 'Import again',
    of: (number: number) => `Import again: import ${number}`,
    title: (number: number) => `Import the window of import ${number} again?`,
    body: 'It is read from TeleMessage once more. What is in a mailbox already is not imported twice.',
    rangeLabel: 'Import a past range',
    rangeTitle: 'Import a past range again',
    rangeBody:
      'Every window of these days is read once more, and nothing is imported twice. Days before the first import are imported as far back as TeleMessage still has them.',
    from: 'First day (UTC)',
    to: 'Last day (UTC)',
    done: (windows: number, earlier: boolean) =>
      [windows > 0 && `${counted(windows, 'window')} will be read again.`, earlier && 'Earlier days are on their way.']
        .filter((part) => part !== false)
        .join(' ') || 'These windows are being imported just now.',
    results: {
      nothing: 'Nothing of these days was ever imported.',
      bad_range: 'Enter a first and a last day, at most ten years apart.',
      not_found: 'This connector is not there any more.',
      paused: 'The connector is paused. Resume it first.',
      stopped: 'The connector is stopped. See above what to do.',
    },
  },
  openWindows: (count: number) =>
    `${counted(count, 'window')} ${count === 1 ? 'is' : 'are'} open, and not being imported.`,
  retry: {
    label: 'Retry',
    of: (sentence: string) => `Retry: ${sentence}`,
    ofItem: (item: string) => `Retry item ${item}`,
    title: (count: number) => `Retry ${copies(count)}?`,
    body: 'They are sent to their mailboxes again. Do this when what was wrong is mended.',
    done: ({ sent, skipped, readAgain }: Retried) =>
      [
        `${copies(sent)} on ${sent === 1 ? 'its' : 'their'} way.`,
        skipped > 0 && `${copies(skipped)} not sent: another phone's copy has the place.`,
        readAgain > 0 && `${counted(readAgain, 'window')} read from TeleMessage again, for what the storage lost.`,
      ]
        .filter((part) => part !== false)
        .join(' '),
    results: { not_found: 'This connector is not there any more.' },
  },
  signOff: {
    label: 'Sign off',
    of: (sentence: string) => `Sign off: ${sentence}`,
    ofItem: (item: string) => `Sign off item ${item}`,
    title: (kind: UndoneKind, count: number) =>
      kind === 'unreadable' ? `Sign off ${counted(count, 'item')}?` : `Sign off ${copies(count)}?`,
    reason: 'Reason',
    reasons: {
      nobody_owed: 'Nobody here is owed it',
      cannot_be_delivered: "It can't be delivered",
      kept_elsewhere: 'It is kept elsewhere',
      other: 'Another reason',
    } satisfies Record<SignOffReason, string>,
    comment: 'Comment',
    typed: (count: number) => `Type ${count} to confirm`,
    mistyped: 'The number is not the one above.',
    done: (count: number) => `${counted(count, 'one', 'ones')} signed off.`,
    changed: (count: number) =>
      count === 0 ? 'There is nothing left to sign off.' : `There are ${count} by now. Look again before you sign off.`,
    results: {
      bad_comment: 'Enter a comment of at most 1,000 characters.',
      suspended: 'Deletion is suspended for your organization, and what is signed off is deleted. See Settings.',
      not_found: 'This connector is not there any more.',
    },
  },
  original: {
    label: 'Download original',
    of: (item: string) => `Download original of item ${item}`,
    title: 'Download original',
    body: 'Your name, the item and your reason are written to the audit log.',
    reason: 'Why do you open it?',
    list: 'Originals',
    oldest: (count: number) => `The ${count} oldest are listed.`,
    arrived: 'Reached TeleMessage',
  },
  remove: {
    label: 'Delete connector',
    title: (name: string) => `Delete ${name}?`,
    body: 'Imports stop for good. What was imported stays in the mailboxes, and the numbers and the audit log stay here. Added again, it imports nothing twice. Where TeleMessage does not answer, the registration stays behind there.',
    typed: (name: string) => `Type ${name} to confirm`,
    wrongName: 'This is not the name of the connector.',
    links: { summary: 'Open Summary', notImported: 'Open Not imported', userMapping: 'Open User mapping' },
    owed: ({ underWay, held, waiting, failed, unreadable, partial, missing, corrections, removing }: Owed) => {
      const parts = [
        underWay > 0 && `${copies(underWay)} under way`,
        waiting > 0 && `${copies(waiting)} waiting for a mapping`,
        failed > 0 && `${copies(failed)} failed`,
        unreadable > 0 && `${counted(unreadable, 'item')} that can't be read`,
        partial > 0 && `${copies(partial)} without an attachment that may yet be added`,
        missing > 0 && `${copies(missing)} not in the mailbox any more`,
      ].filter((part) => part !== false);
      const sentences = [
        held > 0 &&
          `${copies(held)} ${held === 1 ? 'is' : 'are'} held back, because one user is imported first. Choose “Import everybody” on the Summary tab, or have an Auditor sign ${held === 1 ? 'it' : 'them'} off under Not imported.`,
        parts.length > 0 && `${parts.join(', ')}. Import them, or have an Auditor sign them off.`,
        corrections > 0 &&
          `${counted(corrections, 'correction is', 'corrections are')} open. End ${corrections === 1 ? 'it' : 'them'} under User mapping, Correct misfiled messages.`,
        removing > 0 &&
          `${counted(removing, 'correction removes', 'corrections remove')} messages from wrong mailboxes. Wait until ${removing === 1 ? 'it has' : 'they have'} ended; see User mapping, Correct misfiled messages.`,
      ].filter((sentence) => sentence !== false);
      return `It can't be deleted yet: ${sentences.join(' ')}`;
    },
  },
} as const;

type Retried = Omit<Extract<RetryResult, { readonly kind: 'done' }>, 'kind'>;

interface Owed {
  readonly underWay: number;
  readonly held: number;
  readonly partial: number;
  readonly missing: number;
  readonly corrections: number;
  readonly removing: number;
  readonly waiting: number;
  readonly failed: number;
  readonly unreadable: number;
}
