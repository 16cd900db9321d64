/** A new message from what a client sent, checked as Exchange checks it. */
import { attachmentFromInput } from './attachment-input.ts';
import { bodyFault } from './body-fault.ts';
import {
  CLIENT_SUBMIT_TIME,
  MESSAGE_DELIVERY_TIME,
  MESSAGE_FLAGS,
  multiValues,
  READ,
  singleValues,
  UNSENT,
} from './extended-properties.ts';
import { checkedHeaders } from './internet-headers.ts';
import { marksOf } from './marks.ts';
import { createSchema, messageBody } from './message-schema.ts';
import type { NewMessage } from './new-message.ts';
import { checkType, parsedBody } from './odata/annotations.ts';
import { type Directory, partiesOf } from './parties.ts';

export interface Surroundings {
  readonly mailbox: number;
  readonly folder: number;
  readonly now: number;
  readonly directory: Directory;
  /** what stands in for a missing internetMessageId */
  readonly newInternetMessageId: () => string;
}

/**
 * The message that a POST creates. Flags and times come from the MAPI properties; without them it is a draft of now.
 * @throws {GraphError}
 */
export function messageFromInput(input: unknown, around: Surroundings): NewMessage {
  checkType(input, messageBody.name);
  const parsed = parsedBody(createSchema, input, 'attachments');
  if (!parsed.success) throw bodyFault(parsed.error, input, messageBody);
  const value = parsed.data;
  const properties = singleValues(value.singleValueExtendedProperties);
  const flags = properties.get(MESSAGE_FLAGS);
  const now = Math.floor(around.now / 1_000) * 1_000;
  const time = (id: string): number => Date.parse(properties.get(id) ?? '') || now;
  const [received, sent] = [time(MESSAGE_DELIVERY_TIME), time(CLIENT_SUBMIT_TIME)];
  for (const id of [MESSAGE_FLAGS, MESSAGE_DELIVERY_TIME, CLIENT_SUBMIT_TIME]) properties.delete(id);
  const parties = partiesOf(value, around.directory);
  return {
    mailbox: around.mailbox,
    folder: around.folder,
    received,
    sent,
    created: around.now,
    internetMessageId: value.internetMessageId || around.newInternetMessageId(),
    isDraft: flags === undefined || (Number(flags) & UNSENT) !== 0,
    isRead: value.isRead ?? (flags === undefined || (Number(flags) & READ) !== 0),
    bodyType: value.body?.contentType ?? 'text',
    body: value.body?.content ?? '',
    fields: {
      subject: value.subject ?? '',
      from: parties.from ?? parties.sender ?? null,
      sender: parties.sender ?? parties.from ?? null,
      to: parties.to ?? [],
      cc: parties.cc ?? [],
      bcc: parties.bcc ?? [],
      replyTo: parties.replyTo ?? [],
      importance: value.importance ?? 'normal',
      categories: value.categories ?? [],
      headers: checkedHeaders(value.internetMessageHeaders),
      properties: [...properties].map(([id, text]) => ({ id, value: text })),
      ...marksOf(value),
      ...(value.multiValueExtendedProperties && {
        multiValues: [...multiValues(value.multiValueExtendedProperties)].map(([id, texts]) => ({ id, value: texts })),
      }),
    },
    attachments: (value.attachments ?? []).map(attachmentFromInput),
  };
}
