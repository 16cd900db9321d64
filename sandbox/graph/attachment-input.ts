/** What a client may send as an attachment: file attachments, whole. */
import { z } from 'zod';
import { errors, GraphError } from './errors.ts';
import type { NewAttachment } from './mailbox-store.ts';

const FILE_ATTACHMENT = '#microsoft.graph.fileAttachment';

const fileSchema = z.object({
  '@odata.type': z.literal(FILE_ATTACHMENT),
  name: z.string(),
  contentType: z.string().nullish(),
  contentBytes: z.string(),
  isInline: z.boolean().nullish(),
  contentId: z.string().nullish(),
});

const itemSchema = z.strictObject({
  AttachmentItem: z.object({
    '@odata.type': z.string().optional(),
    attachmentType: z
      .string()
      .transform((type) => type.toLowerCase())
      .pipe(z.literal('file')),
    name: z.string().min(1),
    size: z.number().int().min(0),
    contentType: z.string().nullish(),
    isInline: z.boolean().nullish(),
    contentId: z.string().nullish(),
  }),
});

export type UploadItem = z.infer<typeof itemSchema>['AttachmentItem'];

/** @throws {GraphError} 422 UnprocessableType where `@odata.type` is missing, 400 for everything else */
export function attachmentFromInput(input: unknown): NewAttachment {
  if (typeof input !== 'object' || input === null) throw errors.requestBody('An attachment must be an object.');
  if (!('@odata.type' in input)) {
    throw new GraphError(
      422,
      'UnprocessableType',
      "Cannot determine the type of the attachment: '@odata.type' is missing.",
    );
  }
  const parsed = fileSchema.safeParse(input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw errors.requestBody(
      `Cannot read '${issue?.path.join('/') ?? 'the attachment'}': ${issue?.message ?? 'invalid'}.`,
    );
  }
  const { name, contentType, contentBytes, isInline, contentId } = parsed.data;
  if (contentBytes.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(contentBytes)) {
    throw errors.requestBody("Cannot convert the value of 'contentBytes' to the expected type 'Edm.Binary'.");
  }
  return {
    name,
    contentType: contentType || 'application/octet-stream',
    content: Buffer.from(contentBytes, 'base64'),
    isInline: isInline ?? false,
    contentId: contentId ?? null,
  };
}

/** @throws {GraphError} 400 */
export function uploadItemFromInput(input: unknown): UploadItem {
  // Graph takes the name in either case
  const renamed =
    typeof input === 'object' && input !== null && 'attachmentItem' in input
      ? { AttachmentItem: input.attachmentItem }
      : input;
  const parsed = itemSchema.safeParse(renamed);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw errors.requestBody(
      `Cannot read '${issue?.path.join('/') ?? 'AttachmentItem'}': ${issue?.message ?? 'invalid'}.`,
    );
  }
  return parsed.data.AttachmentItem;
}
