/** Rows of the mailbox tables as typed values; zod guards the JSON column, since a state folder outlives the code. */
import { z } from 'zod';

const partySchema = z.object({ name: z.string(), address: z.string() });

const timeSchema = z.object({ dateTime: z.string(), timeZone: z.string() }).optional();
const flagSchema = z.object({
  flagStatus: z.enum(['notFlagged', 'complete', 'flagged']),
  startDateTime: timeSchema,
  dueDateTime: timeSchema,
  completedDateTime: timeSchema,
});

const fieldsSchema = z.object({
  subject: z.string(),
  from: partySchema.nullable(),
  sender: partySchema.nullable(),
  to: z.array(partySchema),
  cc: z.array(partySchema),
  bcc: z.array(partySchema),
  replyTo: z.array(partySchema),
  importance: z.enum(['low', 'normal', 'high']),
  categories: z.array(z.string()),
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
  /** MAPI properties in Graph's notation, those left out that other columns hold */
  properties: z.array(z.object({ id: z.string(), value: z.string() })),
  multiValues: z.array(z.object({ id: z.string(), value: z.array(z.string()) })).optional(),
  flag: flagSchema.optional(),
  inferenceClassification: z.enum(['focused', 'other']).optional(),
  isDeliveryReceiptRequested: z.boolean().optional(),
  isReadReceiptRequested: z.boolean().optional(),
});

export type Party = z.infer<typeof partySchema>;
export type MessageFields = z.infer<typeof fieldsSchema>;

export interface FolderRow {
  readonly seq: number;
  readonly parent: number | null;
  readonly displayName: string;
  readonly wellKnown: string | null;
  readonly hidden: boolean;
}

export interface FolderCounts {
  readonly totalItemCount: number;
  readonly unreadItemCount: number;
  readonly childFolderCount: number;
}

export interface MessageRow {
  readonly seq: number;
  readonly folder: number;
  /** epoch milliseconds */
  readonly received: number;
  readonly sent: number;
  readonly created: number;
  readonly modified: number;
  readonly internetMessageId: string;
  readonly isDraft: boolean;
  readonly isRead: boolean;
  readonly size: number;
  /** those that are not inline */
  readonly attachments: number;
  readonly bodyType: 'text' | 'html';
  readonly body: string | null;
  readonly bodySha256: string;
  readonly fields: MessageFields;
}

export interface AttachmentRow {
  readonly seq: number;
  readonly name: string;
  readonly contentType: string;
  readonly size: number;
  readonly isInline: boolean;
  readonly contentId: string | null;
  readonly modified: number;
  readonly content: Uint8Array | null;
  readonly sha256: string;
}

type Row = Readonly<Record<string, unknown>>;

export function folderRow(row: Row): FolderRow {
  return {
    seq: number(row.seq),
    parent: row.parent === null ? null : number(row.parent),
    displayName: text(row.display_name),
    wellKnown: optionalText(row.well_known),
    hidden: row.hidden === 1,
  };
}

export function folderCounts(row: Row): FolderCounts {
  return {
    totalItemCount: number(row.total),
    unreadItemCount: number(row.unread),
    childFolderCount: number(row.children),
  };
}

/** The JSON of a message is read when it is asked for: most searches look at columns alone. */
export function messageRow(row: Row): MessageRow {
  let fields: MessageFields | undefined;
  return {
    seq: number(row.seq),
    folder: number(row.folder),
    received: number(row.received),
    sent: number(row.sent),
    created: number(row.created),
    modified: number(row.modified),
    internetMessageId: text(row.internet_message_id),
    isDraft: row.is_draft === 1,
    isRead: row.is_read === 1,
    size: number(row.size),
    attachments: number(row.attachments),
    bodyType: row.body_type === 'html' ? 'html' : 'text',
    body: optionalText(row.body),
    bodySha256: text(row.body_sha256),
    get fields() {
      fields ??= fieldsSchema.parse(JSON.parse(text(row.fields)));
      return fields;
    },
  };
}

export function attachmentRow(row: Row): AttachmentRow {
  return {
    seq: number(row.seq),
    name: text(row.name),
    contentType: text(row.content_type),
    size: number(row.size),
    isInline: row.is_inline === 1,
    contentId: optionalText(row.content_id),
    modified: number(row.modified),
    content: row.content instanceof Uint8Array ? row.content : null,
    sha256: text(row.sha256),
  };
}

function number(value: unknown): number {
  if (typeof value !== 'number')
    throw new TypeError(`the sandbox database holds ${typeof value} where a number belongs`);
  return value;
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`the sandbox database holds ${typeof value} where text belongs`);
  return value;
}

function optionalText(value: unknown): string | null {
  return value === null || value === undefined ? null : text(value);
}
