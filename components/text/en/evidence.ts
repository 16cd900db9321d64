/** *Evidence*: what is proved of an item, step by step, and who can check it. Message text is shown nowhere here. */
import type { Reading } from '#lib/evidence/find.ts';
import type { CopyProof, LaterEvent } from '#lib/evidence/proof.ts';
import { isReasonCode, reasonOf } from '#lib/imports/reasons.ts';
import { SIGN_OFF_REASONS } from '#lib/imports/sign-off-reasons.ts';
import { commands } from './commands.ts';
import { corrections } from './corrections.ts';
import { copies, counted } from './counted.ts';

const TYPES: Readonly<Record<string, string>> = {
  sms: 'SMS',
  mms: 'MMS',
  voiceCall: 'Voice call',
  callLog: 'Call log',
  chat: 'Chat message',
  file: 'File',
  deletedMessage: 'Deleted message',
};

const STATES: Readonly<Record<string, string>> = {
  waiting: 'Waits for a mailbox',
  pending: 'On its way',
  sending: 'Being sent',
  created: 'In the mailbox, attachments follow',
  imported: 'In the mailbox',
  partially_imported: 'In the mailbox, not whole',
  skipped: 'Served by another copy',
  failed: 'Failed',
  missing: 'Not in the mailbox any more',
  unreadable: "Can't be read",
  repeat: 'Served by another item',
};

function rule({ rule: by, mapping }: CopyProof): string {
  switch (by) {
    case 'mapping': {
      if (mapping === null) return 'By the mapping.';
      return `By row ${mapping.row ?? 'unknown'} of mapping version ${mapping.version}.`;
    }
    case 'automatic':
      return mapping === null
        ? "By the User's email address at TeleMessage. No mapping was in force."
        : `By the User's email address at TeleMessage. Mapping version ${mapping.version} has no row that applies.`;
    case 'fallback':
      return 'By the fallback mailbox, because nobody who is owed a copy has a mailbox.';
    case 'none':
      return 'No mailbox is chosen.';
  }
}

function file({ mapping }: CopyProof): string | null {
  if (mapping === null || mapping.row === null) return null;
  if (mapping.file === null) return 'The row was added in the portal.';
  const { name, version } = mapping.file;
  return `The row is line ${mapping.row} of ${name}, which came with version ${version}.`;
}

function later(event: LaterEvent): string {
  switch (event.kind) {
    case 'changed':
      return reasonOf(event.reason).sentence;
    case 'corrected':
      return `Correction by ${event.by} (${event.why}). ${corrections.stateSentence(event.state, event.reason)} It was found in ${event.from}; ${
        event.to === null ? 'the mapping gave no other mailbox' : `the mapping gave ${event.to}`
      }.`;
    case 'signed-off': {
      const reason = SIGN_OFF_REASONS.find((one) => one === event.reason);
      return `Signed off by ${event.by}: ${reason === undefined ? event.reason : commands.signOff.reasons[reason]} ${event.comment}`;
    }
    case 'surplus-removed':
      return 'A second message of the same item was removed from a mailbox.';
    case 'message-removed':
      return 'The message was removed from the wrong mailbox.';
    case 'original-opened':
      return `${event.by} opened the original.`;
  }
}

export const evidence = {
  title: 'Evidence',
  heading: 'Find proof',
  about:
    'For every item: when it reached TeleMessage, which import collected it, what chose its mailbox, and how to check that the mailbox still has what was written. No message text is shown here.',
  package: {
    create: 'Create evidence package',
    about:
      'A ZIP with every item of the period and its copies, the imports, the audit log and a signature that can be checked without this portal. Items count by the day on which they reached TeleMessage.',
    from: 'From day (UTC)',
    to: 'To day (UTC), included',
    connector: 'Connector',
    all: 'All connectors',
    deleted: (name: string) => `${name} (deleted)`,
    download: 'Download',
    cancel: 'Cancel',
    tooMany: (most: number) =>
      `${most} evidence packages of your organization are being downloaded already, and no more are made at once. Create this one when one of them is finished.`,
    wrongPeriod: 'Choose two days, the first not after the last.',
  },
  box: 'Person, number, item id or day',
  hint: 'Such as a name, an address, +1 555 010 0100, 2026-11-21, or import 12.',
  find: 'Find',
  start: 'Nothing is searched for yet.',
  startHelp: 'Type who or what you need proof of.',
  noMatchHelp: (asked: string) =>
    `Nothing in the books goes by “${asked}”. An item id must be whole. A number needs its country code unless it is written as a connector's default region does. Of a person, type a part of the name or the whole address.`,
  nothing: 'No item of this is in the books.',
  startAgain: 'Search for something else',
  which: 'Which one do you mean?',
  whichHelp: (asked: string) => `“${asked}” may mean:`,
  reading({ subject, name, detail }: Reading): string {
    switch (subject.kind) {
      case 'item':
        return `Item ${subject.sourceItemId}`;
      case 'number':
        return name === null ? `Number ${subject.number}` : `${name}, number ${subject.number}`;
      case 'person':
        return name === null ? `Person ${detail ?? subject.userId}` : `${name}, ${detail ?? subject.userId}`;
      case 'day':
        return `Day ${subject.day} (UTC)`;
      case 'import':
        return name === null ? 'Import' : `Import ${detail ?? ''} of ${name}`;
    }
  },
  copiesCounted: (count: number, isMore: boolean) =>
    isMore ? 'More than 1,000 copies. Of the latest 1,000:' : `${copies(count)}:`,
  items: 'Items, newest first',
  newest: 'Newest',
  older: 'Older',
  state: (state: string, reason: string | null = null) =>
    STATES[reason === 'missing_in_mailbox' ? 'missing' : state] ?? state,
  itemOf: (type: string, id: string) => (TYPES[type] === undefined ? `Item ${id}` : `${TYPES[type]}, item ${id}`),
  proofOf: (id: string) => `Proof of item ${id}`,
  gone: 'This item is not in the books of your organization.',
  steps: {
    reached: 'Reached TeleMessage',
    window: 'Window',
    collected: 'Collected',
    decided: 'Decided',
    sent: 'Sent',
    outcome: 'Outcome',
    later: 'Later',
  },
  account: (account: string) => `In the account ${account}.`,
  messageTime: 'The phone gave this time:',
  noMessageTime: 'The phone gave no time that can be understood.',
  windowOf: 'The import covers what reached TeleMessage in this time:',
  importBy: (number: number, connector: string) => `Import ${number} of ${connector}`,
  collectedAt: 'Everything of the window was collected at',
  collecting: 'The window is still being collected.',
  copyFor: (participant: string, number: string | null) =>
    `Copy for ${number ?? participant}${number !== null && number !== participant ? ` (written ${participant})` : ''}`,
  copyForFallback: 'Copy for the fallback mailbox',
  rule,
  file,
  version: (version: number) => `Mapping version ${version}`,
  mailbox: 'Mailbox',
  userId: "The mailbox's id in Microsoft Graph",
  attempts: (count: number) =>
    count === 0 ? 'Not sent yet.' : `${counted(count, 'attempt')}, counted anew at each retry.`,
  doubted:
    'Once nobody knew whether it had arrived. The mailbox was looked into before it was sent again, so there is one.',
  messageId: "The message's id in Microsoft Graph",
  why: (reason: string) => (isReasonCode(reason) ? reasonOf(reason).sentence : reason),
  twin: (item: string) => `Proof of item ${item}`,
  attachments: 'Attachments',
  attachment: (id: string, size: number) => `${id}, ${counted(size, 'byte')}`,
  laterNothing: 'Nothing happened to it since.',
  laterEvent: later,
  hashes: {
    source: 'SHA-256 of the source item',
    content: 'Content hash of the message',
    attachment: 'SHA-256 of the attachment',
    file: 'SHA-256 of the mapping file',
    changed: 'SHA-256 of the other content',
  },
  who: 'Who can check it',
  check: {
    source:
      'Whoever has the item as TeleMessage lists it: TeleMessage, or who reads its feed with the connector’s login. Take the JSON with the members of each object in order of their names and without white space, and make the SHA-256 of its UTF-8 bytes.',
    content:
      'Whoever may read the mailbox: its owner, an eDiscovery manager, or npm run verify-mailboxes. It covers message id, subject, addresses, time, text and attachments as Microsoft Graph gives them back.',
    contentNotKept:
      'Not kept. The message itself has the hash with which it was made, in its header x-archive-content-hash: whoever may read the mailbox can compare. This is so of copies from before the ledger kept it, of those that were found by looking into the mailbox, and of those to which something was added later.',
    attachment:
      'Whoever has the attachment: TeleMessage, or who may read the mailbox. It is the SHA-256 of its bytes as they came.',
    file: 'Whoever has the file that was uploaded: the SHA-256 of its bytes.',
    changed: 'As that of the source item, of what TeleMessage listed later. The first content is in the mailboxes.',
    documented: 'The exact form, with an example, is in docs/evidence.md.',
  },
} as const;
