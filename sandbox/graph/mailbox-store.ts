/**
 * The mailboxes in an SQLite database of their own, by sequence number: what a request may do and how an answer looks
 * is decided above. Folders, messages and attachments have a store each, which share their transactions.
 */
import type { DatabaseSync } from 'node:sqlite';
import { AttachmentStore } from './attachment-store.ts';
import { FolderStore } from './folder-store.ts';
import { GroupCommit } from './group-commit.ts';
import { createMailboxTables, RECOVERABLE, ROOT, wellKnownFolders } from './mailbox-schema.ts';
import { MessageStore } from './message-store.ts';
import { Statements } from './statements.ts';

export class MailboxStore {
  readonly folders: FolderStore;
  readonly messages: MessageStore;
  readonly attachments: AttachmentStore;
  /** Whether contents are kept, not their SHA-256 alone. */
  readonly keepsBodies: boolean;
  readonly #database: DatabaseSync;
  readonly #rows: Statements;
  readonly #commits: GroupCommit;
  readonly #mailboxes = new Map<string, number>();

  constructor(database: DatabaseSync, options: { readonly keepBodies: boolean }) {
    createMailboxTables(database);
    this.#database = database;
    this.#rows = new Statements(database);
    this.#commits = new GroupCommit(database);
    this.keepsBodies = options.keepBodies;
    this.folders = new FolderStore(this.#rows, this.#commits);
    this.attachments = new AttachmentStore(this.#rows, this.#commits, options.keepBodies);
    this.messages = new MessageStore(this.#rows, this.#commits, this.attachments, options.keepBodies);
  }

  /** The mailbox of a user, made with its well-known folders when it is first touched. */
  mailbox(userId: string): number {
    const known = this.#mailboxes.get(userId);
    if (known !== undefined) return known;
    const kept = this.#rows.seq('SELECT seq FROM graph_mailbox WHERE user = ?', userId);
    const mailbox = kept ?? this.atomic(() => this.#createMailbox(userId));
    this.#mailboxes.set(userId, mailbox);
    return mailbox;
  }

  /** Forgets every mailbox. */
  clear(): void {
    for (const table of ['attachment', 'named_property', 'message', 'folder', 'mailbox']) {
      this.#database.exec(`DELETE FROM graph_${table}`);
    }
    this.#mailboxes.clear();
    this.folders.forget();
  }

  /** Runs `work` so that all that it writes into this database is written or nothing. */
  atomic<Result>(work: () => Result): Result {
    return this.#commits.atomic(work);
  }

  /** Resolves when all that was written before is committed; an answer that says "written" waits for it. */
  settled(): Promise<void> {
    return this.#commits.settled();
  }

  /** Commits what is open, now, for whoever cannot wait until it is settled. */
  commit(): void {
    this.#commits.commit();
  }

  /** Commits what is open. The store is of no use afterwards. */
  close(): void {
    this.#commits.commit();
    if (this.#database.isOpen) this.#database.close();
  }

  #createMailbox(userId: string): number {
    const mailbox = this.#rows.insert('INSERT INTO graph_mailbox (user) VALUES (?)', userId);
    const root = this.folders.create(mailbox, null, 'Top of Information Store', ROOT);
    for (const [name, displayName] of wellKnownFolders) this.folders.create(mailbox, root, displayName, name);
    this.folders.create(mailbox, null, 'Deletions', RECOVERABLE);
    return mailbox;
  }
}
