/** What a client may send as an attachment: a file, whole, or the announcement of one that comes by a session. */
import { z } from 'zod';
import { type BodyType, bodyFault } from './body-fault.ts';
import { errors, GraphError } from './errors.ts';
import type { NewAttachment } from './new-message.ts';
import { parsedBody } from './odata/annotations.ts';

/** Below this size a session is refused; from it on base64 no longer fits into the 4 MB of a request. */
const SESSION_BYTES = 3 * 1_048_576;
const LARGEST_BYTES = 150 * 1_048_576;

const FILE = 'microsoft.graph.fileattachment';
/** Kinds of attachment that Exchange takes and the sandbox does not keep. */
const OTHER_KINDS: ReadonlySet<string> = new Set([
  'microsoft.graph.itemattachment',
  'microsoft.graph.referenceattachment',
]);

const fileBody: BodyType = {
  name: 'microsoft.graph.fileAttachment',
  readOnly: new Set(['id', 'lastModifiedDateTime']),
};
const fileSchema = z.strictObject({
  name: z.string(),
  contentType: z.string().nullish(),
  contentBytes: z.string(),
  contentId: z.string().nullish(),
  contentLocation: z.string().nullish(),
  isInline: z.boolean().nullish(),
  // clients send it along; Exchange counts for itself
  size: z.number().nullish(),
});

const itemBody: BodyType = { name: 'microsoft.graph.attachmentItem', readOnly: new Set() };
export const uploadItemSchema = z.strictObject({
  attachmentType: z
    .string()
    .transform((type) => type.toLowerCase())
    .pipe(z.enum(['file', 'item', 'reference'])),
  name: z.string().min(1),
  size: z.number().int().min(0),
  contentType: z.string().nullish(),
  contentId: z.string().nullish(),
  isInline: z.boolean().nullish(),
});

export type UploadItem = z.infer<typeof uploadItemSchema>;

/**
 * A file attachment with its content.
 * @throws {GraphError} 422 UnprocessableType where `@odata.type` is missing, 400 for everything else
 */
export function attachmentFromInput(input: unknown): NewAttachment {
  checkKind(input);
  const parsed = parsedBody(fileSchema, input);
  if (!parsed.success) throw bodyFault(parsed.error, input, fileBody);
  const { name, contentType, contentBytes, isInline, contentId } = parsed.data;
  if (contentBytes.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(contentBytes)) throw errors.undeserializable();
  return {
    name,
    contentType: contentType || 'application/octet-stream',
    content: Buffer.from(contentBytes, 'base64'),
    isInline: isInline ?? false,
    contentId: contentId ?? null,
  };
}

function checkKind(input: unknown): void {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw errors.requestBody(
      "An unexpected node was found when reading from the JSON reader. A 'StartObject' node was expected.",
    );
  }
  const type = '@odata.type' in input ? String(input['@odata.type']).replace(/^#/, '').toLowerCase() : undefined;
  if (type === undefined) {
    throw new GraphError(
      422,
      'UnprocessableType',
      "Cannot determine the type of the attachment: '@odata.type' is missing.",
    );
  }
  if (OTHER_KINDS.has(type)) {
    throw errors.badRequest('The sandbox keeps file attachments only, no items and no references.');
  }
  if (type !== FILE) {
    throw errors.requestBody(
      `A type named '${type.slice(0, 100)}' could not be resolved by the model. When a model is available, each type name must resolve to a valid type.`,
    );
  }
}

/**
 * What an upload session is opened for.
 * @throws {GraphError} 400, below 3 MB and above 150 MB too
 */
export function uploadItemFromInput(input: unknown): UploadItem {
  const found = typeof input === 'object' && input !== null ? itemOf(input) : undefined;
  if (found === undefined) throw errors.requestBody("The parameter 'AttachmentItem' is required.");
  const parsed = parsedBody(uploadItemSchema, found);
  if (!parsed.success) throw bodyFault(parsed.error, found, itemBody);
  const item = parsed.data;
  if (item.attachmentType !== 'file') {
    throw errors.badRequest('The sandbox keeps file attachments only, no items and no references.');
  }
  if (item.size < SESSION_BYTES) {
    throw new GraphError(
      400,
      'ErrorAttachmentSizeShouldNotBeLessThanMinimumSize',
      'Attachment size should be greater than the minimum size.',
    );
  }
  if (item.size > LARGEST_BYTES) {
    throw new GraphError(400, 'ErrorAttachmentSizeLimitExceeded', 'The attachment exceeds the maximum supported size.');
  }
  return item;
}

/** Graph takes the parameter's name in any case. */
function itemOf(input: object): unknown {
  return Object.entries(input).find(([name]) => name.toLowerCase() === 'attachmentitem')?.[1];
}
