/** Tables of the mailboxes. A mailbox comes into being with its well-known folders when it is first touched. */
import type { DatabaseSync } from 'node:sqlite';
import { rebuildFolders } from './folder-rebuild.ts';

/** Graph's well-known folder names with the display names of an English mailbox. */
export const wellKnownFolders = [
  ['inbox', 'Inbox'],
  ['drafts', 'Drafts'],
  ['sentitems', 'Sent Items'],
  ['deleteditems', 'Deleted Items'],
  ['junkemail', 'Junk Email'],
  ['archive', 'Archive'],
  ['outbox', 'Outbox'],
  ['conversationhistory', 'Conversation History'],
] as const;

/** Where deleted messages go; nobody's child and nobody's parent, and never in a list of the whole mailbox. */
export const RECOVERABLE = 'recoverableitemsdeletions';
export const ROOT = 'msgfolderroot';

const FOLDER_TABLE = `
  CREATE TABLE IF NOT EXISTS graph_folder (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    mailbox INTEGER NOT NULL REFERENCES graph_mailbox,
    parent INTEGER REFERENCES graph_folder,
    display_name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    well_known TEXT,
    hidden INTEGER NOT NULL,
    UNIQUE (mailbox, parent, name_key)
  ) STRICT`;

export function createMailboxTables(database: DatabaseSync): void {
  database.exec(`
    CREATE TABLE IF NOT EXISTS graph_mailbox (
      seq INTEGER PRIMARY KEY,
      user TEXT NOT NULL UNIQUE
    ) STRICT;
    ${FOLDER_TABLE};
    CREATE TABLE IF NOT EXISTS graph_message (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      mailbox INTEGER NOT NULL,
      folder INTEGER NOT NULL,
      received INTEGER NOT NULL,
      sent INTEGER NOT NULL,
      created INTEGER NOT NULL,
      modified INTEGER NOT NULL,
      internet_message_id TEXT NOT NULL COLLATE NOCASE,
      is_draft INTEGER NOT NULL,
      is_read INTEGER NOT NULL,
      size INTEGER NOT NULL,
      attachments INTEGER NOT NULL,
      body_type TEXT NOT NULL,
      body TEXT,
      body_sha256 TEXT NOT NULL,
      fields TEXT NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS graph_message_folder ON graph_message (folder, received DESC, seq);
    CREATE INDEX IF NOT EXISTS graph_message_internet_id ON graph_message (mailbox, internet_message_id);
    CREATE TABLE IF NOT EXISTS graph_named_property (
      mailbox INTEGER NOT NULL,
      id TEXT NOT NULL,
      value TEXT NOT NULL COLLATE NOCASE,
      message INTEGER NOT NULL,
      PRIMARY KEY (mailbox, value, id, message)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS graph_named_property_message ON graph_named_property (message);
    CREATE TABLE IF NOT EXISTS graph_attachment (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      message INTEGER NOT NULL,
      name TEXT NOT NULL,
      content_type TEXT NOT NULL,
      size INTEGER NOT NULL,
      is_inline INTEGER NOT NULL,
      content_id TEXT,
      modified INTEGER NOT NULL,
      content BLOB,
      sha256 TEXT NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS graph_attachment_message ON graph_attachment (message, seq);
  `);
  rebuildFolders(database, FOLDER_TABLE, RECOVERABLE);
}
