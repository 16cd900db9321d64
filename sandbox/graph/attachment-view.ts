/** Attachments as an answer shows them: contents are read only where they are shown. */
import type { GraphContext } from './context.ts';
import { attachmentJson, type Json, selected } from './json.ts';
import { selectedName } from './odata/entity.ts';
import type { AttachmentRow } from './rows.ts';

/** All attachments of a message, in order. */
export function attachmentsJson(
  context: GraphContext,
  message: number,
  select: readonly string[] | undefined,
): readonly Json[] {
  const names = select?.map(selectedName);
  const content = names === undefined || names.some((name) => name.toLowerCase() === 'contentbytes');
  return context.store
    .attachments(message, content ? 'with content' : 'without content')
    .map((row) => selected(attachmentJson(message, content ? whole(context, row) : row, 'with content'), names));
}

/** The row with its content, wherever that lies. */
export function whole(context: GraphContext, row: AttachmentRow): AttachmentRow {
  const uploaded = context.uploads.content(row.seq);
  return uploaded ? { ...row, content: Buffer.concat([...uploaded]) } : row;
}
