/** What a message is made of: the same for the mailbox and for the original that somebody downloads. Pure. */
import type { ItemScope } from '../mail/identity.ts';
import type { KnownMailbox } from '../mail/parties.ts';
import type { MailFacts, MailInput } from '../mail/plan.ts';
import { contentsOf, differenceOf } from './attachment-words.ts';
import type { StagedItem } from './frame.ts';
import type { AttachmentRow } from './store/attachments.ts';

/** @param rows the item's attachments, in its order */
export function mailInputOf(
  { item, mailboxes, mended }: StagedItem,
  rows: readonly AttachmentRow[],
  of: { readonly scope: ItemScope; readonly facts: MailFacts; readonly unmappedDomain: string },
): MailInput {
  return {
    ...of,
    item,
    mailboxes: new Map(Object.entries(mailboxes) satisfies [string, KnownMailbox][]),
    contents: contentsOf(rows),
    notes: rows.flatMap((row) => differenceOf(row, item.attachments[row.position])),
    mended,
  };
}

const NONE: ReadonlyMap<string, AttachmentRow> = new Map();

/** Attachments whose bytes lie here, by the source's id, which an item may list more than once. */
export function stagedById(rows: readonly AttachmentRow[]): ReadonlyMap<string, AttachmentRow> {
  // Most messages have none, and thousands are in hand.
  if (rows.length === 0) return NONE;
  return new Map(rows.filter(({ state }) => state === 'staged').map((row) => [row.sourceAttachmentId, row]));
}
