/**
 * A message as the mailbox has it, held against what was written: its content hash is made anew from what is read back,
 * attachments included, which stream through and are never whole in memory.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { contentHash } from '../mail/content-hash.ts';
import type { Download } from '../microsoft/download.ts';
import type { CallOptions, Graph } from '../microsoft/graph.ts';
import { bodyOf, GraphError } from '../microsoft/graph-errors.ts';
import { listAttachments } from './attach.ts';
import { AttachmentContent } from './attachment-content.ts';

const SELECT = 'id,parentFolderId,internetMessageId,subject,from,toRecipients,sentDateTime,body,internetMessageHeaders';
/** Where a message says what its content's hash was when it was made. */
const HASH_HEADER = 'x-archive-content-hash';

const recipientSchema = z.object({ emailAddress: z.object({ address: z.string().default('') }) });
const messageSchema = z.object({
  parentFolderId: z.string().nullish(),
  internetMessageId: z.string().nullish(),
  subject: z.string().nullish(),
  from: recipientSchema.nullish(),
  toRecipients: z.array(recipientSchema).default([]),
  sentDateTime: z.iso.datetime({ offset: true }),
  body: z.object({ contentType: z.enum(['text', 'html']), content: z.string() }),
  internetMessageHeaders: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
});

export interface ReadBack {
  /** of what is there now */
  readonly contentHash: string;
  /** of what was written, as the message itself says; null where it does not say so */
  readonly writtenHash: string | null;
  readonly parentFolderId: string | null;
}

/** How long requests may take that begin now: one for a message or a list, and one that brings an attachment. */
export interface ReadingTime {
  reading(): CallOptions;
  streaming(): CallOptions;
}

/**
 * Reads a message and all of its attachments.
 *
 * @returns null where there is no such message
 * @throws GraphError, AppTokenError; NoContentError where an attachment comes without its content
 */
export async function readBack(
  graph: Graph,
  download: Download,
  userId: string,
  messageId: string,
  time: ReadingTime,
): Promise<ReadBack | null> {
  const path = `/users/${userId}/messages/${encodeURIComponent(messageId)}`;
  try {
    const answer = await graph.request({ method: 'GET', url: `${path}?$select=${SELECT}` }, time.reading());
    const message = bodyOf(answer, messageSchema);
    const attachments: { name: string; sha256: string }[] = [];
    for (const { id, name } of await listAttachments(graph, `${path}/attachments`, async () => time.reading())) {
      const url = `${path}/attachments/${encodeURIComponent(id)}`;
      attachments.push({ name, sha256: await hashOf(download, url, time.streaming()) });
    }
    return {
      contentHash: contentHash({
        internetMessageId: message.internetMessageId ?? '',
        subject: message.subject ?? '',
        fromAddress: message.from?.emailAddress.address ?? '',
        toAddresses: message.toRecipients.map(({ emailAddress }) => emailAddress.address),
        sentAt: new Date(message.sentDateTime),
        text: message.body.contentType === 'text' ? message.body.content : null,
        attachments,
      }),
      writtenHash:
        message.internetMessageHeaders?.find(({ name }) => name.toLowerCase() === HASH_HEADER)?.value ?? null,
      parentFolderId: message.parentFolderId ?? null,
    };
  } catch (error) {
    if (error instanceof GraphError && error.failure === 'item_not_found') return null;
    throw error;
  }
}

async function hashOf(download: Download, url: string, options: CallOptions): Promise<string> {
  const sha256 = createHash('sha256');
  const content = new AttachmentContent((bytes) => sha256.update(bytes));
  await download(url, (piece) => content.write(piece), options);
  content.end();
  return sha256.digest('hex');
}
