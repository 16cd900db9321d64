/**
 * Graph's JSON for a message (POST …/mailFolders/{id}/messages), written straight into text: an import renders one for
 * every copy. `receivedDateTime`, `sentDateTime` and `isDraft` are not in it, on purpose: the MAPI properties say the
 * times and that it is no draft, and Graph honours them at creation only.
 */
import type { PlannedAttachment } from './attachments.ts';
import type { MailBody } from './body.ts';
import type { MailHeader } from './headers.ts';
import type { MailParty } from './parties.ts';
import { systemTime } from './times.ts';

export interface MailMessage {
  readonly subject: string;
  readonly body: MailBody;
  readonly from: MailParty;
  readonly to: readonly MailParty[];
  /** both sent and received */
  readonly sentAt: Date;
  readonly messageClass: string;
  readonly internetMessageId: string;
  readonly conversationRoot: string;
  readonly itemProperty: { readonly id: string; readonly value: string };
  readonly headers: readonly MailHeader[];
}

/** An attachment's bytes are not those that were planned. */
export class AttachmentBytesError extends Error {
  override name = 'AttachmentBytesError';
  readonly attachmentId: string;
  constructor(attachmentId: string, planned: number, given: number | undefined) {
    super(`Attachment ${attachmentId} was planned with ${planned} bytes, and ${given ?? 'none'} were given`);
    this.attachmentId = attachmentId;
  }
}

/** The message without its closing brace, so that attachments can follow. */
export function messageJson(message: MailMessage): string {
  const time = systemTime(message.sentAt);
  const from = recipientJson(message.from);
  const root = JSON.stringify(message.conversationRoot);
  return (
    `{"subject":${JSON.stringify(message.subject)}` +
    `,"body":{"contentType":"${message.body.contentType}","content":${JSON.stringify(message.body.content)}}` +
    `,"from":${from},"sender":${from}` +
    `,"toRecipients":[${message.to.map(recipientJson).join(',')}]` +
    `,"isRead":true` +
    `,"internetMessageId":${JSON.stringify(message.internetMessageId)}` +
    `,"internetMessageHeaders":[${message.headers.map(headerJson).join(',')}]` +
    `,"singleValueExtendedProperties":[` +
    // PidTagMessageFlags: read, and mfUnsent (8) clear, which makes it a message and no draft.
    `{"id":"Integer 0x0E07","value":"1"}` +
    // PidTagClientSubmitTime and PidTagMessageDeliveryTime
    `,{"id":"SystemTime 0x0039","value":"${time}"},{"id":"SystemTime 0x0E06","value":"${time}"}` +
    // PidTagMessageClass
    `,{"id":"String 0x001A","value":${JSON.stringify(message.messageClass)}}` +
    // PidTagInternetReferences and PidTagInReplyToId
    `,{"id":"String 0x1039","value":${root}},{"id":"String 0x1042","value":${root}}` +
    `,${propertyJson(message.itemProperty)}]`
  );
}

/**
 * One attachment, for the create's list or for POST …/attachments.
 *
 * @throws AttachmentBytesError
 */
export function attachmentJson(attachment: PlannedAttachment, bytes: Uint8Array | undefined): string {
  if (bytes === undefined || bytes.length !== attachment.size) {
    throw new AttachmentBytesError(attachment.id, attachment.size, bytes?.length);
  }
  const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  const inline =
    attachment.contentId === null ? '' : `,"isInline":true,"contentId":${JSON.stringify(attachment.contentId)}`;
  return (
    `{"@odata.type":"#microsoft.graph.fileAttachment","name":${JSON.stringify(attachment.name)}` +
    `,"contentType":${JSON.stringify(attachment.contentType)}${inline},"contentBytes":"${base64}"}`
  );
}

/** The body of POST …/attachments/createUploadSession. */
export function uploadSessionJson({ name, contentType, size }: PlannedAttachment): string {
  return `{"AttachmentItem":${JSON.stringify({ attachmentType: 'file', name, size, contentType })}}`;
}

function recipientJson({ name, address }: MailParty): string {
  return `{"emailAddress":{"name":${JSON.stringify(name)},"address":${JSON.stringify(address)}}}`;
}

function headerJson({ name, value }: MailHeader): string {
  return `{"name":"${name}","value":${JSON.stringify(value)}}`;
}

function propertyJson({ id, value }: { readonly id: string; readonly value: string }): string {
  return `{"id":${JSON.stringify(id)},"value":${JSON.stringify(value)}}`;
}
