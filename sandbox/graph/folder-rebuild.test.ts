import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from 'vitest';
import { MailboxStore } from './mailbox-store.ts';

let database: DatabaseSync;

/** A mailbox as the sandbox wrote it before names had keys. */
beforeEach(() => {
  database = new DatabaseSync(':memory:');
  database.exec(`
    CREATE TABLE graph_mailbox (seq INTEGER PRIMARY KEY, user TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE graph_folder (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      mailbox INTEGER NOT NULL REFERENCES graph_mailbox,
      parent INTEGER REFERENCES graph_folder,
      display_name TEXT NOT NULL COLLATE NOCASE,
      well_known TEXT,
      hidden INTEGER NOT NULL,
      UNIQUE (mailbox, parent, display_name)
    ) STRICT;
    INSERT INTO graph_mailbox VALUES (1, 'lena');
    INSERT INTO graph_folder VALUES (1, 1, NULL, 'Top of Information Store', 'msgfolderroot', 0),
      (2, 1, 1, 'Inbox', 'inbox', 0), (3, 1, 1, 'Deletions', 'recoverableitemsdeletions', 1),
      (4, 1, 1, '\u00c4rger', NULL, 0), (5, 1, 1, '\u00e4rger', NULL, 0), (6, 1, 4, 'Below', NULL, 0),
      (9, 1, 1, 'Gone', NULL, 0);
    DELETE FROM graph_folder WHERE seq = 9;
  `);
});

const opened = () => new MailboxStore(database, { keepBodies: true });

describe('an older state folder', () => {
  it('keeps its folders, two of one name too, and the recoverable items are nobody’s child', () => {
    const { folders } = opened();
    expect(folders.children(1, 1).map(({ seq, displayName }) => [seq, displayName])).toEqual([
      [2, 'Inbox'],
      [4, '\u00c4rger'],
      [5, '\u00e4rger'],
    ]);
    expect(folders.children(1, 4).map(({ seq }) => seq)).toEqual([6]);
    expect(folders.wellKnown(1, 'recoverableitemsdeletions')).toMatchObject({ seq: 3, parent: null, hidden: true });
    expect([folders.hasChildNamed(1, 1, '\u00c4RGER'), folders.hasChildNamed(1, 1, 'Deletions')]).toEqual([
      true,
      false,
    ]);
  });

  it('gives no id twice, and is rebuilt once', () => {
    expect(opened().folders.create(1, 1, 'New')).toBe(10);
    expect(opened().folders.create(1, 1, 'Newer')).toBe(11);
  });
});
