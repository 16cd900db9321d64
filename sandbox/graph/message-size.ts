/** How much room a message takes in a mailbox, in bytes. */
import type { MessageFields } from './rows.ts';

interface Sized {
  readonly body: string;
  readonly internetMessageId: string;
  readonly fields: MessageFields;
  readonly attachments: readonly { readonly content: Uint8Array }[];
}

/**
 * Body, attachments and everything around them: Exchange counts subject, parties, headers and properties too. Without
 * the overhead of its own records, which is not documented.
 */
export function messageBytes(message: Sized): number {
  const attachments = message.attachments.reduce((sum, one) => sum + one.content.length, 0);
  return attachments + textBytes(message);
}

/** The part of `messageBytes` that is not attachments. */
export function textBytes(message: Omit<Sized, 'attachments'>): number {
  const { subject, from, sender, to, cc, bcc, replyTo, headers, properties } = message.fields;
  let texts = subject;
  for (const one of [from, sender]) if (one) texts += one.name + one.address;
  for (const parties of [to, cc, bcc, replyTo]) for (const { name, address } of parties) texts += name + address;
  for (const { name, value } of headers) texts += name + value;
  for (const { value } of properties) texts += value;
  return Buffer.byteLength(message.body) + Buffer.byteLength(message.internetMessageId) + Buffer.byteLength(texts);
}
