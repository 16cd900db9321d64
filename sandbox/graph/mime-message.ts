/** A message from MIME, which Exchange makes a draft of, whatever it says: dates and receipt lines do not count. */
import PostalMime, { type Address, type Email } from 'postal-mime';
import { errors, GraphError } from './errors.ts';
import { canonicalPropertyId } from './extended-properties.ts';
import { messageFromInput, type Surroundings } from './message-input.ts';
import type { NewAttachment, NewMessage } from './new-message.ts';
import type { MimeContent } from './request-body.ts';

const IN_REPLY_TO = canonicalPropertyId('String 0x1042');
const REFERENCES = canonicalPropertyId('String 0x1039');

/**
 * The draft that a MIME body creates.
 * @throws {GraphError} 400 ErrorMimeContentInvalidBase64String for what is no base64, ErrorMimeContentInvalid for
 *   what is no MIME, ErrorInvalidRecipients
 */
export async function messageFromMime(content: MimeContent, around: Surroundings): Promise<NewMessage> {
  const email = await parsed(decoded(content.base64));
  const message = messageFromInput(
    {
      subject: email.subject ?? '',
      body:
        email.html === undefined
          ? { contentType: 'text', content: email.text ?? '' }
          : { contentType: 'html', content: email.html },
      ...(email.messageId && { internetMessageId: email.messageId }),
      ...one('from', email.from),
      ...one('sender', email.sender),
      toRecipients: recipients(email.to),
      ccRecipients: recipients(email.cc),
      bccRecipients: recipients(email.bcc),
      replyTo: recipients(email.replyTo),
      ...importance(email),
      singleValueExtendedProperties: [
        ...(email.inReplyTo ? [{ id: IN_REPLY_TO, value: email.inReplyTo }] : []),
        ...(email.references ? [{ id: REFERENCES, value: email.references }] : []),
      ],
    },
    around,
  );
  const headers = email.headers.filter(({ key }) => key.startsWith('x-'));
  return {
    ...message,
    fields: { ...message.fields, headers: headers.map(({ originalKey, value }) => ({ name: originalKey, value })) },
    attachments: email.attachments.map(attachment),
  };
}

/** White space between the characters is let through, as .NET's decoder does. */
function decoded(base64: string): Uint8Array {
  const text = base64.replace(/[ \t\r\n]/g, '');
  if (text === '' || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    throw new GraphError(400, 'ErrorMimeContentInvalidBase64String', 'Invalid base64 string for MIME content.');
  }
  return Buffer.from(text, 'base64');
}

async function parsed(bytes: Uint8Array): Promise<Email> {
  try {
    return await PostalMime.parse(bytes, { forceRfc822Attachments: true, attachmentEncoding: 'arraybuffer' });
  } catch {
    // nested or headed beyond all measure, which is all that the parser refuses
    throw new GraphError(400, 'ErrorMimeContentInvalid', 'The MIME content is invalid.');
  }
}

function one(name: 'from' | 'sender', address: Address | undefined): object {
  const [party] = recipients(address && [address]);
  return party ? { [name]: party } : {};
}

/** Groups are dissolved; what has no address is left out. */
function recipients(addresses: readonly Address[] = []): { emailAddress: { name: string; address: string } }[] {
  return addresses
    .flatMap((entry) => entry.group ?? [entry])
    .filter(({ address }) => address)
    .map(({ name, address }) => ({ emailAddress: { name: name || address, address } }));
}

function importance(email: Email): object {
  const value = email.headers
    .find(({ key }) => key === 'importance')
    ?.value.trim()
    .toLowerCase();
  return value === 'high' || value === 'low' ? { importance: value } : {};
}

function attachment(part: Email['attachments'][number]): NewAttachment {
  if (typeof part.content === 'string') throw errors.undeserializable();
  return {
    name: part.filename ?? 'attachment',
    contentType: part.mimeType || 'application/octet-stream',
    content: new Uint8Array(part.content),
    isInline: part.disposition === 'inline' || part.related === true,
    contentId: part.contentId?.replace(/^<|>$/g, '') ?? null,
  };
}
