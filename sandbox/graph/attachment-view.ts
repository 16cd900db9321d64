/** Attachments as an answer shows them: contents are read only where they are shown. */
import type { GraphContext } from './context.ts';
import { attachmentJson, type Json, selected } from './json.ts';
import { selectedName } from './odata/entity.ts';
import { plainSubject, satisfies } from './odata/evaluate.ts';
import type { Expansion } from './odata/query.ts';
import type { AttachmentRow } from './rows.ts';

/** The attachments of a message, in order: all, or those that satisfy a filter. */
export function attachmentsJson(
  context: GraphContext,
  message: number,
  { select, filter }: Pick<Expansion, 'select' | 'filter'>,
): readonly Json[] {
  const names = select?.map(selectedName);
  const content = names === undefined || names.some((name) => name.toLowerCase() === 'contentbytes');
  return context.store.attachments
    .of(message, content ? 'with content' : 'without content')
    .filter((row) => !filter || satisfies(filter, plainSubject(attachmentJson(message, row, 'without content'))))
    .map((row) => selected(attachmentJson(message, content ? whole(context, row) : row, 'with content'), names));
}

/** The row with its content, wherever that lies. */
export function whole(context: GraphContext, row: AttachmentRow): AttachmentRow {
  const uploaded = context.uploads.content(row.seq);
  return uploaded ? { ...row, content: Buffer.concat([...uploaded]) } : row;
}
