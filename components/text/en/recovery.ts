/** What a connector's page says while the database that was restored is compared with the mailboxes. */
import { counted } from './counted.ts';

interface Mapping {
  readonly number: number;
  readonly rows: number;
  readonly appliedAt: string | null;
  readonly appliedBy: string | null;
}

export const recovery = {
  title: 'The database was restored. Imports wait for you.',
  titleConfirmed: 'The database was restored. Mailboxes are being compared.',
  since: 'This portal knows everything up to',
  sinceUnknown: 'Nobody can say up to when this portal knows everything.',
  found: 'The restore was found',
  held: 'What was imported, mapped or changed in between is not known here.',
  noFile: 'No mapping file is in force.',
  mapping: ({ number, rows, appliedAt, appliedBy }: Mapping): string => {
    const file = `Mapping version ${number} (${counted(rows, 'row')}) is in force`;
    return appliedAt === null ? `${file}.` : `${file}, applied by ${appliedBy ?? 'nobody known'}`;
  },
  compare:
    'If a newer file was applied since, upload it again first: otherwise messages go to the people of the old one.',
  lost: (number: number): string =>
    `Version ${number} was in force before and is gone. Upload it again first: otherwise messages go to the people of the old one.`,
  openMapping: 'Open User mapping',
  confirmedBy: (name: string): string => `${name} confirmed the mapping`,
  listing: (listed: number, mailboxes: number): string =>
    `Everybody's mailbox is searched for messages since the backup first${mailboxes === 0 ? '' : `; ${listed} of ${counted(mailboxes, 'mailbox', 'mailboxes')} so far`}. Imports go on by themselves after that.`,
  looking:
    'Everything since the backup is collected again, and each message is looked for in its mailbox before it is sent. This ends by itself.',
  confirm: 'Confirm the mapping',
  confirmTitle: (number: number | null): string =>
    number === null ? 'Go on without a mapping file?' : `Go on with mapping version ${number}?`,
  confirmBody:
    'Mailboxes are searched for messages since the backup, then imports go on. Everything since the backup is collected again, and nothing is sent that is in its mailbox already.',
  confirmBodyPaused:
    'The connector was paused before the backup and stays paused. When somebody resumes it, nothing is sent that is in its mailbox already.',
  confirmWithout: (number: number): string => `You go on without version ${number}, which was in force before.`,
  done: 'Confirmed.',
  problems: {
    not_found: 'This connector is not there any more.',
    unchanged: 'Somebody else confirmed it already.',
    older_mapping: 'A newer version was in force before the restore. Close this, load the page again and look at it.',
    other_mapping: 'Another mapping came into force meanwhile. Close this, load the page again and look at it.',
  },
} as const;
