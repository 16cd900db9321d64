/** What an Exchange administrator changes about a mailbox while the sandbox runs: whether it answers, what it takes. */
import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { MailboxKind, Person } from '../world/people.ts';

export const mailboxChangeSchema = z.strictObject({
  kind: z.enum(['user', 'shared', 'none', 'full']).optional(),
  /** largest message in bytes, up to 150 MB */
  messageBytes: z
    .number()
    .int()
    .min(1)
    .max(150 * 1_048_576)
    .optional(),
});

export type MailboxChange = z.infer<typeof mailboxChangeSchema>;

export interface MailboxSettings {
  /** what the mailbox is now; as the directory says, unless it was changed */
  kindOf(person: Person): MailboxKind;
  /** undefined where the service's own limit holds */
  messageBytesOf(person: Person): number | undefined;
  change(person: Person, change: MailboxChange): void;
  /** every mailbox as the directory says */
  clear(): void;
}

/** Changes to mailboxes, kept in the sandbox's database. */
export function mailboxSettings(database: DatabaseSync): MailboxSettings {
  database.exec(
    'CREATE TABLE IF NOT EXISTS graph_mailbox_setting (user TEXT PRIMARY KEY, change TEXT NOT NULL) STRICT',
  );
  const write = database.prepare('INSERT OR REPLACE INTO graph_mailbox_setting VALUES (?, ?)');
  // asked with every request to a mailbox, so held in memory
  const changes = new Map<string, MailboxChange>();
  for (const row of database.prepare('SELECT user, change FROM graph_mailbox_setting').all()) {
    changes.set(String(row.user), mailboxChangeSchema.parse(JSON.parse(String(row.change))));
  }
  return {
    kindOf: (person) => changes.get(person.id)?.kind ?? person.mailbox,
    messageBytesOf: (person) => changes.get(person.id)?.messageBytes,
    change: (person, change) => {
      const all = { ...changes.get(person.id), ...change };
      changes.set(person.id, all);
      write.run(person.id, JSON.stringify(all));
    },
    clear: () => {
      changes.clear();
      database.exec('DELETE FROM graph_mailbox_setting');
    },
  };
}
