/**
 * The vocabulary of the archive: what one item of mobile communication is, whichever source it comes from.
 *
 * This subject knows words and shapes only. How items are fetched is the business of the port in `source.ts`; who gets
 * a copy is decided in `mapping/`; what a copy looks like in `mail/`.
 */
import { z } from 'zod';

/** Longest text that becomes a key of a table, in UTF-16 units: three bytes each are well below what an index takes. */
const MAX_KEY_LENGTH = 512;
/** More files than any phone sends with one message. */
export const MAX_ATTACHMENTS = 10_000;

/** Text as every store takes it: PostgreSQL has no NUL, and no encoding has half a character. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}

/** Whether a text can be stored as it is and found again by it: nothing is replaced in what the source is asked by. */
export function isIdentifier(id: unknown): id is string {
  return typeof id === 'string' && id !== '' && id.length <= MAX_KEY_LENGTH && id.isWellFormed() && !id.includes('\0');
}

/** What mail makes of other texts is told to the reader; these are columns. */
const columnText = z.string().transform(storableText);
/** Becomes part of a key. What is longer makes its item *unreadable*. */
const keyText = (min: number) => z.string().min(min).max(MAX_KEY_LENGTH).transform(storableText);
const identifier = z.string().refine(isIdentifier, 'not an identifier');

/** A party as the phone knew it. `mobile` is E.164, national, a short code, an alphanumeric sender or an e-mail address. */
export const partySchema = z.object({
  mobile: keyText(1),
  email: columnText.nullish(),
  name: z.string().nullish(),
});

export const attachmentSchema = z.object({
  id: identifier,
  name: z.string(),
  contentType: z.string(),
  size: z.number().int().nonnegative(),
  sha256: z.string().nullish(),
});

export const callSchema = z.object({
  status: z.enum(['answered', 'missed', 'rejected', 'voicemail']),
  startTime: z.string(),
  endTime: z.string().nullish(),
  durationMs: z.number().int(),
});

/** The item types that this product can turn into mail. Any other type is *unreadable*, never an error of its page. */
export const ITEM_TYPES = ['sms', 'mms', 'voiceCall', 'callLog', 'chat', 'file', 'deletedMessage'] as const;

/**
 * An item as the feed contract names it (`telemessage-archive` contract, schema Item). Unknown fields are dropped.
 * Whatever passes can be stored: no item keeps its page from being written.
 */
export const itemSchema = z.object({
  id: identifier,
  type: z.enum(ITEM_TYPES),
  messageKey: keyText(0).nullish(),
  direction: z.enum(['incoming', 'outgoing']),
  owner: partySchema,
  sender: partySchema,
  recipients: z.array(partySchema),
  /** When it was sent or received on the phone. Not trusted: see `mail/` for what an impossible time becomes. */
  messageTime: z.string(),
  /** When it reached the source, RFC 3339 UTC. Windows are cut on this one. */
  archivedTime: z.iso.datetime(),
  conversationId: z.string().nullish(),
  groupName: z.string().nullish(),
  subject: z.string().nullish(),
  text: z.string().nullish(),
  attachments: z.array(attachmentSchema).max(MAX_ATTACHMENTS).default([]),
  call: callSchema.nullish(),
});

export type Party = z.infer<typeof partySchema>;
export type SourceAttachment = z.infer<typeof attachmentSchema>;
export type Item = z.infer<typeof itemSchema>;
export type ItemType = (typeof ITEM_TYPES)[number];
