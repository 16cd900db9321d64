/** What a client may send to create or change a message, checked as Exchange checks it. */
import { z } from 'zod';
import type { Person } from '../world/people.ts';
import { attachmentFromInput } from './attachment-input.ts';
import { errors, GraphError } from './errors.ts';
import {
  CLIENT_SUBMIT_TIME,
  canonicalPropertyId,
  MESSAGE_DELIVERY_TIME,
  MESSAGE_FLAGS,
  propertyValue,
  READ,
  UNSENT,
} from './extended-properties.ts';
import type { NewMessage } from './mailbox-store.ts';
import type { Party } from './rows.ts';

const recipient = z.strictObject({
  emailAddress: z.strictObject({ name: z.string().nullish(), address: z.string().nullish() }),
});
const recipients = z.array(recipient);

const common = {
  '@odata.type': z.literal('#microsoft.graph.message').optional(),
  '@odata.etag': z.string().optional(),
  categories: z.array(z.string()).optional(),
  importance: z.enum(['low', 'normal', 'high']).optional(),
  isRead: z.boolean().optional(),
  singleValueExtendedProperties: z.array(z.strictObject({ id: z.string(), value: z.string() })).optional(),
};

const createSchema = z.strictObject({
  ...common,
  subject: z.string().nullish(),
  body: z.strictObject({ contentType: z.string().optional(), content: z.string().nullish() }).nullish(),
  from: recipient.nullish(),
  sender: recipient.nullish(),
  toRecipients: recipients.optional(),
  ccRecipients: recipients.optional(),
  bccRecipients: recipients.optional(),
  replyTo: recipients.optional(),
  internetMessageId: z.string().nullish(),
  internetMessageHeaders: z.array(z.strictObject({ name: z.string(), value: z.string() })).optional(),
  attachments: z.array(z.unknown()).optional(),
});

const patchSchema = z.strictObject(common);

/** Properties that exist on a message and that nobody can set. */
const READ_ONLY: ReadonlySet<string> = new Set([
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
]);

export type MessagePatch = z.infer<typeof patchSchema>;

interface Surroundings {
  readonly mailbox: number;
  readonly folder: number;
  readonly now: number;
  /** finds the person of this organization who has the address */
  readonly directory: (address: string) => Person | undefined;
  /** what stands in for a missing internetMessageId */
  readonly newInternetMessageId: () => string;
}

/**
 * The message that a POST creates. Flags and times come from the MAPI properties; without them it is a draft of now.
 * @throws {GraphError}
 */
export function messageFromInput(input: unknown, around: Surroundings): NewMessage {
  const value = parse(createSchema, input);
  const properties = new Map<string, string>();
  for (const property of value.singleValueExtendedProperties ?? []) {
    const id = canonicalPropertyId(property.id);
    properties.set(id, propertyValue(id, property.value));
  }
  const flags = properties.get(MESSAGE_FLAGS);
  const time = (id: string): number => Date.parse(properties.get(id) ?? '') || Math.floor(around.now / 1_000) * 1_000;
  const [received, sent] = [time(MESSAGE_DELIVERY_TIME), time(CLIENT_SUBMIT_TIME)];
  for (const id of [MESSAGE_FLAGS, MESSAGE_DELIVERY_TIME, CLIENT_SUBMIT_TIME]) properties.delete(id);

  const party = (one: z.infer<typeof recipient>): Party => toParty(one, around.directory);
  const from = value.from ? party(value.from) : null;
  const sender = value.sender ? party(value.sender) : from;
  return {
    mailbox: around.mailbox,
    folder: around.folder,
    received,
    sent,
    created: around.now,
    internetMessageId: value.internetMessageId ?? around.newInternetMessageId(),
    isDraft: flags === undefined || (Number(flags) & UNSENT) !== 0,
    isRead: value.isRead ?? (flags === undefined || (Number(flags) & READ) !== 0),
    bodyType: bodyType(value.body?.contentType),
    body: value.body?.content ?? '',
    fields: {
      subject: value.subject ?? '',
      from: from ?? sender,
      sender,
      to: (value.toRecipients ?? []).map(party),
      cc: (value.ccRecipients ?? []).map(party),
      bcc: (value.bccRecipients ?? []).map(party),
      replyTo: (value.replyTo ?? []).map(party),
      importance: value.importance ?? 'normal',
      categories: value.categories ?? [],
      headers: checkedHeaders(value.internetMessageHeaders),
      properties: [...properties].map(([id, text]) => ({ id, value: text })),
    },
    attachments: (value.attachments ?? []).map(attachmentFromInput),
  };
}

/**
 * What a PATCH changes. Message flags and times in it are accepted and have no effect, as in Exchange.
 * @throws {GraphError}
 */
export function patchFromInput(input: unknown): MessagePatch {
  const patch = parse(patchSchema, input);
  const fixed: ReadonlySet<string> = new Set([MESSAGE_FLAGS, MESSAGE_DELIVERY_TIME, CLIENT_SUBMIT_TIME]);
  const properties = patch.singleValueExtendedProperties
    ?.map((property) => ({ id: canonicalPropertyId(property.id), value: property.value }))
    .filter((property) => !fixed.has(property.id));
  return { ...patch, ...(properties && { singleValueExtendedProperties: properties }) };
}

/** zod's finding as the answer that Graph gives to the same fault. */
function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (issue?.code === 'unrecognized_keys') {
    const name = issue.keys[0] ?? '';
    if (issue.path.length === 0 && READ_ONLY.has(name)) throw errors.invalidPropertySet(name);
    throw errors.unknownProperty(name, 'Microsoft.OutlookServices.Message');
  }
  throw errors.requestBody(`Cannot read '${issue?.path.join('/') ?? 'the body'}': ${issue?.message ?? 'invalid'}.`);
}

function toParty(one: z.infer<typeof recipient>, directory: Surroundings['directory']): Party {
  const address = one.emailAddress.address ?? '';
  if (!/^[^\s@<>()",;:\\]+@[^\s@<>()",;:\\.]+(\.[^\s@<>()",;:\\.]+)*$/u.test(address)) {
    throw new GraphError(
      400,
      'ErrorInvalidRecipients',
      `At least one recipient is not valid: '${address}' is no address.`,
    );
  }
  return { name: directory(address)?.displayName ?? one.emailAddress.name ?? address, address };
}

function bodyType(value: string | undefined): 'text' | 'html' {
  const type = value?.toLowerCase() ?? 'text';
  if (type === 'text' || type === 'html') return type;
  throw errors.requestBody(
    `Cannot convert the literal '${value}' to the expected type 'Microsoft.OutlookServices.BodyType'.`,
  );
}

function checkedHeaders(
  headers: readonly { name: string; value: string }[] | undefined,
): { name: string; value: string }[] {
  if (headers === undefined) return [];
  if (headers.length === 0 || headers.length > 5) {
    throw new GraphError(
      400,
      'InvalidInternetMessageHeaderCollection',
      headers.length === 0
        ? 'The internet message header collection is empty.'
        : 'Maximum number of headers in one message should be less than or equal to 5.',
    );
  }
  for (const { name, value } of headers) {
    if (!/^x-[\x21-\x39\x3b-\x7e]+$/i.test(name)) {
      throw new GraphError(
        400,
        'InvalidInternetMessageHeader',
        `The internet message header name '${name}' should start with 'x-' or 'X-'.`,
      );
    }
    if (value.length > 995 || /[\r\n]/.test(value)) {
      throw new GraphError(
        400,
        'InvalidInternetMessageHeader',
        `The value of the internet message header '${name}' is too long or malformed.`,
      );
    }
  }
  return [...headers];
}
