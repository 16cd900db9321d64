/**
 * The file that says what a mailbox refused. It is known only after the message was made, and of a message that is no
 * draft Graph changes neither subject nor body; an attachment can still be added. Pure.
 */
import { AttachmentNames } from './attachment-names.ts';
import type { PlannedAttachment } from './attachments.ts';

export interface NotArchived {
  readonly name: string;
  /** a clause in the words of the archive */
  readonly reason: string;
}

/**
 * @param planned all attachments of the message: whose names are taken, and what is known of the refused ones
 * @param refused by their names in the message
 */
export function notArchivedNote(
  planned: readonly PlannedAttachment[],
  refused: readonly NotArchived[],
): { readonly name: string; readonly content: Buffer } {
  const names = new AttachmentNames();
  for (const { name, contentType } of planned) names.give(name, contentType, 0);
  const lines = refused.map(({ name, reason }) => {
    const of = planned.find((one) => one.name === name);
    return `- ${name}${of === undefined ? '' : ` (${of.contentType}, ${of.size} bytes)`}: ${reason}`;
  });
  const text = [
    'Added by the archive. Not archived in this mailbox:',
    '',
    ...lines,
    '',
    'The message itself is complete. What is missing here is kept sealed until somebody signs it off.',
    '',
  ];
  return { name: names.give('not-archived.txt', 'text/plain', 0), content: Buffer.from(text.join('\r\n'), 'utf8') };
}
