/** *History*: a sentence for every act on a connector, and the names of what stands in its detail. */

import type { AuditAction, AutomaticAction, OrganizationAction } from '#lib/audit/entries.ts';
import type { ActKind, Detail, DetailName, DetailValue } from '#lib/connectors/history-words.ts';
import { reasonOf } from '#lib/imports/reasons.ts';
import { counted } from './counted.ts';

/** A value as words; a name that is not there is nothing. */
function shown(value: DetailValue | undefined): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'object') return value.length === 0 ? 'nothing' : value.join(', ');
  return typeof value === 'number' ? value.toLocaleString('en-US') : value;
}

const amount = (value: DetailValue | undefined, one: string, many?: string): string =>
  counted(typeof value === 'number' ? value : 0, one, many);

type AnyAction = AuditAction | OrganizationAction | AutomaticAction;
type Sentence = (detail: Detail) => string;

/** Each begins after the name of who did it: "Grace Adeyemi renamed …". */
const acts: Readonly<Record<AnyAction, Sentence>> = {
  'connector.draft-started': () => 'began to add the connector.',
  'connector.terms-accepted': ({ version }) => `accepted the terms of service, version ${shown(version)}.`,
  'connector.source-connected': ({ account, registeredUsers }) =>
    `signed in to the TeleMessage account ${shown(account)} with ${amount(registeredUsers, 'registered user')}.`,
  'connector.mapping-uploaded': ({ file, rows }) =>
    `uploaded the mapping file ${shown(file)} with ${amount(rows, 'row')}.`,
  'connector.mapping-removed': ({ file }) => `removed the mapping file ${shown(file)}.`,
  'connector.mapping-chosen': ({ automatic }) =>
    `chose the user mapping, with automatic mapping ${automatic === true ? 'on' : 'off'}.`,
  'connector.consent-requested': () => 'made a link for admin consent.',
  'connector.consent-answered': ({ answer }) =>
    answer === 'accepted' ? 'received the answer that consent was given.' : 'received an answer without consent.',
  'connector.consent-proven': ({ mailboxes, inside, outside }) =>
    mailboxes === 'chosen'
      ? `checked that admin consent is given for chosen mailboxes only: ${shown(inside)} could be written to, ${shown(outside)} was refused.`
      : `checked that admin consent is given${mailboxes === undefined ? '' : ' for all mailboxes'}.`,
  'connector.finished': ({ mailbox }) =>
    `finished the set-up. The connector went live${mailbox === undefined ? '' : `, for ${shown(mailbox)} alone`}.`,
  'connector.draft-discarded': () => 'discarded the draft.',
  'connector.credentials-updated': ({ before, after }) =>
    before === undefined || before === after
      ? 'replaced the password at TeleMessage.'
      : `replaced the login at TeleMessage: ${shown(after)} instead of ${shown(before)}.`,
  'connector.stop-lifted': () => 'set the stopped connector going again.',
  'connector.fallback-changed': ({ before, after }) =>
    after === null || after === undefined
      ? `turned the fallback mailbox ${shown(before)} off.`
      : `set the fallback mailbox to ${shown(after)}.`,
  'connector.mailboxes-changed': ({ before, after, inside, outside }) => {
    if (after !== 'chosen') return 'let the connector open all mailboxes.';
    const proof = `${shown(inside)} could be written to, ${shown(outside)} was refused.`;
    return before === 'chosen'
      ? `proved anew that the connector opens chosen mailboxes only: ${proof}`
      : `limited the connector to chosen mailboxes: ${proof}`;
  },
  'connector.others-follow': ({ mailbox }) => `let everybody be imported, after ${shown(mailbox)} alone.`,
  'connector.renamed': ({ before, after }) => `renamed the connector from ${shown(before)} to ${shown(after)}.`,
  'connector.schedule-changed': ({ before, after }) =>
    `moved the daily import from ${shown(before)} to ${shown(after)}.`,
  'connector.notifications-changed': () => 'changed who is told of what happens to the connector.',
  'connector.notifications-tested': () => 'sent a test notice.',
  'connector.import-requested': () => 'started an import.',
  'connector.paused': () => 'paused the connector.',
  'connector.resumed': () => 'resumed the connector.',
  'connector.deleted': ({ name }) => `deleted the connector ${shown(name)}.`,
  'recovery.begun': () => 'found that the database was restored, and paused the connector.',
  'recovery.confirmed': ({ mapping, windows }) =>
    `confirmed the user mapping after a restore of the database (${mapping === null || mapping === undefined ? 'no file' : `version ${shown(mapping)}`}); ${amount(windows, 'window')} read again.`,
  'recovery.compared': ({ mailboxes, copies, unread }) =>
    `listed ${amount(copies, 'message')} since the backup in ${amount(mailboxes, 'mailbox', 'mailboxes')}${unread === 0 ? '' : `; ${amount(unread, 'mailbox', 'mailboxes')} could not be opened`}.`,
  'recovery.passed-over': ({ mailboxes, reason }) =>
    `had the comparison after the restore go on without ${amount(mailboxes, 'mailbox', 'mailboxes')} that could not be searched: ${shown(reason)}.`,
  'recovery.ended': () => 'compared everything since the restore with the mailboxes. Recovery is over.',
  'mailboxes.verified': ({ from, to, copies, missing, differing }) =>
    `read ${amount(copies, 'copy', 'copies')} of ${day(from)} to ${day(to)} back from the mailboxes: ${shown(missing)} missing, ${shown(differing)} changed.`,
  'import.cancelled': ({ number }) => `cancelled import ${shown(number)}.`,
  'imports.repeated': ({ from, to }) => `had ${day(from)} to ${day(to)} imported again.`,
  'copies.retried': ({ sent }) => `retried copies: ${amount(sent, 'copy was', 'copies were')} sent again.`,
  'copies.signed-off': ({ count, reason }) =>
    `signed off ${amount(count, 'copy or item', 'copies or items')} as ${shown(reason)}.`,
  'correction.started': ({ number }) => `began to correct where the messages of ${shown(number)} lie.`,
  'correction.confirmed': ({ number }) => `confirmed that the messages of ${shown(number)} move to the right mailbox.`,
  'correction.copies-moved': ({ number, copies }) =>
    `moved ${amount(copies, 'message')} of ${shown(number)} to the right mailbox.`,
  'correction.copies-verified': ({ number }) => `verified the moved messages of ${shown(number)}.`,
  'correction.removal-confirmed': ({ number }) =>
    `confirmed that the messages of ${shown(number)} are removed from the wrong mailbox.`,
  'correction.message-removed': ({ item }) => `removed item ${shown(item)} from the wrong mailbox.`,
  'correction.ended': ({ number }) => `ended the correction of ${shown(number)}.`,
  'alert.closed': ({ code }) => `closed an alert: ${sentenceOf(code)}`,
  'coverage.verification-requested': () => 'had mapping and registered users verified.',
  'original.opened': ({ item }) => `opened the original of item ${shown(item)}.`,
  'mapping.proposed': ({ version, rows, mode, ...rule }) =>
    mode === 'rule'
      ? `proposed mapping version ${shown(version)}: ${ruleSaid(rule)}.`
      : `brought mapping version ${shown(version)} with ${amount(rows, 'row')}.`,
  'mapping.applied': ({ version, ...rule }) => {
    const said = ruleSaid(rule);
    return `put mapping version ${shown(version)} in force${said === '' ? '' : `: ${said}`}.`;
  },
  'mapping.number-mapped': ({ number, mailbox }) => `mapped ${shown(number)} to ${shown(mailbox)}.`,
  'mapping.discarded': ({ version }) => `discarded mapping version ${shown(version)}.`,
  'mapping.approval-requested': ({ version }) => `asked for the approval of mapping version ${shown(version)}.`,
  'mapping.declined': ({ version }) => `declined mapping version ${shown(version)}.`,
  'import.opened': ({ number, from, to }) => `opened import ${shown(number)} for ${day(from)} to ${day(to)}.`,
  'import.completed': ({ number }) => `completed import ${shown(number)}.`,
  'connector.stopped': ({ code }) => `stopped the connector: ${sentenceOf(code)}`,
  'mapping.decided': ({ version }) => `decided by mapping version ${shown(version)} what was not sent yet.`,
  'alert.raised': ({ code }) => `raised an alert: ${sentenceOf(code)}`,
  'alert.ended': ({ code }) => `ended an alert: ${sentenceOf(code)}`,
  'message.surplus-removed': () => 'removed a surplus copy of a message.',
  'organization.mapping-approval': ({ demanded, askedToEnd, firstAskedBy }) => {
    if (askedToEnd === true)
      return 'asked to turn off the approval of mapping changes; another administrator has to agree.';
    if (demanded !== true) return `turned off the approval of mapping changes, as ${shown(firstAskedBy)} had asked.`;
    return typeof firstAskedBy === 'string'
      ? `kept the approval of mapping changes on, which ${firstAskedBy} had asked to turn off.`
      : 'demanded that another administrator approves large mapping changes.';
  },
  'session.signed-in': () => 'signed in.',
  'session.signed-out': () => 'signed out.',
  'session.ended': () => 'was signed out: Microsoft does not confirm the sign-in any more.',
  'session.roles-changed': ({ before, after }) => `has other roles: ${shown(after)} instead of ${shown(before)}.`,
  'access.refused': () => 'asked for something that their roles do not allow.',
  'access.reviewed': () => 'downloaded the access review.',
  'audit.exported': () => 'exported the audit log.',
  'audit.collected': () => 'began to collect the audit log for the day.',
  'evidence.exported': ({ from, to }) => `made an evidence package of ${shown(from)} to ${shown(to)}.`,
  'audit.purged': ({ month, count }) =>
    `removed the audit log of ${shown(month)}, ${amount(count, 'entry', 'entries')}: it was kept long enough.`,
  'evidence.purged': ({ month, count }) =>
    `removed the evidence of ${shown(month)}, ${amount(count, 'item')}: it was kept long enough.`,
  'recovery.purged': ({ count }) =>
    `removed ${amount(count, 'note')} of mailboxes that were searched after a restore: they were kept long enough, or the message was moved to the right mailbox.`,
  'sessions.purged': ({ count }) => `removed ${amount(count, 'session')} of long ago: they were kept long enough.`,
  'organization.deletion-suspended': ({ reason }) => `suspended all deletion of records: ${shown(reason)}.`,
  'organization.deletion-resumed': ({ reason }) => `let records be deleted again: ${shown(reason)}.`,
  'audit.forked': () => 'noted that the database was restored from a backup.',
};

function sentenceOf(code: DetailValue | undefined): string {
  return typeof code === 'string' ? reasonOf(code).sentence : 'unknown.';
}

/** "automatic user mapping off, default region GB"; empty where the rule stays as it is. */
function ruleSaid({ automaticBefore, automatic, regionBefore, defaultRegion }: Detail): string {
  const parts = [
    ...(automaticBefore === undefined ? [] : [`automatic user mapping ${automatic === true ? 'on' : 'off'}`]),
    ...(regionBefore === undefined ? [] : [`default region ${shown(defaultRegion)}`]),
  ];
  return parts.join(', ');
}

function day(value: DetailValue | undefined): string {
  return typeof value === 'string' ? `${value.slice(0, 16).replace('T', ' ')} UTC` : shown(value);
}

const DETAILS: Readonly<Record<DetailName, string>> = {
  before: 'Before',
  after: 'After',
  mailbox: 'Mailbox',
  mailboxes: 'Mailboxes',
  inside: 'Mailbox inside the scope',
  outside: 'Mailbox outside the scope',
  number: 'Number',
  version: 'Version',
  inPlaceOf: 'In place of version',
  restores: 'Goes back to version',
  file: 'File',
  sha256: 'SHA-256 of the file',
  mode: 'How it is applied',
  rows: 'Rows',
  leftOut: 'Rows left out',
  portalRows: 'Rows added in the portal',
  added: 'Rows added',
  changed: 'Rows changed',
  removed: 'Rows removed',
  guards: 'Limits that asked for confirmation',
  account: 'Account',
  username: 'Username',
  registeredUsers: 'Registered users',
  automaticBefore: 'Automatic user mapping before',
  automatic: 'Automatic user mapping',
  regionBefore: 'Default region before',
  defaultRegion: 'Default region',
  answer: 'Answer',
  firstImportFrom: 'First import from',
  unregistered: 'Taken back at TeleMessage',
  name: 'Name',
  from: 'From',
  to: 'To',
  windows: 'Windows',
  mapping: 'Mapping version',
  lost: 'Newer version that was lost',
  underWay: 'Under way already',
  collected: 'Items collected by then',
  kind: 'What',
  code: 'Alert',
  item: 'Item',
  month: 'Month',
  count: 'Count',
  copies: 'Copies',
  sent: 'Sent',
  found: 'Found where they were put',
  moved: 'Moved to another folder',
  missing: 'Missing',
  differing: 'Changed',
  unread: "Couldn't be read",
  skipped: 'Skipped',
  reason: 'Reason',
  comment: 'Comment',
  demanded: 'Approval is demanded',
  askedToEnd: 'Asked to end it',
  firstAskedBy: 'First asked by',
};

export const history = {
  title: 'History',
  about: 'Who did what to this connector, newest first. Entries are never changed.',
  portal: 'The portal',
  sentence(person: string | null, action: string, detail: Detail): string {
    const who = person ?? this.portal;
    return isAct(action) ? `${who} ${acts[action](detail)}` : `${who}: ${action}.`;
  },
  /** The same without a name, as a sentence of its own. */
  deed(action: string, detail: Detail): string {
    const words = isAct(action) ? acts[action](detail) : `${action}.`;
    return words.charAt(0).toUpperCase() + words.slice(1);
  },
  refused: 'Refused.',
  filters: {
    person: 'Who',
    anybody: 'Anybody',
    kind: 'What',
    anything: 'Anything',
  },
  kinds: {
    'set-up': 'Set-up',
    settings: 'Settings',
    imports: 'Imports',
    mapping: 'User mapping',
    'not-imported': 'Not imported',
    corrections: 'Corrections',
  } satisfies Record<ActKind, string>,
  columns: { time: 'Time', act: 'Who did what', detail: 'Details' },
  details: 'Details',
  detailsOf: (sentence: string) => `Details: ${sentence}`,
  close: 'Close',
  time: 'Time',
  who: 'Who',
  act: 'What',
  before: 'Before',
  after: 'After',
  changed: 'What was changed',
  further: 'More about it',
  none: 'None',
  nothingMore: 'There is nothing more to say about it.',
  detail: DETAILS,
  value: shown,
  empty: 'Nothing was done to this connector yet.',
  organization: {
    title: 'Organization',
    about: 'What was changed for all connectors of the organization, newest first.',
    label: 'Acts on the organization',
    empty: 'Nothing was changed for the organization as a whole yet.',
  },
  deleted: {
    title: 'Deleted connectors',
    about: 'What they imported and the evidence of it stay.',
    empty: 'No connector was deleted.',
    columns: { name: 'Name', account: 'Account', deleted: 'Deleted', by: 'By', imports: 'Imports', see: 'See' },
    unknown: 'Not known',
    importsOf: (name: string) => `Imports of ${name}`,
    historyOf: (name: string) => `History of ${name}`,
    sentence: (by: string | null) => `This connector was deleted${by === null ? '' : ` by ${by}`}:`,
    stays: 'Nothing more is imported. What it imported, its numbers and its history stay.',
    back: 'Back to History',
    older: 'Deleted before',
    newest: 'Last deleted',
  },
  older: 'Older',
  newest: 'Newest',
} as const;

function isAct(action: string): action is AnyAction {
  return Object.hasOwn(acts, action);
}
