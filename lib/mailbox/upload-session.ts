/**
 * One large attachment by an upload session, in parts, in the memory of one part. The session outlives the request, the
 * run and the worker that began it: it is remembered before its first byte, and whoever comes next goes on in it.
 *
 * Outlook's sessions know PUT and DELETE; that they could be asked where they stand, as OneDrive's by GET, is documented
 * nowhere. So what each answer said is remembered. After an interruption one part at most may have arrived that nobody
 * heard of: it is sent again, and a session that has it already refuses the range and takes the next one.
 *
 * As long as one session is used, nothing can double: it makes its attachment once, and is gone then. Only a new one
 * could make a second, and it is begun by nobody before the attachments were listed again.
 */
import { z } from 'zod';
import type { Graph } from '../microsoft/graph.ts';
import { bodyOf, type GraphAnswer, GraphError, type GraphFailure } from '../microsoft/graph-errors.ts';
import type { AttachmentToAdd, Permit } from './attach.ts';

/** Graph wants parts of at most 4 MB; multiples of 320 KiB are what its own clients send. */
const PART_BYTES = 12 * 320 * 1024;
/** Where Graph does not say until when a session lives. */
const LIFETIME_MS = 60 * 60 * 1000;

export interface Upload {
  /** a secret: whoever has it may write this attachment */
  readonly uploadUrl: string;
  /** bytes that are certain to be there */
  readonly sent: number;
}

/** Where a session is remembered. What it throws ends the upload, which can be gone on with. */
export interface UploadMemory {
  recall(): Promise<Upload | null>;
  remember(uploadUrl: string, expiresAt: Date): Promise<void>;
  noteSent(bytes: number): Promise<void>;
  forget(): Promise<void>;
}

/**
 * Graph does not know the session any more: it has expired, or it is done and its last answer was lost. The attachments
 * must be listed again, when nothing can be under way any more, before another session is begun.
 */
export class UploadSessionGoneError extends Error {
  override name = 'UploadSessionGoneError';
}

/** The upload broke off. The session is remembered, and may be gone on with at any time. */
export class UploadInterruptedError extends Error {
  override name = 'UploadInterruptedError';
  constructor(cause: unknown) {
    super('an upload broke off', { cause });
  }
}

/** By these Graph does not take this file, now or later. */
const REFUSALS: ReadonlySet<GraphFailure> = new Set(['too_large', 'mailbox_full', 'bad_request']);

const sessionSchema = z.object({ uploadUrl: z.url(), expirationDateTime: z.string().nullish() });
const progressSchema = z.object({ nextExpectedRanges: z.array(z.string()).min(1) });

/**
 * Uploads an attachment, or what is missing of it.
 *
 * @param message path of its message
 * @throws UploadInterruptedError, UploadSessionGoneError; GraphError where the session is refused before a byte was
 *   sent, or the mailbox refuses the size
 */
export async function uploadAttachment(
  graph: Graph,
  message: string,
  attachment: AttachmentToAdd,
  memory: UploadMemory,
  permit: Permit,
): Promise<void> {
  const known = await memory.recall();
  const upload = known ?? (await begin(graph, message, attachment, memory, permit));
  try {
    await sendParts(graph, upload, attachment, memory, permit, known !== null);
  } catch (error) {
    const refused = error instanceof GraphError && REFUSALS.has(error.failure);
    const gone = error instanceof UploadSessionGoneError || isGone(error);
    if (refused || gone) await memory.forget();
    if (refused) throw error;
    throw gone ? new UploadSessionGoneError() : new UploadInterruptedError(error);
  }
  await memory.forget();
}

async function begin(
  graph: Graph,
  message: string,
  { name, contentType, size }: AttachmentToAdd,
  memory: UploadMemory,
  permit: Permit,
): Promise<Upload> {
  const url = `${message}/attachments/createUploadSession`;
  const body = { AttachmentItem: { attachmentType: 'file', name, contentType, size } };
  const { uploadUrl, expirationDateTime } = bodyOf(
    await graph.request({ method: 'POST', url, body }, await permit()),
    sessionSchema,
  );
  const expires = Date.parse(expirationDateTime ?? '');
  await memory.remember(uploadUrl, new Date(Number.isNaN(expires) ? Date.now() + LIFETIME_MS : expires));
  return { uploadUrl, sent: 0 };
}

async function sendParts(
  graph: Graph,
  { uploadUrl, sent }: Upload,
  attachment: AttachmentToAdd,
  memory: UploadMemory,
  permit: Permit,
  resumed: boolean,
): Promise<void> {
  const { size } = attachment;
  let perhapsThere = resumed;
  for (let from = sent; from < size; ) {
    // Read anew wherever Graph wants to go on elsewhere than behind the part that it was given.
    for await (const bytes of inParts(attachment.read(from), PART_BYTES)) {
      const end = from + bytes.byteLength;
      let next = end;
      try {
        const answer = await graph.upload(uploadUrl, { bytes, from, total: size }, await permit());
        if (answer.status === 201) return;
        next = nextOf(answer) ?? end;
      } catch (error) {
        if (!isOutOfPlace(error, resumed)) throw error;
        // The part whose answer was lost is there: at the end of the file the session would be gone with it.
        if (!perhapsThere || end === size) throw new UploadSessionGoneError();
      }
      perhapsThere = false;
      if (next <= from) throw new UploadSessionGoneError();
      from = next;
      await memory.noteSent(from);
      if (from !== end) break;
    }
  }
  // Every byte is there, and Graph did not say that they have become an attachment.
  throw new UploadSessionGoneError();
}

function nextOf({ body }: GraphAnswer): number | null {
  const [range] = progressSchema.safeParse(body).data?.nextExpectedRanges ?? [];
  const start = /^\d{1,15}/.exec(range ?? '')?.[0];
  return start === undefined ? null : Number(start);
}

function isOutOfPlace(error: unknown, resumed: boolean): boolean {
  if (!(error instanceof GraphError)) return false;
  return error.status === 416 || (resumed && error.status === 400 && error.failure === 'bad_request');
}

/** It is the session that is not found, or its address that is not valid any longer: the token is in it. */
function isGone(error: unknown): boolean {
  return error instanceof GraphError && error.status !== null && [401, 403, 404, 410].includes(error.status);
}

/** Regroups a stream into parts of exactly `size` bytes, the last one smaller. Holds one part. */
async function* inParts(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    let rest = chunk;
    while (bytes + rest.byteLength >= size) {
      const room = size - bytes;
      held.push(rest.subarray(0, room));
      yield Buffer.concat(held, size);
      held = [];
      bytes = 0;
      rest = rest.subarray(room);
    }
    if (rest.byteLength > 0) {
      held.push(rest);
      bytes += rest.byteLength;
    }
  }
  if (bytes > 0) yield Buffer.concat(held, bytes);
}
