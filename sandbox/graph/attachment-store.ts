/** Attachments of the messages, as rows. The bytes of those that came by an upload session stay with the session. */
import { hash } from 'node:crypto';
import type { GroupCommit } from './group-commit.ts';
import type { NewAttachment, UploadedAttachment } from './new-message.ts';
import { type AttachmentRow, attachmentRow } from './rows.ts';
import type { Statements } from './statements.ts';

const WITHOUT_CONTENT =
  'seq, message, name, content_type, size, is_inline, content_id, modified, NULL AS content, sha256';

export class AttachmentStore {
  readonly #rows: Statements;
  readonly #commits: GroupCommit;
  readonly #keepContents: boolean;

  constructor(rows: Statements, commits: GroupCommit, keepContents: boolean) {
    this.#rows = rows;
    this.#commits = commits;
    this.#keepContents = keepContents;
  }

  /** Attachments in order; their content is read only where it is asked for. */
  of(message: number, content: 'with content' | 'without content'): readonly AttachmentRow[] {
    const columns = content === 'with content' ? '*' : WITHOUT_CONTENT;
    return this.#rows
      .all(`SELECT ${columns} FROM graph_attachment WHERE message = ? ORDER BY seq`, message)
      .map(attachmentRow);
  }

  find(message: number, attachment: number): AttachmentRow | undefined {
    const row = this.#rows.get('SELECT * FROM graph_attachment WHERE message = ? AND seq = ?', message, attachment);
    return row && attachmentRow(row);
  }

  /** Adds an attachment to a message that is there. */
  add(message: number, attachment: NewAttachment | UploadedAttachment, now: number): number {
    return this.#commits.atomic(() => {
      const seq = this.insert(message, attachment, now);
      const sql = 'UPDATE graph_message SET attachments = attachments + ?, size = size + ?, modified = ? WHERE seq = ?';
      const size = 'content' in attachment ? attachment.content.length : attachment.size;
      this.#rows.run(sql, Number(!attachment.isInline), size, now, message);
      return seq;
    });
  }

  /** Writes the row of an attachment whose message counts it already. */
  insert(message: number, attachment: NewAttachment | UploadedAttachment, now: number): number {
    const content = 'content' in attachment ? attachment.content : null;
    return this.#rows.insert(
      `INSERT INTO graph_attachment (message, name, content_type, size, is_inline, content_id, modified, content, sha256)
       VALUES (?,?,?,?,?,?,?,?,?)`,
      message,
      attachment.name,
      attachment.contentType,
      'content' in attachment ? attachment.content.length : attachment.size,
      Number(attachment.isInline),
      attachment.contentId,
      now,
      this.#keepContents ? content : null,
      'content' in attachment ? hash('sha256', attachment.content) : attachment.sha256,
    );
  }

  delete(message: number, attachment: AttachmentRow, now: number): void {
    this.#commits.atomic(() => {
      this.#rows.run('DELETE FROM graph_attachment WHERE seq = ?', attachment.seq);
      const sql = 'UPDATE graph_message SET attachments = attachments - ?, size = size - ?, modified = ? WHERE seq = ?';
      this.#rows.run(sql, Number(!attachment.isInline), attachment.size, now, message);
    });
  }
}
