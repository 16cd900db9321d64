/** The JSON of a message as clients may send it. What may be set follows Graph's documentation of create and update. */
import { z } from 'zod';
import type { BodyType } from './body-fault.ts';

const recipient = z.strictObject({
  emailAddress: z.strictObject({ name: z.string().nullish(), address: z.string().nullish() }),
});
const recipients = z.array(recipient).optional();

/** Members of enumerations are taken in any case: the documentation itself writes `Low` and `low`. */
const member = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z
    .string()
    .transform((name) => name.toLowerCase())
    .pipe(z.enum(names));

const dateTime = z.strictObject({ dateTime: z.string(), timeZone: z.string().nullish() }).nullish();

const flag = z.strictObject({
  flagStatus: z
    .string()
    .transform((name) => ['notFlagged', 'complete', 'flagged'].find((one) => one.toLowerCase() === name.toLowerCase()))
    .pipe(z.enum(['notFlagged', 'complete', 'flagged']))
    .nullish(),
  startDateTime: dateTime,
  dueDateTime: dateTime,
  completedDateTime: dateTime,
});

/** Accepted whatever the message is. */
const always = {
  categories: z.array(z.string()).optional(),
  flag: flag.nullish(),
  importance: member(['low', 'normal', 'high']).nullish(),
  inferenceClassification: member(['focused', 'other']).nullish(),
  isDeliveryReceiptRequested: z.boolean().nullish(),
  isRead: z.boolean().nullish(),
  isReadReceiptRequested: z.boolean().nullish(),
  multiValueExtendedProperties: z.array(z.strictObject({ id: z.string(), value: z.array(z.string()) })).optional(),
  singleValueExtendedProperties: z.array(z.strictObject({ id: z.string(), value: z.string().nullish() })).optional(),
};

/** Fixed once a message is no draft any more. */
const draft = {
  bccRecipients: recipients,
  body: z.strictObject({ contentType: member(['text', 'html']).nullish(), content: z.string().nullish() }).nullish(),
  ccRecipients: recipients,
  from: recipient.nullish(),
  internetMessageId: z.string().nullish(),
  replyTo: recipients,
  sender: recipient.nullish(),
  subject: z.string().nullish(),
  toRecipients: recipients,
};

export const createSchema = z.strictObject({
  ...always,
  ...draft,
  attachments: z.array(z.unknown()).optional(),
  internetMessageHeaders: z.array(z.strictObject({ name: z.string(), value: z.string() })).optional(),
});
export const patchSchema = z.strictObject({ ...always, ...draft });
export const draftProperties: ReadonlySet<string> = new Set(Object.keys(draft));

export type RecipientInput = z.infer<typeof recipient>;
export type PatchInput = z.infer<typeof patchSchema>;

/** Properties that exist on a message and that nobody can set. */
export const messageBody: BodyType = {
  name: 'microsoft.graph.message',
  readOnly: new Set([
    'id',
    'createdDateTime',
    'lastModifiedDateTime',
    'changeKey',
    'receivedDateTime',
    'sentDateTime',
    'hasAttachments',
    'parentFolderId',
    'conversationId',
    'bodyPreview',
    'isDraft',
    'webLink',
    'uniqueBody',
    'conversationIndex',
  ]),
};
/** What a PATCH cannot carry: attachments have routes of their own, and headers are written with the message. */
export const messagePatchBody: BodyType = {
  name: messageBody.name,
  readOnly: new Set([...messageBody.readOnly, 'attachments', 'internetMessageHeaders']),
};
