/**
 * The mailboxes in an SQLite database of their own: folders, messages, named properties and attachments, by sequence number. What a request
 * may do and how an answer looks is decided above; this file keeps rows and finds them by index.
 */
import { hash } from 'node:crypto';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { isNamedProperty } from './extended-properties.ts';
import { createMailboxTables, RECOVERABLE, ROOT, wellKnownFolders } from './mailbox-schema.ts';
import { messageBytes } from './message-size.ts';
import {
  type AttachmentRow,
  attachmentRow,
  type FolderCounts,
  type FolderRow,
  folderCounts,
  folderRow,
  type MessageFields,
  type MessageRow,
  messageRow,
} from './rows.ts';

export interface NewAttachment {
  readonly name: string;
  readonly contentType: string;
  readonly content: Uint8Array;
  readonly isInline: boolean;
  readonly contentId: string | null;
}

/** An attachment whose bytes came by an upload session and stay with it. */
export interface UploadedAttachment extends Omit<NewAttachment, 'content'> {
  readonly size: number;
  readonly sha256: string;
}

export interface NewMessage {
  readonly mailbox: number;
  readonly folder: number;
  /** epoch milliseconds */
  readonly received: number;
  readonly sent: number;
  readonly created: number;
  readonly internetMessageId: string;
  readonly isDraft: boolean;
  readonly isRead: boolean;
  readonly bodyType: 'text' | 'html';
  readonly body: string;
  readonly fields: MessageFields;
  readonly attachments: readonly NewAttachment[];
}

/** A message as it is to be; without `body` that stays. */
export interface MessageChange {
  readonly isRead: boolean;
  readonly modified: number;
  readonly internetMessageId: string;
  readonly size: number;
  readonly bodyType: 'text' | 'html';
  readonly body: string | undefined;
  readonly fields: MessageFields;
}

/** Narrows a search to what an index can find; `everything` reads the folder or the mailbox. */
export type MessageSearch =
  | { readonly by: 'everything' }
  | { readonly by: 'internetMessageId'; readonly value: string }
  | { readonly by: 'property'; readonly id: string; readonly value: string };

const MESSAGE = 'SELECT m.* FROM graph_message m';
const FOLDER = 'SELECT f.* FROM graph_folder f';
const ATTACHMENT_WITHOUT_CONTENT =
  'seq, message, name, content_type, size, is_inline, content_id, modified, NULL AS content, sha256';
const COUNTS = `SELECT
  (SELECT count(*) FROM graph_message WHERE folder = ?1) AS total,
  (SELECT count(*) FROM graph_message WHERE folder = ?1 AND is_read = 0) AS unread,
  (SELECT count(*) FROM graph_folder WHERE parent = ?1 AND hidden = 0) AS children`;

export class MailboxStore {
  readonly #database: DatabaseSync;
  readonly #keepBodies: boolean;
  readonly #statements = new Map<string, StatementSync>();
  readonly #mailboxes = new Map<string, number>();
  #group: Promise<void> | undefined;

  constructor(database: DatabaseSync, options: { readonly keepBodies: boolean }) {
    this.#database = database;
    this.#keepBodies = options.keepBodies;
    createMailboxTables(database);
  }

  /** Whether contents are kept, not their SHA-256 alone. */
  get keepsBodies(): boolean {
    return this.#keepBodies;
  }

  /** The mailbox of a user, made with its well-known folders when it is first touched. */
  mailbox(userId: string): number {
    const known = this.#mailboxes.get(userId) ?? this.#number('SELECT seq FROM graph_mailbox WHERE user = ?', userId);
    const mailbox = known ?? this.#atomic(() => this.#createMailbox(userId));
    this.#mailboxes.set(userId, mailbox);
    return mailbox;
  }

  /** Forgets every mailbox. */
  clear(): void {
    for (const table of ['attachment', 'named_property', 'message', 'folder', 'mailbox']) {
      this.#database.exec(`DELETE FROM graph_${table}`);
    }
    this.#mailboxes.clear();
  }

  /** Resolves when all that was written before is committed; an answer that says "written" waits for it. */
  async settled(): Promise<void> {
    await this.#group;
  }

  /** Commits what is open. The store is of no use afterwards. */
  close(): void {
    this.#commit();
    if (this.#database.isOpen) this.#database.close();
  }

  folder(mailbox: number, folder: number): FolderRow | undefined {
    return this.#folder(`${FOLDER} WHERE f.mailbox = ? AND f.seq = ?`, mailbox, folder);
  }

  wellKnownFolder(mailbox: number, name: string): FolderRow | undefined {
    const sql = `${FOLDER} WHERE f.mailbox = ? AND f.well_known = ?`;
    return this.#folder(sql, mailbox, name.toLowerCase());
  }

  /** Children by display name, hidden ones left out unless asked for; the recoverable items are nobody's child. */
  childFolders(mailbox: number, parent: number, includeHidden = false): readonly FolderRow[] {
    const sql = `${FOLDER} WHERE f.mailbox = ? AND f.parent = ? AND f.hidden <= ?
      AND f.well_known IS NOT '${RECOVERABLE}' ORDER BY f.display_name`;
    return this.#statement(sql).all(mailbox, parent, Number(includeHidden)).map(folderRow);
  }

  /** What lies in a folder. Counted, so asked only where an answer shows it. */
  folderCounts(folder: number): FolderCounts {
    return folderCounts(this.#statement(COUNTS).get(folder) ?? {});
  }

  hasChildNamed(mailbox: number, parent: number, displayName: string): boolean {
    const sql = 'SELECT seq FROM graph_folder WHERE mailbox = ? AND parent = ? AND display_name = ?';
    return this.#number(sql, mailbox, parent, displayName) !== undefined;
  }

  createFolder(
    mailbox: number,
    parent: number | null,
    displayName: string,
    wellKnown: string | null = null,
    hidden = wellKnown === RECOVERABLE,
  ): number {
    return this.#insert(
      'INSERT INTO graph_folder (mailbox, parent, display_name, well_known, hidden) VALUES (?, ?, ?, ?, ?)',
      mailbox,
      parent,
      displayName,
      wellKnown,
      Number(hidden),
    );
  }

  renameFolder(folder: number, displayName: string): void {
    this.#run('UPDATE graph_folder SET display_name = ? WHERE seq = ?', displayName, folder);
  }

  moveFolder(folder: number, parent: number): void {
    this.#run('UPDATE graph_folder SET parent = ? WHERE seq = ?', parent, folder);
  }

  /** Removes a folder and all below it; what lay there goes to `recoverable`. */
  removeFolder(mailbox: number, folder: number, recoverable: number, modified: number): void {
    this.#atomic(() => {
      for (const child of this.childFolders(mailbox, folder, true)) {
        this.removeFolder(mailbox, child.seq, recoverable, modified);
      }
      this.#run('UPDATE graph_message SET folder = ?, modified = ? WHERE folder = ?', recoverable, modified, folder);
      this.#run('DELETE FROM graph_folder WHERE seq = ?', folder);
    });
  }

  /** Writes a message; the row is as `message` would read it, without reading it. */
  createMessage(message: NewMessage): MessageRow {
    const { mailbox, folder, received, sent, created, internetMessageId, isDraft, isRead, bodyType, fields } = message;
    const row = {
      ...{ folder, received, sent, created, modified: created, internetMessageId, isDraft, isRead, bodyType, fields },
      size: messageBytes(message),
      attachments: message.attachments.filter((one) => !one.isInline).length,
      body: this.#keepBodies ? message.body : null,
      bodySha256: sha256(message.body),
    };
    return this.#atomic(() => {
      const seq = this.#insert(
        `INSERT INTO graph_message (mailbox, folder, received, sent, created, modified, internet_message_id, is_draft,
           is_read, size, attachments, body_type, body, body_sha256, fields) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
        mailbox,
        folder,
        received,
        sent,
        created,
        created,
        internetMessageId,
        Number(isDraft),
        Number(isRead),
        row.size,
        row.attachments,
        bodyType,
        row.body,
        row.bodySha256,
        JSON.stringify(fields),
      );
      for (const property of message.fields.properties) {
        if (!isNamedProperty(property.id)) continue;
        this.#run(
          'INSERT OR IGNORE INTO graph_named_property VALUES (?, ?, ?, ?)',
          message.mailbox,
          property.id,
          property.value,
          seq,
        );
      }
      for (const attachment of message.attachments) this.#insertAttachment(seq, attachment, message.created);
      return { seq, ...row };
    });
  }

  /** Whether the message or folder exists, in whichever mailbox. */
  exists(what: 'message' | 'folder', seq: number): boolean {
    return this.#number(`SELECT seq FROM graph_${what} WHERE seq = ?`, seq) !== undefined;
  }

  message(mailbox: number, message: number): MessageRow | undefined {
    const row = this.#statement(`${MESSAGE} WHERE m.seq = ? AND m.mailbox = ?`).get(message, mailbox);
    return row && messageRow(row);
  }

  /**
   * Messages of a folder, or of the whole mailbox without its recoverable items, newest received first, one at a
   * time, so that a search over a large folder holds one row.
   */
  *messages(mailbox: number, folder: number | undefined, search: MessageSearch): Generator<MessageRow> {
    const [source, values] = this.#candidates(mailbox, folder, search);
    // iterators of one statement exclude each other: each search has its own
    for (const row of this.#database.prepare(source).iterate(...values)) yield messageRow(row);
  }

  /** One page of a folder or mailbox without a filter, by index. */
  page(mailbox: number, folder: number | undefined, page: { skip: number; top: number }): readonly MessageRow[] {
    const [source, values] = this.#candidates(mailbox, folder, { by: 'everything' });
    return this.#statement(`${source} LIMIT ? OFFSET ?`)
      .all(...values, page.top, page.skip)
      .map(messageRow);
  }

  count(mailbox: number, folder: number | undefined): number {
    const [source, values] = this.#candidates(mailbox, folder, { by: 'everything' });
    return this.#number(`SELECT count(*) AS seq FROM (${source})`, ...values) ?? 0;
  }

  updateMessage(message: number, change: MessageChange): void {
    const { isRead, fields, modified, internetMessageId, size, bodyType, body } = change;
    const sql = `UPDATE graph_message SET is_read = ?, fields = ?, modified = ?, internet_message_id = ?, size = ?,
      body_type = ? WHERE seq = ?`;
    this.#atomic(() => {
      this.#run(sql, Number(isRead), JSON.stringify(fields), modified, internetMessageId, size, bodyType, message);
      if (body !== undefined) {
        const kept = this.#keepBodies ? body : null;
        this.#run('UPDATE graph_message SET body = ?, body_sha256 = ? WHERE seq = ?', kept, sha256(body), message);
      }
      this.#run('DELETE FROM graph_named_property WHERE message = ?', message);
      for (const property of change.fields.properties) {
        if (!isNamedProperty(property.id)) continue;
        this.#run(
          'INSERT OR IGNORE INTO graph_named_property SELECT mailbox, ?, ?, seq FROM graph_message WHERE seq = ?',
          property.id,
          property.value,
          message,
        );
      }
    });
  }

  moveMessage(message: number, folder: number, modified: number): void {
    this.#run('UPDATE graph_message SET folder = ?, modified = ? WHERE seq = ?', folder, modified, message);
  }

  /** Removes a message with its attachments: nothing finds it any more. */
  purgeMessage(message: number): void {
    this.#atomic(() => {
      this.#run('DELETE FROM graph_attachment WHERE message = ?', message);
      this.#run('DELETE FROM graph_named_property WHERE message = ?', message);
      this.#run('DELETE FROM graph_message WHERE seq = ?', message);
    });
  }

  /** Attachments in order; their content is read only where it is asked for. */
  attachments(message: number, content: 'with content' | 'without content'): readonly AttachmentRow[] {
    const columns = content === 'with content' ? '*' : ATTACHMENT_WITHOUT_CONTENT;
    return this.#statement(`SELECT ${columns} FROM graph_attachment WHERE message = ? ORDER BY seq`)
      .all(message)
      .map(attachmentRow);
  }

  attachment(message: number, attachment: number): AttachmentRow | undefined {
    const row = this.#statement('SELECT * FROM graph_attachment WHERE message = ? AND seq = ?').get(
      message,
      attachment,
    );
    return row && attachmentRow(row);
  }

  addAttachment(message: number, attachment: NewAttachment | UploadedAttachment, now: number): number {
    return this.#atomic(() => {
      const seq = this.#insertAttachment(message, attachment, now);
      const sql = 'UPDATE graph_message SET attachments = attachments + ?, size = size + ?, modified = ? WHERE seq = ?';
      const size = 'content' in attachment ? attachment.content.length : attachment.size;
      this.#run(sql, Number(!attachment.isInline), size, now, message);
      return seq;
    });
  }

  deleteAttachment(message: number, attachment: AttachmentRow, now: number): void {
    this.#atomic(() => {
      this.#run('DELETE FROM graph_attachment WHERE seq = ?', attachment.seq);
      const sql = 'UPDATE graph_message SET attachments = attachments - ?, size = size - ?, modified = ? WHERE seq = ?';
      this.#run(sql, Number(!attachment.isInline), attachment.size, now, message);
    });
  }

  /**
   * Runs `work` so that all of it is written or nothing. Everything written in one turn of the event loop shares a
   * transaction: a commit costs more than the rows of a message.
   */
  #atomic<Result>(work: () => Result): Result {
    this.#group ??= this.#openGroup();
    this.#statement('SAVEPOINT one').run();
    try {
      return work();
    } catch (error) {
      this.#statement('ROLLBACK TO one').run();
      throw error;
    } finally {
      this.#statement('RELEASE one').run();
    }
  }

  #openGroup(): Promise<void> {
    this.#database.exec('BEGIN');
    return new Promise((resolve) => {
      setImmediate(() => {
        this.#commit();
        resolve();
      });
    });
  }

  #commit(): void {
    if (this.#group === undefined) return;
    this.#group = undefined;
    this.#database.exec('COMMIT');
  }

  #createMailbox(userId: string): number {
    const mailbox = this.#insert('INSERT INTO graph_mailbox (user) VALUES (?)', userId);
    const root = this.createFolder(mailbox, null, 'Top of Information Store', ROOT);
    for (const [name, displayName] of wellKnownFolders) this.createFolder(mailbox, root, displayName, name);
    this.createFolder(mailbox, root, 'Deletions', RECOVERABLE);
    return mailbox;
  }

  #candidates(mailbox: number, folder: number | undefined, search: MessageSearch): [string, SQLInputValue[]] {
    const scope =
      folder === undefined
        ? `m.mailbox = ? AND m.folder NOT IN (SELECT seq FROM graph_folder WHERE mailbox = ? AND well_known = '${RECOVERABLE}')`
        : 'm.mailbox = ? AND m.folder = ?';
    const values: SQLInputValue[] = [mailbox, folder ?? mailbox];
    const order = 'ORDER BY m.received DESC, m.seq';
    if (search.by === 'internetMessageId') {
      return [
        `${MESSAGE} INDEXED BY graph_message_internet_id WHERE ${scope} AND m.internet_message_id = ? ${order}`,
        [...values, search.value],
      ];
    }
    if (search.by === 'property') {
      const found = 'SELECT p.message FROM graph_named_property p WHERE p.mailbox = ? AND p.value = ? AND p.id = ?';
      return [
        `${MESSAGE} WHERE m.seq IN (${found}) AND ${scope} ${order}`,
        [mailbox, search.value, search.id, ...values],
      ];
    }
    return [`${MESSAGE} WHERE ${scope} ${order}`, values];
  }

  #insertAttachment(message: number, attachment: NewAttachment | UploadedAttachment, now: number): number {
    const content = 'content' in attachment ? attachment.content : null;
    return this.#insert(
      `INSERT INTO graph_attachment (message, name, content_type, size, is_inline, content_id, modified, content, sha256)
       VALUES (?,?,?,?,?,?,?,?,?)`,
      message,
      attachment.name,
      attachment.contentType,
      'content' in attachment ? attachment.content.length : attachment.size,
      Number(attachment.isInline),
      attachment.contentId,
      now,
      this.#keepBodies ? content : null,
      'content' in attachment ? sha256(attachment.content) : attachment.sha256,
    );
  }

  #folder(sql: string, ...values: SQLInputValue[]): FolderRow | undefined {
    const row = this.#statement(sql).get(...values);
    return row && folderRow(row);
  }

  #number(sql: string, ...values: SQLInputValue[]): number | undefined {
    const value = this.#statement(sql).get(...values)?.seq;
    return typeof value === 'number' ? value : undefined;
  }

  #insert(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...values).lastInsertRowid);
  }

  #run(sql: string, ...values: SQLInputValue[]): void {
    this.#statement(sql).run(...values);
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function sha256(content: string | Uint8Array): string {
  return hash('sha256', content);
}
