/**
 * Completes a message that is there already: lists its attachments and adds those that are missing, small ones in one
 * request, from 3 MB on by an upload session in parts. What was added before an interruption is found by its name.
 */
import { z } from 'zod';
import { SESSION_FROM_BYTES } from '../mail/attachments.ts';
import type { CallOptions, Graph } from '../microsoft/graph.ts';
import { GraphError } from '../microsoft/graph-errors.ts';

/** Graph wants parts of at most 4 MB; multiples of 320 KiB are what its own clients send. */
const PART_BYTES = 12 * 320 * 1024;
const LIST_PAGE = 100;

export interface AttachmentToAdd {
  readonly name: string;
  readonly contentType: string;
  readonly size: number;
  /** the bytes from `offset` on, verified */
  readonly read: (offset: number) => AsyncIterable<Uint8Array>;
}

/** Asked before every request: how long it may take. Throws where nothing more may be sent. */
export type Permit = () => Promise<CallOptions>;

/** Graph does not know the upload session any more: the attachment is begun anew. */
export class UploadSessionGoneError extends Error {
  override name = 'UploadSessionGoneError';
}

export interface AddedAttachments {
  /** names that the mailbox refuses because of their size */
  readonly refused: readonly string[];
}

const listSchema = z.object({
  value: z.array(z.object({ name: z.string().nullish() })),
  '@odata.nextLink': z.string().optional(),
});
const sessionSchema = z.object({ uploadUrl: z.url(), nextExpectedRanges: z.array(z.string()).optional() });

/**
 * Adds what is missing. Each name of `wanted` occurs once.
 *
 * @throws GraphError: transient ones to be tried again later, `inDoubt` where a part may have arrived;
 *   UploadSessionGoneError; what `permit` throws
 */
export async function completeAttachments(
  graph: Graph,
  userId: string,
  messageId: string,
  wanted: readonly AttachmentToAdd[],
  permit: Permit = async () => ({}),
): Promise<AddedAttachments> {
  const message = `/users/${userId}/messages/${encodeURIComponent(messageId)}`;
  const present = await namesOf(graph, `${message}/attachments`, permit);
  const refused: string[] = [];
  for (const attachment of wanted) {
    if (present.has(attachment.name)) continue;
    try {
      if (attachment.size < SESSION_FROM_BYTES) await addSmall(graph, message, attachment, permit);
      else await addBySession(graph, message, attachment, permit);
    } catch (error) {
      if (!(error instanceof GraphError) || error.failure !== 'too_large') throw error;
      refused.push(attachment.name);
    }
  }
  return { refused };
}

/** Names on every page: one that is overlooked would be added twice. */
async function namesOf(graph: Graph, url: string, permit: Permit): Promise<Set<string>> {
  const names = new Set<string>();
  for (let skip = 0; ; ) {
    const query = `?$select=id,name&$top=${LIST_PAGE}${skip > 0 ? `&$skip=${skip}` : ''}`;
    const answer = await graph.request({ method: 'GET', url: url + query }, await permit());
    const { value, '@odata.nextLink': next } = listSchema.parse(answer.body);
    for (const { name } of value) if (name) names.add(name);
    skip += value.length;
    if (next === undefined || value.length === 0) return names;
  }
}

async function addSmall(graph: Graph, message: string, attachment: AttachmentToAdd, permit: Permit): Promise<void> {
  const parts: Uint8Array[] = [];
  for await (const part of attachment.read(0)) parts.push(part);
  const body = {
    '@odata.type': '#microsoft.graph.fileAttachment',
    name: attachment.name,
    contentType: attachment.contentType,
    contentBytes: Buffer.concat(parts).toString('base64'),
  };
  await graph.request({ method: 'POST', url: `${message}/attachments`, body }, await permit());
}

async function addBySession(graph: Graph, message: string, attachment: AttachmentToAdd, permit: Permit): Promise<void> {
  const { name, contentType, size } = attachment;
  const answer = await graph.request(
    {
      method: 'POST',
      url: `${message}/attachments/createUploadSession`,
      body: { AttachmentItem: { attachmentType: 'file', name, contentType, size } },
    },
    await permit(),
  );
  const { uploadUrl } = sessionSchema.parse(answer.body);
  let from = 0;
  for await (const bytes of inParts(attachment.read(0), PART_BYTES)) {
    try {
      await graph.upload(uploadUrl, { bytes, from, total: size }, await permit());
    } catch (error) {
      // It is the session that is not found, not the message.
      if (error instanceof GraphError && error.failure === 'item_not_found') throw new UploadSessionGoneError();
      throw error;
    }
    from += bytes.byteLength;
  }
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
