/** Folders, messages and attachments as Graph writes them. */
import { createHash } from 'node:crypto';
import {
  CLIENT_SUBMIT_TIME,
  graphTime,
  MESSAGE_CLASS,
  MESSAGE_DELIVERY_TIME,
  MESSAGE_FLAGS,
  READ,
  UNSENT,
} from './extended-properties.ts';
import { textOf } from './html-text.ts';
import { attachmentId, folderId, immutableMessageId, regularMessageId } from './ids.ts';
import type { AttachmentRow, FolderCounts, FolderRow, MessageRow, Party } from './rows.ts';

export type Json = Readonly<Record<string, unknown>>;

/** In answers only where `$select` or `$expand` names them. */
const ON_REQUEST: readonly string[] = ['internetMessageHeaders', 'conversationIndex', 'uniqueBody'];

export function folderJson(folder: FolderRow, counts: FolderCounts): Json {
  return {
    id: folderId(folder.seq),
    displayName: folder.displayName,
    parentFolderId: folder.parent === null ? null : folderId(folder.parent),
    ...counts,
    isHidden: folder.hidden,
  };
}

export interface MessageShape {
  readonly immutableIds: boolean;
  /** HTML bodies as text */
  readonly textBodies?: boolean;
}

/** Every property of a message; `selected` takes those that an answer shows. */
export function messageJson(row: MessageRow, options: MessageShape): Json {
  const { fields } = row;
  const id = options.immutableIds ? immutableMessageId(row.seq) : regularMessageId(row.seq, row.folder);
  const asText = options.textBodies === true && row.bodyType === 'html';
  const body = asText
    ? { contentType: 'text', content: textOf(row.body ?? '').trim() }
    : { contentType: row.bodyType, content: row.body ?? '' };
  const changeKey = Buffer.from(`${row.seq}.${row.modified}`).toString('base64');
  return {
    '@odata.etag': `W/"${changeKey}"`,
    id,
    createdDateTime: graphTime(row.created),
    lastModifiedDateTime: graphTime(row.modified),
    changeKey,
    categories: fields.categories,
    receivedDateTime: graphTime(row.received),
    sentDateTime: graphTime(row.sent),
    hasAttachments: row.attachments > 0,
    internetMessageId: row.internetMessageId,
    subject: fields.subject,
    bodyPreview: preview(row),
    importance: fields.importance,
    parentFolderId: folderId(row.folder),
    conversationId: conversationId(fields.subject),
    isDeliveryReceiptRequested: fields.isDeliveryReceiptRequested ?? null,
    isReadReceiptRequested: fields.isReadReceiptRequested ?? false,
    isRead: row.isRead,
    isDraft: row.isDraft,
    webLink: `https://outlook.office365.com/owa/?ItemID=${encodeURIComponent(id)}&exvsurl=1&viewmodel=ReadMessageItem`,
    inferenceClassification: fields.inferenceClassification ?? 'focused',
    body,
    uniqueBody: body,
    conversationIndex: null,
    sender: recipientJson(fields.sender),
    from: recipientJson(fields.from),
    toRecipients: fields.to.map(recipientJson),
    ccRecipients: fields.cc.map(recipientJson),
    bccRecipients: fields.bcc.map(recipientJson),
    replyTo: fields.replyTo.map(recipientJson),
    flag: fields.flag ?? { flagStatus: 'notFlagged' },
    internetMessageHeaders: fields.headers,
  };
}

/** All extended properties, those included that the store keeps in columns of its own. */
export function extendedProperties(row: MessageRow): readonly { readonly id: string; readonly value: string }[] {
  const own = row.fields.properties;
  return [
    { id: MESSAGE_FLAGS, value: String((row.isRead ? READ : 0) | (row.isDraft ? UNSENT : 0)) },
    { id: CLIENT_SUBMIT_TIME, value: graphTime(row.sent) },
    { id: MESSAGE_DELIVERY_TIME, value: graphTime(row.received) },
    ...(own.some((property) => property.id === MESSAGE_CLASS) ? [] : [{ id: MESSAGE_CLASS, value: 'IPM.Note' }]),
    ...own,
  ];
}

export function attachmentJson(message: number, row: AttachmentRow, content: 'with content' | 'without content'): Json {
  return {
    '@odata.type': '#microsoft.graph.fileAttachment',
    '@odata.mediaContentType': row.contentType,
    id: attachmentId(message, row.seq),
    lastModifiedDateTime: graphTime(row.modified),
    name: row.name,
    contentType: row.contentType,
    size: row.size,
    isInline: row.isInline,
    contentId: row.contentId,
    contentLocation: null,
    ...(content === 'with content' && {
      contentBytes: row.content === null ? null : Buffer.from(row.content).toString('base64'),
    }),
  };
}

/** The properties that `$select` names, with the annotations that always come; without `$select` the usual ones. */
export function selected(json: Json, select: readonly string[] | undefined): Json {
  const wanted = select && new Set([...select.map((name) => name.toLowerCase()), 'id']);
  return Object.fromEntries(
    Object.entries(json).filter(([name]) =>
      wanted ? name.startsWith('@') || wanted.has(name.toLowerCase()) : !ON_REQUEST.includes(name),
    ),
  );
}

function recipientJson(party: Party | null): Json | null {
  return party && { emailAddress: { name: party.name, address: party.address } };
}

/** characters of HTML that a preview is made of: reading all of a long body for each line of a list takes too long */
const PREVIEWED = 20_000;

function preview(row: MessageRow): string {
  const text = row.bodyType === 'html' ? textOf((row.body ?? '').slice(0, PREVIEWED)) : (row.body ?? '');
  return text.slice(0, 2_000).replace(/\s+/g, ' ').trim().slice(0, 255);
}

function conversationId(subject: string): string {
  const topic = subject.replace(/^((re|fw|fwd):\s*)+/i, '');
  return `AAQkAG${createHash('sha256').update(topic).digest('base64url')}`;
}
