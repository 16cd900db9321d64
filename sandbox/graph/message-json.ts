/** Messages as Graph writes them, property by property, so that a filter reads of a message only what it names. */
import { hash } from 'node:crypto';
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
import { folderId, immutableMessageId, regularMessageId } from './ids.ts';
import type { Json } from './json.ts';
import type { MessageRow, Party } from './rows.ts';

export interface MessageShape {
  readonly immutableIds: boolean;
  /** HTML bodies as text */
  readonly textBodies?: boolean;
}

export interface ShownMessage extends MessageShape {
  /** `@odata.context`, where the message is an answer by itself */
  readonly context?: string | undefined;
  /** the properties that `$select` names; without it the usual ones come */
  readonly select?: readonly string[] | undefined;
}

type Property = (row: MessageRow, shape: MessageShape) => unknown;

/** in the order in which answers have them */
const PROPERTIES: ReadonlyMap<string, Property> = new Map<string, Property>([
  ['@odata.etag', (row) => `W/"${changeKey(row)}"`],
  ['id', idOf],
  ['createdDateTime', (row) => graphTime(row.created)],
  ['lastModifiedDateTime', (row) => graphTime(row.modified)],
  ['changeKey', changeKey],
  ['categories', ({ fields }) => fields.categories],
  ['receivedDateTime', (row) => graphTime(row.received)],
  ['sentDateTime', (row) => graphTime(row.sent)],
  ['hasAttachments', (row) => row.attachments > 0],
  ['internetMessageId', (row) => row.internetMessageId],
  ['subject', ({ fields }) => fields.subject],
  ['bodyPreview', preview],
  ['importance', ({ fields }) => fields.importance],
  ['parentFolderId', (row) => folderId(row.folder)],
  ['conversationId', ({ fields }) => conversationId(fields.subject)],
  ['isDeliveryReceiptRequested', ({ fields }) => fields.isDeliveryReceiptRequested ?? null],
  ['isReadReceiptRequested', ({ fields }) => fields.isReadReceiptRequested ?? false],
  ['isRead', (row) => row.isRead],
  ['isDraft', (row) => row.isDraft],
  ['webLink', webLink],
  ['inferenceClassification', ({ fields }) => fields.inferenceClassification ?? 'focused'],
  ['body', bodyOf],
  ['uniqueBody', bodyOf],
  ['conversationIndex', () => null],
  ['sender', ({ fields }) => recipientJson(fields.sender)],
  ['from', ({ fields }) => recipientJson(fields.from)],
  ['toRecipients', ({ fields }) => fields.to.map(recipientJson)],
  ['ccRecipients', ({ fields }) => fields.cc.map(recipientJson)],
  ['bccRecipients', ({ fields }) => fields.bcc.map(recipientJson)],
  ['replyTo', ({ fields }) => fields.replyTo.map(recipientJson)],
  ['flag', ({ fields }) => fields.flag ?? { flagStatus: 'notFlagged' }],
  ['internetMessageHeaders', ({ fields }) => fields.headers],
]);

/** What is made of the body, and cannot be read of a row without it. */
export const BODY_PROPERTIES: ReadonlySet<string> = new Set(['body', 'bodyPreview', 'uniqueBody']);

/** In answers only where `$select` names them. */
const ON_REQUEST: ReadonlySet<string> = new Set(['internetMessageHeaders', 'conversationIndex', 'uniqueBody']);
const USUAL = [...PROPERTIES].filter(([name]) => !ON_REQUEST.has(name));

/** Has a place for everything: an object that gets so many properties one by one is slow to make and to write out. */
const BLANK: Json = JSON.parse(
  `{"@odata.context":null,${USUAL.map(([name]) => `${JSON.stringify(name)}:null`).join(',')}}`,
);

/** The properties of a message that an answer shows, with the annotations that always come. */
export function messageJson(row: MessageRow, shown: ShownMessage): Record<string, unknown> {
  const json: Record<string, unknown> = shown.select ? {} : { ...BLANK };
  json['@odata.context'] = shown.context;
  for (const [name, read] of shown.select ? chosen(shown.select) : USUAL) json[name] = read(row, shown);
  return json;
}

function chosen(select: readonly string[]): readonly (readonly [string, Property])[] {
  const wanted = new Set([...select.map((name) => name.toLowerCase()), 'id']);
  return [...PROPERTIES].filter(([name]) => name.startsWith('@') || wanted.has(name.toLowerCase()));
}

/** One property of a message, undefined when messages have none of that name. */
export function messageProperty(row: MessageRow, name: string): unknown {
  return PROPERTIES.get(name)?.(row, { immutableIds: true });
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

function changeKey(row: MessageRow): string {
  return Buffer.from(`${row.seq}.${row.modified}`).toString('base64');
}

function idOf(row: MessageRow, { immutableIds }: MessageShape): string {
  return immutableIds ? immutableMessageId(row.seq) : regularMessageId(row.seq, row.folder);
}

function webLink(row: MessageRow, shape: MessageShape): string {
  const id = encodeURIComponent(idOf(row, shape));
  return `https://outlook.office365.com/owa/?ItemID=${id}&exvsurl=1&viewmodel=ReadMessageItem`;
}

function bodyOf(row: MessageRow, { textBodies }: MessageShape): Json {
  return textBodies === true && row.bodyType === 'html'
    ? { contentType: 'text', content: textOf(row.body ?? '').trim() }
    : { contentType: row.bodyType, content: row.body ?? '' };
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
  return `AAQkAG${hash('sha256', topic, 'base64url')}`;
}
