/**
 * Completes a message that is there already: lists its attachments and adds those that are missing, small ones in one
 * request, from 3 MB on by an upload session in parts. What was added before an interruption is found by its name, and
 * an upload that was interrupted goes on. What the mailbox refuses is named in a file beside the others.
 */
import { z } from 'zod';
import { SESSION_FROM_BYTES } from '../mail/attachments.ts';
import type { CallOptions, Graph } from '../microsoft/graph.ts';
import { bodyOf, errorOfUnreadableAnswer, GraphError } from '../microsoft/graph-errors.ts';
import { UploadInterruptedError, type UploadMemory, uploadAttachment } from './upload-session.ts';

const LIST_PAGE = 100;

export interface AttachmentToAdd {
  readonly name: string;
  readonly contentType: string;
  readonly size: number;
  /** the bytes from `offset` on, verified. @throws AttachmentLostError */
  readonly read: (offset: number) => AsyncIterable<Uint8Array>;
  /** where its upload session is remembered */
  readonly memory: UploadMemory;
}

/** Asked before every request: how long it may take. Throws where nothing more may be sent. */
export type Permit = () => Promise<CallOptions>;

/** The bytes of an attachment are not to be had by trying again. */
export class AttachmentLostError extends Error {
  override name = 'AttachmentLostError';
  /** why, in a code of whoever reads them */
  readonly code: string;
  constructor(code: string) {
    super(`an attachment is lost: ${code}`);
    this.code = code;
  }
}

/** An attachment that does not get into the mailbox by trying again. */
export interface RefusedAttachment {
  readonly name: string;
  /**
   * `size`: the mailbox does not accept a message that large; `other`: for a reason that Graph's code may tell; `lost`: there
   * is nothing to add
   */
  readonly because: 'size' | 'other' | 'lost';
  readonly code: string;
}

export interface AddedAttachments {
  readonly refused: readonly RefusedAttachment[];
  /** whether the message has the file that says what was refused */
  readonly noted: boolean;
}

const listSchema = z.object({
  value: z.array(z.object({ id: z.string(), name: z.string().nullish() })),
  '@odata.nextLink': z.string().optional(),
});

/**
 * Adds what is missing. Each name of `wanted` occurs once.
 *
 * @param note the file that says what was refused
 * @throws GraphError: transient ones to be tried again later, `inDoubt` where an attachment may have arrived;
 *   UploadInterruptedError, UploadSessionGoneError; what `permit` throws
 */
export async function completeAttachments(
  graph: Graph,
  userId: string,
  messageId: string,
  wanted: readonly AttachmentToAdd[],
  permit: Permit,
  note: (refused: readonly RefusedAttachment[]) => AttachmentToAdd,
): Promise<AddedAttachments> {
  const message = `/users/${userId}/messages/${encodeURIComponent(messageId)}`;
  const present = await attachmentsOf(graph, `${message}/attachments`, permit);
  const refused: RefusedAttachment[] = [];
  const add = async (attachment: AttachmentToAdd): Promise<RefusedAttachment | null> => {
    if (present.has(attachment.name)) return null;
    try {
      if (attachment.size < SESSION_FROM_BYTES) await addSmall(graph, message, attachment, permit);
      else await uploadAttachment(graph, message, attachment, attachment.memory, permit);
      return null;
    } catch (error) {
      const refusal = refusalOf(attachment, error);
      if (refusal === null) throw error;
      return refusal;
    }
  };
  for (const attachment of wanted) {
    const refusal = await add(attachment);
    if (refusal !== null) refused.push(refusal);
  }
  // An earlier run may have left a note of what is there by now.
  const said = present.get(note(refused).name);
  if (said !== undefined) {
    const url = `${message}/attachments/${encodeURIComponent(said)}`;
    await graph.request({ method: 'DELETE', url }, await permit());
    present.delete(note(refused).name);
  }
  // Where even a note of a few lines is too much, the ledger alone says it.
  const noted = refused.length > 0 && (await add(note(refused))) === null;
  return { refused, noted };
}

function refusalOf({ name }: AttachmentToAdd, error: unknown): RefusedAttachment | null {
  const cause = error instanceof UploadInterruptedError ? error.cause : error;
  if (cause instanceof AttachmentLostError) return { name, because: 'lost', code: cause.code };
  if (!(error instanceof GraphError)) return null;
  const { failure, code } = error;
  if (failure === 'too_large') return { name, because: 'size', code };
  return failure === 'bad_request' ? { name, because: 'other', code } : null;
}

/** Ids by name. */
async function attachmentsOf(graph: Graph, url: string, permit: Permit): Promise<Map<string, string>> {
  const listed = await listAttachments(graph, url, permit);
  return new Map(listed.flatMap(({ id, name }) => (name === '' ? [] : [[name, id] as const])));
}

/** A list without an end is no list of a message's attachments. */
const MOST_PAGES = 200;

/** What a message has, of every page: one that is overlooked would be added twice. @param url of its attachments */
export async function listAttachments(
  graph: Graph,
  url: string,
  permit: Permit,
): Promise<readonly { readonly id: string; readonly name: string }[]> {
  const listed: { id: string; name: string }[] = [];
  for (let pages = 1; ; pages++) {
    const query = `?$select=id,name&$top=${LIST_PAGE}${listed.length > 0 ? `&$skip=${listed.length}` : ''}`;
    const answer = await graph.request({ method: 'GET', url: url + query }, await permit());
    const { value, '@odata.nextLink': next } = bodyOf(answer, listSchema);
    listed.push(...value.map(({ id, name }) => ({ id, name: name ?? '' })));
    if (next === undefined || value.length === 0) return listed;
    if (pages === MOST_PAGES) throw errorOfUnreadableAnswer(answer.status, 'GET');
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
