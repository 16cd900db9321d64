/** *User coverage*: who has a mailbox, and whose row of the mapping leads nowhere. */
import type { SourceUserStatus } from '#lib/archive/source.ts';
import type { CoverageCounts } from '#lib/coverage/counts.ts';
import { type CoverageReason, sumOf } from '#lib/coverage/coverage-reasons.ts';
import type { CoverageFilter } from '#lib/coverage/selection.ts';
import { counted } from './counted.ts';

const number = new Intl.NumberFormat('en-US');
const users = (count: number): string => counted(count, 'registered user');

/** How many have a mailbox; `isWhole` where everybody has. */
export function coverageSentence({ registered, withMailbox }: CoverageCounts): {
  readonly text: string;
  readonly isWhole: boolean;
} {
  const missing = registered - withMailbox;
  if (registered === 0) return { text: 'No user is registered at TeleMessage.', isWhole: false };
  if (missing === 0) {
    const text =
      registered === 1 ? 'The one registered user has a mailbox.' : `All ${users(registered)} have a mailbox.`;
    return { text, isWhole: true };
  }
  const rest = missing === 1 ? '1 has none.' : `${number.format(missing)} have none.`;
  return { text: `${number.format(withMailbox)} of ${users(registered)} have a mailbox. ${rest}`, isWhole: false };
}

/** What else is not as it should be; empty where all is well. */
export function coverageFindings(counts: CoverageCounts, silent: { readonly days: number; readonly count: number }) {
  const unusable = sumOf(counts.unusable);
  const parts = [
    unusable > 0 && `${counted(unusable, 'row')} of the mapping ${unusable === 1 ? 'leads' : 'lead'} to no mailbox.`,
    counts.unregistered > 0 &&
      `${counted(counts.unregistered, 'mapped number')} ${counts.unregistered === 1 ? 'is' : 'are'} not registered at TeleMessage.`,
    silent.count > 0 &&
      `Of ${counted(silent.count, 'user')} nothing was archived for ${counted(silent.days, 'day')} or more.`,
  ];
  return parts.filter((part) => part !== false).join(' ');
}

export const coverage = {
  title: 'User coverage',
  verified: 'Verified',
  by: (name: string) => (name === 'system' ? 'by itself' : `by ${name}`),
  usersReadAt: 'TeleMessage listed its users at',
  oldestAnswer: "The directory's oldest answer is of",
  verifyAgain: 'Verify again',
  verifyNow: 'Verify now',
  started: 'The verification starts now.',
  results: {
    not_found: 'This connector is not there any more.',
    unchanged: 'A verification is under way already.',
  },
  notYet: 'Not verified yet.',
  notYetHelp: 'It is verified by itself within some minutes, and then once a day.',
  progress: 'Verification',
  waiting: 'Reading the users from TeleMessage',
  progressOf: (done: number, total: number) => `${number.format(done)} of ${number.format(total)} looked at`,
  mappingChanged: 'Another mapping is in force since. It is verified within the hour, or when you ask for it.',
  failed: 'The last verification could not be finished.',
  waits: 'The verification waits.',
  tryAgainAt: 'It is tried again at',
  filters: {
    label: 'What is listed',
    all: 'All',
    without: 'Without a mailbox',
    unusable: 'Mapping leads to no mailbox',
    unregistered: 'Not registered',
    silent: 'Silent',
  } satisfies Record<CoverageFilter | 'label', string>,
  withCount: (label: string, count: number) => `${label} (${number.format(count)})`,
  reason: 'Reason',
  anyReason: 'Any reason',
  reasons: {
    not_mapped: 'Not mapped',
    foreign_address: 'Address outside this organization',
    mailbox_not_found: 'Nobody has the address',
    no_mailbox: 'No mailbox',
    mailbox_closed: 'This application may not open this mailbox',
    guest: 'Guest',
    ambiguous_address: 'Address of several people',
    ambiguous_number: 'Number with two readings',
  } satisfies Record<CoverageReason, string>,
  silentFor: 'Silent for at least',
  days: (count: number) => counted(count, 'day'),
  search: 'Search users',
  searchHint: 'Name, number or mailbox',
  searchHintMasked: 'Name or mailbox',
  download: 'Download CSV',
  table: 'Users and mapped numbers',
  columns: {
    name: 'Name',
    number: 'Number',
    lastArchived: 'Last archived',
    mailbox: 'Mailbox',
    result: 'Result',
    mapping: 'Mapping',
  },
  noName: 'No name',
  never: 'Nothing yet',
  none: 'None',
  statuses: {
    activated: 'Activated',
    pending: 'Pending',
    suspended: 'Suspended',
    locked: 'Locked',
    deleted: 'Deleted',
  } satisfies Record<SourceUserStatus, string>,
  notRegistered: 'Not registered at TeleMessage',
  rules: { mapping: 'By the mapping', automatic: "By the user's email address" },
  hasMailbox: 'Has a mailbox',
  row: (row: number) => `Row ${number.format(row)}`,
  validFrom: 'From',
  validTo: 'Until',
  notNow: 'Not for messages of now',
  firstPage: 'First page',
  nextPage: 'Next page',
} as const;
