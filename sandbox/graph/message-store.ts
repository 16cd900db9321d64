/** Messages of the mailboxes, as rows, and what an index finds of them. */
import { hash } from 'node:crypto';
import type { SQLInputValue } from 'node:sqlite';
import type { AttachmentStore } from './attachment-store.ts';
import { isNamedProperty } from './extended-properties.ts';
import type { GroupCommit } from './group-commit.ts';
import { RECOVERABLE } from './mailbox-schema.ts';
import { messageBytes } from './message-size.ts';
import type { MessageChange, NewMessage } from './new-message.ts';
import { type MessageRow, messageRow } from './rows.ts';
import type { Statements } from './statements.ts';

/** Narrows a search to what an index can find; `everything` reads the folder or the mailbox. */
export type MessageSearch =
  | { readonly by: 'everything' }
  | { readonly by: 'internetMessageId'; readonly value: string }
  | { readonly by: 'property'; readonly id: string; readonly value: string };

const WITH_BODY = 'm.*';
const WITHOUT_BODY = `m.seq, m.folder, m.received, m.sent, m.created, m.modified, m.internet_message_id, m.is_draft,
  m.is_read, m.size, m.attachments, m.body_type, NULL AS body, m.body_sha256, m.fields`;

export class MessageStore {
  readonly #rows: Statements;
  readonly #commits: GroupCommit;
  readonly #attachments: AttachmentStore;
  readonly #keepBodies: boolean;

  constructor(rows: Statements, commits: GroupCommit, attachments: AttachmentStore, keepBodies: boolean) {
    this.#rows = rows;
    this.#commits = commits;
    this.#attachments = attachments;
    this.#keepBodies = keepBodies;
  }

  /** Writes a message; the row is as `find` would read it, without reading it. */
  create(message: NewMessage, size = messageBytes(message)): MessageRow {
    const { mailbox, folder, received, sent, created, internetMessageId, isDraft, isRead, bodyType, fields } = message;
    const attachments = message.attachments.filter((one) => !one.isInline).length;
    const body = this.#keepBodies ? message.body : null;
    const bodySha256 = hash('sha256', message.body);
    return this.#commits.together(() => {
      const seq = this.#rows.insert(
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
        size,
        attachments,
        bodyType,
        body,
        bodySha256,
        JSON.stringify(fields),
      );
      try {
        this.#index(mailbox, seq, fields.properties);
        for (const attachment of message.attachments) this.#attachments.insert(seq, attachment, message.created);
      } catch (error) {
        this.purge(seq);
        throw error;
      }
      const columns = { seq, folder, received, sent, created, modified: created, internetMessageId, isDraft, isRead };
      return { ...columns, size, attachments, bodyType, body, bodySha256, fields };
    });
  }

  find(mailbox: number, message: number): MessageRow | undefined {
    const row = this.#rows.get('SELECT m.* FROM graph_message m WHERE m.seq = ? AND m.mailbox = ?', message, mailbox);
    return row && messageRow(row);
  }

  /** Whether there is such a message, in whichever mailbox. */
  exists(message: number): boolean {
    return this.#rows.seq('SELECT seq FROM graph_message WHERE seq = ?', message) !== undefined;
  }

  /**
   * Messages of a folder, or of the whole mailbox without its recoverable items, newest received first, one at a
   * time, so that a search over a large folder holds one row; its body is null where that is not asked for.
   */
  *search(
    mailbox: number,
    folder: number | undefined,
    search: MessageSearch,
    body: 'with body' | 'without body',
  ): Generator<MessageRow> {
    const columns = body === 'with body' ? WITH_BODY : WITHOUT_BODY;
    const [source, values] = candidates(columns, mailbox, folder, search);
    for (const row of this.#rows.iterate(source, ...values)) yield messageRow(row);
  }

  /** One page of a folder or mailbox without a filter, by index. */
  page(mailbox: number, folder: number | undefined, page: { skip: number; top: number }): readonly MessageRow[] {
    const [source, values] = candidates(WITH_BODY, mailbox, folder, { by: 'everything' });
    return this.#rows.all(`${source} LIMIT ? OFFSET ?`, ...values, page.top, page.skip).map(messageRow);
  }

  count(mailbox: number, folder: number | undefined): number {
    const [source, values] = candidates('m.seq', mailbox, folder, { by: 'everything' });
    return this.#rows.seq(`SELECT count(*) AS seq FROM (${source})`, ...values) ?? 0;
  }

  update(mailbox: number, message: number, change: MessageChange): void {
    const { isRead, fields, modified, internetMessageId, size, bodyType, body } = change;
    const sql = `UPDATE graph_message SET is_read = ?, fields = ?, modified = ?, internet_message_id = ?, size = ?,
      body_type = ? WHERE seq = ?`;
    const json = JSON.stringify(fields);
    this.#commits.atomic(() => {
      this.#rows.run(sql, Number(isRead), json, modified, internetMessageId, size, bodyType, message);
      if (body !== undefined) {
        const kept = this.#keepBodies ? body : null;
        const digest = hash('sha256', body);
        this.#rows.run('UPDATE graph_message SET body = ?, body_sha256 = ? WHERE seq = ?', kept, digest, message);
      }
      this.#rows.run('DELETE FROM graph_named_property WHERE message = ?', message);
      this.#index(mailbox, message, fields.properties);
    });
  }

  move(message: number, folder: number, modified: number): void {
    this.#rows.run('UPDATE graph_message SET folder = ?, modified = ? WHERE seq = ?', folder, modified, message);
  }

  /** Removes a message with its attachments: nothing finds it any more. */
  purge(message: number): void {
    this.#commits.atomic(() => {
      this.#rows.run('DELETE FROM graph_attachment WHERE message = ?', message);
      this.#rows.run('DELETE FROM graph_named_property WHERE message = ?', message);
      this.#rows.run('DELETE FROM graph_message WHERE seq = ?', message);
    });
  }

  /** Makes a message findable by its named properties. */
  #index(mailbox: number, message: number, properties: MessageChange['fields']['properties']): void {
    const sql = 'INSERT OR IGNORE INTO graph_named_property (mailbox, id, value, message) VALUES (?, ?, ?, ?)';
    for (const { id, value } of properties) {
      if (isNamedProperty(id)) this.#rows.run(sql, mailbox, id, value, message);
    }
  }
}

function candidates(
  columns: string,
  mailbox: number,
  folder: number | undefined,
  search: MessageSearch,
): [string, SQLInputValue[]] {
  const scope =
    folder === undefined
      ? `m.mailbox = ? AND m.folder NOT IN (SELECT seq FROM graph_folder WHERE mailbox = ? AND well_known = '${RECOVERABLE}')`
      : 'm.mailbox = ? AND m.folder = ?';
  const values: SQLInputValue[] = [mailbox, folder ?? mailbox];
  const message = `SELECT ${columns} FROM graph_message m`;
  const order = 'ORDER BY m.received DESC, m.seq';
  if (search.by === 'internetMessageId') {
    return [
      `${message} INDEXED BY graph_message_internet_id WHERE ${scope} AND m.internet_message_id = ? ${order}`,
      [...values, search.value],
    ];
  }
  if (search.by === 'property') {
    const found = 'SELECT p.message FROM graph_named_property p WHERE p.mailbox = ? AND p.value = ? AND p.id = ?';
    return [
      `${message} WHERE m.seq IN (${found}) AND ${scope} ${order}`,
      [mailbox, search.value, search.id, ...values],
    ];
  }
  return [`${message} WHERE ${scope} ${order}`, values];
}
