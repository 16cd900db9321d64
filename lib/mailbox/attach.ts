/**
 * Completes a message that is there already: lists its attachments and adds those that are missing, small ones in one
 * request, from 3 MB on by an upload session in parts. What was added before an interruption is found by name and size.
 */
import { z } from 'zod';
import { SESSION_FROM_BYTES } from '../mail/attachments.ts';
import type { CallOptions, Graph } from '../microsoft/graph.ts';
import { GraphError } from '../microsoft/graph-errors.ts';

/** Graph wants parts of at most 4 MB; multiples of 320 KiB are what its own clients send. */
const PART_BYTES = 12 * 320 * 1024;

export interface AttachmentToAdd {
  readonly name: string;
  readonly contentType: string;
  readonly size: number;
  /** the bytes from `offset` on, verified */
  readonly read: (offset: number, signal?: AbortSignal) => AsyncIterable<Uint8Array>;
}

export interface AddedAttachments {
  /** names that the mailbox refuses because of their size */
  readonly refused: readonly string[];
}

const listSchema = z.object({
  value: z.array(z.object({ name: z.string().nullish(), size: z.number().nullish() })),
  '@odata.nextLink': z.string().optional(),
});
const sessionSchema = z.object({ uploadUrl: z.url(), nextExpectedRanges: z.array(z.string()).optional() });

/**
 * Adds what is missing. Each name of `wanted` occurs once.
 *
 * @throws GraphError: transient ones to be tried again later, `inDoubt` where a part may have arrived
 */
export async function completeAttachments(
  graph: Graph,
  userId: string,
  messageId: string,
  wanted: readonly AttachmentToAdd[],
  options: CallOptions = {},
): Promise<AddedAttachments> {
  const message = `/users/${userId}/messages/${encodeURIComponent(messageId)}`;
  const present = await namesOf(graph, `${message}/attachments?$select=id,name,size&$top=100`, options);
  const refused: string[] = [];
  for (const attachment of wanted) {
    if (present.has(attachment.name)) continue;
    try {
      if (attachment.size < SESSION_FROM_BYTES) await addSmall(graph, message, attachment, options);
      else await addBySession(graph, message, attachment, options);
    } catch (error) {
      if (!(error instanceof GraphError) || error.failure !== 'too_large') throw error;
      refused.push(attachment.name);
    }
  }
  return { refused };
}

async function namesOf(graph: Graph, url: string, options: CallOptions): Promise<Set<string>> {
  const answer = await graph.request({ method: 'GET', url }, options);
  return new Set(listSchema.parse(answer.body).value.flatMap((attachment) => attachment.name ?? []));
}

async function addSmall(
  graph: Graph,
  message: string,
  attachment: AttachmentToAdd,
  options: CallOptions,
): Promise<void> {
  const parts: Uint8Array[] = [];
  for await (const part of attachment.read(0, options.signal)) parts.push(part);
  const body = {
    '@odata.type': '#microsoft.graph.fileAttachment',
    name: attachment.name,
    contentType: attachment.contentType,
    contentBytes: Buffer.concat(parts).toString('base64'),
  };
  await graph.request({ method: 'POST', url: `${message}/attachments`, body }, options);
}

async function addBySession(
  graph: Graph,
  message: string,
  attachment: AttachmentToAdd,
  options: CallOptions,
): Promise<void> {
  const { name, contentType, size } = attachment;
  const answer = await graph.request(
    {
      method: 'POST',
      url: `${message}/attachments/createUploadSession`,
      body: { AttachmentItem: { attachmentType: 'file', name, contentType, size } },
    },
    options,
  );
  const { uploadUrl } = sessionSchema.parse(answer.body);
  let from = 0;
  for await (const bytes of inParts(attachment.read(0, options.signal), PART_BYTES)) {
    await graph.upload(uploadUrl, { bytes, from, total: size }, options);
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
