/**
 * Upload sessions for large attachments. An open session and its bytes lie beside the mailboxes in SQLite, a chunk to
 * a row, so that they outlive the process and that no upload is ever whole in memory. The attachment appears in the
 * mailbox with its last byte; from then on the same chunks are its content.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { type UploadItem, uploadItemSchema } from './attachment-input.ts';
import { GraphError } from './errors.ts';
import { allOrNothing } from './group-commit.ts';
import type { ContentRange } from './upload-range.ts';

const LIFETIME_MS = 3_600_000;
export const UPLOAD_CHUNK_BYTES = 4 * 1_048_576;

export interface UploadSession {
  readonly seq: number;
  readonly token: string;
  /** the app that opened it, as limits count it */
  readonly app: string;
  readonly mailbox: number;
  readonly tenant: string;
  /** object id of the mailbox's owner */
  readonly owner: string;
  readonly message: number;
  /** the folder that the message must still lie in; null where it was named by its immutable id */
  readonly folder: number | null;
  readonly item: UploadItem;
  readonly expires: Date;
  /** bytes so far; the next range begins here */
  readonly received: number;
}

type NewSession = Pick<UploadSession, 'app' | 'mailbox' | 'tenant' | 'owner' | 'message' | 'folder' | 'item'>;

const rowSchema = z.object({
  seq: z.number(),
  token: z.string(),
  app: z.string(),
  mailbox: z.number(),
  tenant: z.string(),
  owner: z.string(),
  message: z.number(),
  folder: z.number().nullable(),
  item: z.string().transform((text) => uploadItemSchema.parse(JSON.parse(text))),
  expires: z.number().transform((at) => new Date(at)),
  received: z.number(),
});

export class UploadSessions {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(`
      CREATE TABLE IF NOT EXISTS graph_upload (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        token TEXT NOT NULL UNIQUE,
        app TEXT NOT NULL,
        mailbox INTEGER NOT NULL,
        tenant TEXT NOT NULL,
        owner TEXT NOT NULL,
        message INTEGER NOT NULL,
        folder INTEGER,
        item TEXT NOT NULL,
        expires INTEGER NOT NULL,
        received INTEGER NOT NULL,
        attachment INTEGER UNIQUE
      ) STRICT;
      CREATE TABLE IF NOT EXISTS graph_upload_chunk (
        upload INTEGER NOT NULL,
        start INTEGER NOT NULL,
        content BLOB NOT NULL,
        PRIMARY KEY (upload, start)
      ) STRICT, WITHOUT ROWID;
    `);
  }

  /** Opens a session, and forgets those that have expired. */
  open(what: NewSession, now: Date): UploadSession {
    const expired = this.#database
      .prepare('SELECT seq FROM graph_upload WHERE attachment IS NULL AND expires < ?')
      .all(now.getTime());
    for (const { seq } of expired) this.#remove(Number(seq));

    const token = randomBytes(24).toString('base64url');
    const expires = now.getTime() + LIFETIME_MS;
    this.#database
      .prepare(
        `INSERT INTO graph_upload (token, app, mailbox, tenant, owner, message, folder, item, expires, received)
         VALUES (?,?,?,?,?,?,?,?,?,0)`,
      )
      .run(
        token,
        what.app,
        what.mailbox,
        what.tenant,
        what.owner,
        what.message,
        what.folder,
        JSON.stringify(what.item),
        expires,
      );
    return this.find(token, now);
  }

  /** @throws {GraphError} 404 when there is none, or it has expired, or is done */
  find(token: string, now: Date): UploadSession {
    const row = this.#database
      .prepare('SELECT * FROM graph_upload WHERE token = ? AND attachment IS NULL AND expires >= ?')
      .get(token, now.getTime());
    if (row) return rowSchema.parse(row);
    throw new GraphError(404, 'ErrorUploadSessionNotFound', 'The upload session was not found or has expired.');
  }

  /** Takes a range that `checkedRange` found to be the next one; gives how many bytes are there now. */
  append(session: UploadSession, range: ContentRange, bytes: Uint8Array): number {
    allOrNothing(this.#database, () => {
      this.#database.prepare('INSERT INTO graph_upload_chunk VALUES (?,?,?)').run(session.seq, range.start, bytes);
      this.#database.prepare('UPDATE graph_upload SET received = ? WHERE seq = ?').run(range.end + 1, session.seq);
    });
    return range.end + 1;
  }

  /** SHA-256 of all bytes of a session, hexadecimal. */
  sha256(session: UploadSession): string {
    const hash = createHash('sha256');
    for (const chunk of this.#chunks(session.seq)) hash.update(chunk);
    return hash.digest('hex');
  }

  /** Ends a session: its bytes are the content of `attachment` from now on, or go if they are not `kept`. */
  finish(session: UploadSession, attachment: number, kept: boolean): void {
    this.#database.prepare('UPDATE graph_upload SET attachment = ? WHERE seq = ?').run(attachment, session.seq);
    if (!kept) this.#remove(session.seq);
  }

  /** The content of an attachment that came by a session, a chunk at a time; undefined for any other attachment. */
  content(attachment: number): Iterable<Uint8Array> | undefined {
    const row = this.#database.prepare('SELECT seq FROM graph_upload WHERE attachment = ?').get(attachment);
    return row && { [Symbol.iterator]: () => this.#chunks(Number(row.seq)) };
  }

  /** Forgets the content of an attachment that was deleted. */
  forget(attachment: number): void {
    const row = this.#database.prepare('SELECT seq FROM graph_upload WHERE attachment = ?').get(attachment);
    if (row) this.#remove(Number(row.seq));
  }

  close(session: UploadSession): void {
    this.#remove(session.seq);
  }

  clear(): void {
    this.#database.exec('DELETE FROM graph_upload_chunk; DELETE FROM graph_upload');
  }

  /** One query a chunk: an open iterator would hold back the commits of everything that is written meanwhile. */
  *#chunks(upload: number): Generator<Uint8Array> {
    const read = this.#database.prepare(
      'SELECT start, content FROM graph_upload_chunk WHERE upload = ? AND start >= ? ORDER BY start LIMIT 1',
    );
    for (let from = 0; ; ) {
      const content = read.get(upload, from)?.content;
      if (!(content instanceof Uint8Array)) return;
      yield content;
      from += content.length;
    }
  }

  #remove(seq: number): void {
    allOrNothing(this.#database, () => {
      this.#database.prepare('DELETE FROM graph_upload_chunk WHERE upload = ?').run(seq);
      this.#database.prepare('DELETE FROM graph_upload WHERE seq = ?').run(seq);
    });
  }
}
