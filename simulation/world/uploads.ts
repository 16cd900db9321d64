/** Upload sessions of a simulated Microsoft 365: parts in their order, a time after which they are not known any more. */
import { type Attachment, fits, type Message, type Reply, refusal, refusalOfMailbox, type User } from './mailbox.ts';

interface Session {
  readonly user: User;
  readonly message: Message;
  readonly name: string;
  readonly size: number;
  /** milliseconds since 1970 */
  readonly expiresAt: number;
  readonly parts: Buffer[];
  received: number;
}

export class UploadSessions {
  readonly #sessions = new Map<string, Session>();
  readonly #add: (message: Message, attachment: Attachment) => Reply;
  #opened = 0;

  /** @param add what becomes of a file of which every part is there */
  constructor(add: (message: Message, attachment: Attachment) => Reply) {
    this.#add = add;
  }

  /** Whose mailbox a session writes into; null where it is gone. */
  userOf(url: string): string | null {
    return this.#sessions.get(url)?.user.id ?? null;
  }

  open(user: User, message: Message, body: unknown, expiresAt: number): Reply {
    const { AttachmentItem: item } = body as {
      readonly AttachmentItem: { readonly name: string; readonly size: number };
    };
    if (user.full) return refusal(507, 'ErrorQuotaExceeded');
    if (user.limitBytes !== null && item.size > user.limitBytes)
      return refusal(400, 'ErrorAttachmentSizeLimitExceeded');
    const uploadUrl = `https://upload.simulated/${++this.#opened}`;
    const { name, size } = item;
    this.#sessions.set(uploadUrl, { user, message, name, size, expiresAt, parts: [], received: 0 });
    // Not every session says until when it lives.
    const said = this.#opened % 2 === 0 ? { expirationDateTime: new Date(expiresAt).toISOString() } : {};
    return { status: 201, body: { uploadUrl, nextExpectedRanges: ['0-'], ...said } };
  }

  /** A part of a file, by the address that the session gave. The token of the one who opened it is in it. */
  put(url: string, range: string, bytes: Buffer, now: number): Reply {
    const session = this.#sessions.get(url);
    const [, from, to, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(range) ?? [];
    if (!session || session.message.removedBy !== null || now >= session.expiresAt) {
      this.#sessions.delete(url);
      return refusal(404, 'ErrorUploadSessionNotFound');
    }
    const { user, message, name } = session;
    const refused = refusalOfMailbox(user, true);
    if (refused) return refused;
    if (user.full) return refusal(507, 'ErrorQuotaExceeded');
    if (Number(from) !== session.received || Number(total) !== session.size) return refusal(416, 'InvalidRange');
    if (Number(to) - Number(from) + 1 !== bytes.length) return refusal(400, 'BadRequest');
    session.parts.push(bytes);
    session.received += bytes.length;
    if (session.received < session.size) return { status: 200, body: { nextExpectedRanges: [`${session.received}-`] } };
    this.#sessions.delete(url);
    if (!fits(user, message, session.size)) return refusal(400, 'ErrorMessageSizeExceeded');
    return this.#add(message, { name, bytes: Buffer.concat(session.parts) });
  }
}
