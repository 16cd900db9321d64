/**
 * Mail: one item of mobile communication as one mail message. Pure: the same item, mailboxes and catalogue facts give
 * the same message, to the byte.
 *
 * `planMessage` decides everything, once for all mailboxes that get a copy; `renderCreate` adds the bytes of the small
 * attachments. Who gets a copy is decided in `mapping/`, sending it is done in `mailbox/`.
 */
import type { Item } from '#lib/archive/item.ts';
import { messageTime } from '#lib/archive/times.ts';
import { AttachmentNames } from './attachment-names.ts';
import {
  type AttachmentContent,
  CREATE_LIMIT_BYTES,
  generatedText,
  isShownImage,
  jsonBytes,
  type MissingAttachment,
  type NamedAttachment,
  nameAttachments,
  type PlannedAttachment,
  routeAttachments,
} from './attachments.ts';
import { type BodyParts, fitText, htmlBody, type InlineImage, type MailBody, SHORT_TEXT, textBody } from './body.ts';
import { callLines } from './call.ts';
import { contentHash } from './content-hash.ts';
import { attachmentJson, type MailMessage, messageJson } from './graph-json.ts';
import { mailHeaders } from './headers.ts';
import {
  conversationKey,
  conversationRoot,
  type ItemIdProperty,
  type ItemScope,
  internetMessageId,
  itemPropertyId,
  itemPropertyValue,
} from './identity.ts';
import { cleanLine } from './line.ts';
import { type KnownMailbox, type MailParty, mailParty, type Parties, recipientsOf } from './parties.ts';
import { subjectOf } from './subject.ts';

/** What the catalogue of connector kinds says about mail. */
export interface MailFacts {
  /** such as `IPM.ExternalData.AndroidArchiver` */
  readonly messageClass: string;
  readonly itemIdProperty: ItemIdProperty;
}

export interface MailInput {
  readonly item: Item;
  readonly scope: ItemScope;
  readonly facts: MailFacts;
  /** of the item's parties, by `Party.mobile` exactly as the item has it */
  readonly mailboxes: ReadonlyMap<string, KnownMailbox>;
  /** by the source's attachment id. What is not in it counts as missing */
  readonly contents: ReadonlyMap<string, AttachmentContent>;
  /** for addresses of parties without a mailbox and for message ids: `mobile.invalid` */
  readonly unmappedDomain: string;
  /** further sentences for the reader, a line each */
  readonly notes?: readonly string[];
  /** what of the item was not as agreed, and the item as the source gave it, which is then attached */
  readonly mended?: { readonly fields: readonly string[]; readonly original: string } | undefined;
  /** true where the create is to hold no attachment: each is added by itself then, so that one can be refused alone */
  readonly bare?: boolean;
}

export interface MessagePlan {
  readonly message: MailMessage;
  /** in the item's order, then the archive's own files. Names are distinct, in any case of letters */
  readonly attachments: readonly PlannedAttachment[];
  readonly missing: readonly MissingAttachment[];
  readonly contentHash: string;
  /** what it is where the mailbox has other attachments in the end than were planned */
  readonly contentHashOf: (there: readonly Pick<PlannedAttachment, 'name' | 'sha256'>[]) => string;
  /** length of the create's JSON, an upper bound within a few hundred bytes an attachment */
  readonly createBytes: number;
  /** the create without attachments and closing brace */
  readonly json: string;
}

/** More do not fit into a create in every case; Exchange's own limit is 500 as it comes. The rest is in a file. */
const RECIPIENTS_SHOWN = 500;
const NOTE_LIMIT = 1000;
const NOTES_SHOWN = 100;
const FIELDS_SHOWN = 20;

/** Everything about the copy but its attachments' bytes. Every item that the schema takes has a plan. */
export function planMessage(input: MailInput): MessagePlan {
  const { item, scope, facts, unmappedDomain } = input;
  const parties: Parties = input;
  const names = new AttachmentNames();
  const { present, missing } = nameAttachments(item.attachments, input.contents, names);
  const recipients = recipientsOf(item, parties);
  const to = recipients.length > RECIPIENTS_SHOWN ? recipients.slice(0, RECIPIENTS_SHOWN) : recipients;
  const { sentAt, impossible } = messageTime(item);
  const text = fitText(item.text ?? '');

  const recipientsFile = to === recipients ? null : generatedText('recipients.txt', recipientLines(recipients), names);
  const showImages = present.some(isShownImage);
  const textFile =
    text.cut || (showImages && text.text !== '') ? generatedText('message.txt', item.text ?? '', names) : null;
  const { mended } = input;
  const originalFile = mended ? generatedText('original-item.json', mended.original, names, 'application/json') : null;
  const named = [present, recipientsFile ?? [], textFile ?? [], originalFile ?? []].flat();

  const notes: string[] = [];
  if (item.type === 'deletedMessage') notes.push('This message was deleted on the phone.');
  if (item.subject) notes.push(`Subject: ${item.subject}`);
  if (impossible) {
    notes.push(
      `The phone gave an impossible time (${item.messageTime}). The time shown is when it reached the archive.`,
    );
  }
  if (text.replaced) notes.push('Characters that mail cannot carry were replaced by \ufffd.');
  if (text.cut && textFile) {
    notes.push(
      `This is the beginning of the text, ${SHORT_TEXT} characters. The whole is attached as ${textFile.name}.`,
    );
  }
  if (recipientsFile) {
    notes.push(
      `Sent to ${recipients.length} recipients, of which ${to.length} are shown. All are in ${recipientsFile.name}.`,
    );
  }
  if (mended && originalFile) {
    const fields = mended.fields.slice(0, FIELDS_SHOWN).join(', ');
    const more = mended.fields.length > FIELDS_SHOWN ? ` and ${mended.fields.length - FIELDS_SHOWN} more` : '';
    notes.push(
      `Not understood, and so not shown here: ${fields}${more}. The item as it came is attached as ${originalFile.name}.`,
    );
  }
  notes.push(...(input.notes ?? []), ...missing.map(missingNote));
  const unsaid = notes.length - NOTES_SHOWN;
  if (unsaid > 0) notes.splice(NOTES_SHOWN, unsaid, `And ${unsaid} more of these.`);
  const parts: BodyParts = {
    lead: callLines(item, parties),
    text: text.text,
    notes: notes.map((note) => cleanLine(note, NOTE_LIMIT)).filter((note) => note !== ''),
  };

  const conversation = conversationKey(item);
  const frame = {
    subject: subjectOf(item, parties),
    from: mailParty(item.sender, parties),
    to,
    sentAt,
    messageClass: facts.messageClass,
    internetMessageId: internetMessageId(scope, item.id, unmappedDomain),
    conversationRoot: conversationRoot(scope, conversation, unmappedDomain),
    itemProperty: { id: itemPropertyId(facts.itemIdProperty), value: itemPropertyValue(scope, item.id) },
  };
  const { body, attachments } =
    named.length === 0
      ? { body: textBody(parts), attachments: [] }
      : lay(parts, named, showImages, frame.to, input.bare === true);
  const contentHashOf: MessagePlan['contentHashOf'] = (there) =>
    contentHash({
      internetMessageId: frame.internetMessageId,
      subject: frame.subject,
      fromAddress: frame.from.address,
      toAddresses: to.map(({ address }) => address),
      sentAt,
      text: body.contentType === 'text' ? body.content : null,
      attachments: there,
    });
  const hash = contentHashOf(attachments);
  const headers = mailHeaders({
    itemId: item.id,
    type: item.type,
    direction: item.direction,
    conversation: item.conversationId || frame.conversationRoot.slice(1, -1),
    contentHash: hash,
  });
  const message: MailMessage = { ...frame, body, headers };
  const json = messageJson(message);
  const inCreate = attachments.filter(({ route }) => route === 'create');
  const createBytes = Buffer.byteLength(json) + inCreate.reduce((sum, one) => sum + jsonBytes(one), 20);
  return { message, attachments, missing, contentHash: hash, contentHashOf, createBytes, json };
}

/**
 * The JSON for the create.
 *
 * @param bytes by attachment id, for those of route `create` that have no `content` of their own
 * @throws AttachmentBytesError when one is missing or has another length than planned
 */
export function renderCreate(
  plan: Pick<MessagePlan, 'attachments' | 'json'>,
  bytes: ReadonlyMap<string, Uint8Array>,
): string {
  const inCreate = plan.attachments.filter(({ route }) => route === 'create');
  if (inCreate.length === 0) return `${plan.json}}`;
  const list = inCreate.map((attachment) => attachmentJson(attachment, attachment.content ?? bytes.get(attachment.id)));
  return `${plan.json},"attachments":[${list.join(',')}]}`;
}

/** Body and attachments depend on each other: HTML where an image found room, and the room is what the body leaves. */
function lay(
  parts: BodyParts,
  named: readonly NamedAttachment[],
  showImages: boolean,
  to: readonly MailParty[],
  bare: boolean,
): { body: MailBody; attachments: PlannedAttachment[] } {
  const plain = textBody(parts);
  const taken = Math.max(jsonLength(plain.content), showImages ? jsonLength(htmlBody(parts, []).content) : 0);
  // Besides the body only recipients vary much; 16 KiB hold the longest subject, ids and headers.
  const room = bare ? 0 : CREATE_LIMIT_BYTES - taken - jsonLength(to) - to.length * 40 - 16 * 1024;
  const attachments = routeAttachments(named, room, showImages);
  const images = attachments.flatMap(({ contentId, name }): InlineImage[] =>
    contentId === null ? [] : [{ contentId, name }],
  );
  return { body: images.length === 0 ? plain : htmlBody(parts, images), attachments };
}

function jsonLength(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function missingNote({ name, contentType, size, reason }: MissingAttachment): string {
  const what = `Attachment not archived: ${name} (${contentType}, ${size} bytes)`;
  return reason === null ? what : `${what}: ${reason}`;
}

function recipientLines(recipients: readonly MailParty[]): string {
  return recipients.map(({ name, address }) => `${name} <${address}>\r\n`).join('');
}
