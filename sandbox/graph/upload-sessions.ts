/**
 * Upload sessions for large attachments. The bytes of an open session are held in memory and end with the process, as
 * a session may at any time; the attachment appears in the mailbox with its last byte.
 */
import { randomBytes } from 'node:crypto';
import type { UploadItem } from './attachment-input.ts';
import { GraphError } from './errors.ts';

const LIFETIME_MS = 3_600_000;
export const UPLOAD_CHUNK_BYTES = 4 * 1_048_576;

export interface UploadSession {
  readonly token: string;
  /** the app that opened it, as limits count it */
  readonly app: string;
  readonly mailbox: number;
  /** object id of the mailbox's owner */
  readonly owner: string;
  readonly message: number;
  /** bytes of the largest message that the mailbox takes */
  readonly messageBytes: number;
  readonly item: UploadItem;
  readonly expires: Date;
  readonly chunks: Uint8Array[];
  received: number;
}

/** What one PUT came to: more is expected, or this is the whole content. */
export type UploadProgress =
  | { readonly done: false; readonly nextExpectedRanges: readonly string[] }
  | { readonly done: true; readonly content: Uint8Array };

export class UploadSessions {
  readonly #sessions = new Map<string, UploadSession>();

  open(
    what: Pick<UploadSession, 'app' | 'mailbox' | 'messageBytes' | 'owner' | 'message' | 'item'> & {
      readonly now: Date;
    },
  ): UploadSession {
    const { now, ...rest } = what;
    for (const [token, session] of this.#sessions) if (session.expires < now) this.#sessions.delete(token);
    const session: UploadSession = {
      ...rest,
      token: randomBytes(24).toString('base64url'),
      expires: new Date(now.getTime() + LIFETIME_MS),
      chunks: [],
      received: 0,
    };
    this.#sessions.set(session.token, session);
    return session;
  }

  /** @throws {GraphError} 404 when there is none, or it has expired */
  find(token: string, now: Date): UploadSession {
    const session = this.#sessions.get(token);
    if (!session || session.expires < now) {
      throw new GraphError(404, 'ErrorUploadSessionNotFound', 'The upload session was not found or has expired.');
    }
    return session;
  }

  close(token: string): void {
    this.#sessions.delete(token);
  }

  clear(): void {
    this.#sessions.clear();
  }

  /**
   * Takes the next range of bytes; ranges come in order and without gap.
   * @throws {GraphError} 400 for a `Content-Range` that cannot be read or does not fit, 416 for one out of order
   */
  put(session: UploadSession, contentRange: string | undefined, bytes: Uint8Array): UploadProgress {
    const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(contentRange ?? '');
    const [start, end, total] = [Number(match?.[1]), Number(match?.[2]), Number(match?.[3])];
    if (!match || end - start + 1 !== bytes.length || total !== session.item.size || end >= total) {
      throw new GraphError(
        400,
        'ErrorInvalidContentRange',
        'The Content-Range header is missing, malformed or does not fit the content.',
      );
    }
    if (start !== session.received) {
      throw new GraphError(
        416,
        'ErrorInvalidRange',
        `The range is not the expected one, which is ${session.received}-.`,
      );
    }
    session.chunks.push(bytes);
    session.received += bytes.length;
    if (session.received < total) return { done: false, nextExpectedRanges: [`${session.received}-`] };
    return { done: true, content: Buffer.concat(session.chunks) };
  }
}
