/**
 * The vocabulary of the archive: what one item of mobile communication is, whichever source it comes from.
 *
 * This subject knows words and shapes only. How items are fetched is the business of the port in `source.ts`; who gets
 * a copy is decided in `mapping/`; what a copy looks like in `mail/`.
 */
import { z } from 'zod';

/** A party as the phone knew it. `mobile` is E.164, national, a short code, an alphanumeric sender or an e-mail address. */
export const partySchema = z.object({
  mobile: z.string().min(1),
  email: z.string().nullish(),
  name: z.string().nullish(),
});

export const attachmentSchema = z.object({
  id: z.string().min(1),
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

/** An item as the feed contract names it (`telemessage-archive` contract, schema Item). Unknown fields are dropped. */
export const itemSchema = z.object({
  id: z.string().min(1),
  type: z.enum(ITEM_TYPES),
  messageKey: z.string().nullish(),
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
  attachments: z.array(attachmentSchema).default([]),
  call: callSchema.nullish(),
});

export type Party = z.infer<typeof partySchema>;
export type SourceAttachment = z.infer<typeof attachmentSchema>;
export type Item = z.infer<typeof itemSchema>;
export type ItemType = (typeof ITEM_TYPES)[number];
