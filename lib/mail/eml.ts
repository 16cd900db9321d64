/** A planned message as an EML file (RFC 5322, MIME), streamed: no attachment is ever whole in memory. */
import { Readable } from 'node:stream';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import type { PlannedAttachment } from './attachments.ts';
import type { MessagePlan } from './plan.ts';

/** The bytes of an attachment that has none of its own in the plan. Asked for when their turn comes. */
export type BytesOf = (attachment: PlannedAttachment) => AsyncIterable<Uint8Array>;

/** The message with all its attachments. The stream breaks where an attachment's bytes do. */
export function emlOfPlan({ message, attachments }: MessagePlan, bytesOf: BytesOf): Readable {
  const { body, from, to, headers } = message;
  const opened: Readable[] = [];
  const streamOf = (attachment: PlannedAttachment): Readable => {
    const stream = Readable.from(bytesOf(attachment));
    opened.push(stream);
    return stream;
  };
  const eml = compose({
    from: { name: from.name, address: from.address },
    to: to.map(({ name, address }) => ({ name, address })),
    subject: message.subject,
    date: message.sentAt,
    messageId: message.internetMessageId,
    inReplyTo: message.conversationRoot,
    references: message.conversationRoot,
    headers: headers.map(({ name, value }) => ({ key: name, value })),
    ...(body.contentType === 'html' ? { html: body.content } : { text: body.content }),
    attachments: attachments.map((attachment) => ({
      filename: attachment.name,
      contentType: attachment.contentType,
      contentTransferEncoding: 'base64',
      contentDisposition: attachment.contentId === null ? 'attachment' : 'inline',
      ...(attachment.contentId === null ? {} : { cid: attachment.contentId }),
      content: attachment.content === null ? streamOf(attachment) : Buffer.from(attachment.content),
    })),
  });
  // A reader meets it as well. Where there is none any more, it must not end the process.
  eml.on('error', () => {});
  // Whoever stops reading lets go of what is read from, too.
  eml.once('close', () => {
    for (const stream of opened) stream.destroy();
  });
  return eml;
}

export interface RawItem {
  readonly sourceItemId: string;
  /** as the source gave it, in JSON */
  readonly json: Buffer;
  readonly archivedAt: Date;
  /** of the addresses in it: `mobile.invalid` */
  readonly unmappedDomain: string;
}

/** An item that cannot be understood, and so has no message: what the source gave is attached. */
export function emlOfRawItem({ sourceItemId, json, archivedAt, unmappedDomain }: RawItem): Readable {
  return compose({
    from: { name: 'Data connectors', address: `archive@${unmappedDomain}` },
    subject: `Item that cannot be read: ${sourceItemId}`,
    date: archivedAt,
    text: 'This item could not be understood, so no message was made of it. What the source sent is attached.',
    attachments: [{ filename: 'item.json', contentType: 'application/json', content: json }],
  });
}

function compose(mail: NonNullable<ConstructorParameters<typeof MailComposer>[0]>): Readable {
  // Content comes from here alone: nothing in a message can make it read a file or an address.
  const composed = new MailComposer({ ...mail, disableFileAccess: true, disableUrlAccess: true });
  return composed.compile().createReadStream();
}
