/**
 * Ids of folders, messages and attachments, opaque to clients as Exchange's are. An immutable id names a message
 * wherever it lies; a regular one names it in its folder and is void once the message is moved.
 */
const FOLDER = 'AQMkAD';
const REGULAR = 'AAMkAG';
const IMMUTABLE = 'AAkALg';
const ATTACHMENT = 'AAMkAGAt';

/** lets a damaged id be told from one that names nothing */
const MARK = 0x5a5b;
/** numbers have 64 bits, written as two halves */
const HALF = 2 ** 32;

/** What a message id says; `folder` is missing in immutable ids. */
export interface MessageKey {
  readonly message: number;
  readonly folder: number | undefined;
}

export const folderId = (folder: number): string => encode(FOLDER, [folder]);
export const regularMessageId = (message: number, folder: number): string => encode(REGULAR, [message, folder]);
export const immutableMessageId = (message: number): string => encode(IMMUTABLE, [message]);
export const attachmentId = (message: number, attachment: number): string => encode(ATTACHMENT, [message, attachment]);

/** undefined when the id is malformed. */
export function parseFolderId(id: string): number | undefined {
  return decode(FOLDER, id, 1)?.[0];
}

/** undefined when the id is malformed. */
export function parseMessageId(id: string): MessageKey | undefined {
  const immutable = decode(IMMUTABLE, id, 1)?.[0];
  if (immutable !== undefined) return { message: immutable, folder: undefined };
  const [message, folder] = decode(REGULAR, id, 2) ?? [];
  return message === undefined ? undefined : { message, folder };
}

/** undefined when the id is malformed. */
export function parseAttachmentId(id: string): { message: number; attachment: number } | undefined {
  const [message, attachment] = decode(ATTACHMENT, id, 2) ?? [];
  return message === undefined || attachment === undefined ? undefined : { message, attachment };
}

function encode(prefix: string, numbers: readonly number[]): string {
  const bytes = Buffer.allocUnsafe(2 + numbers.length * 8);
  let at = bytes.writeUInt16BE(MARK);
  for (const number of numbers) {
    at = bytes.writeUInt32BE(Math.floor(number / HALF), at);
    at = bytes.writeUInt32BE(number % HALF, at);
  }
  return prefix + bytes.toString('base64url');
}

function decode(prefix: string, id: string, count: number): readonly number[] | undefined {
  if (!id.startsWith(prefix)) return undefined;
  const bytes = Buffer.from(id.slice(prefix.length), 'base64url');
  if (bytes.length !== 2 + count * 8 || bytes.readUInt16BE() !== MARK) return undefined;
  const numbers: number[] = [];
  for (let at = 2; at < bytes.length; at += 8) {
    numbers.push(bytes.readUInt32BE(at) * HALF + bytes.readUInt32BE(at + 4));
  }
  if (!numbers.every(Number.isSafeInteger)) return undefined;
  // Node's decoder skips what is no base64, and numbers have bits to spare: one thing has one id
  return encode(prefix, numbers) === id ? numbers : undefined;
}
