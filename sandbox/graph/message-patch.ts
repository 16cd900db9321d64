/** What a PATCH makes of a message. */
import { bodyFault } from './body-fault.ts';
import { GraphError } from './errors.ts';
import {
  CLIENT_SUBMIT_TIME,
  MESSAGE_DELIVERY_TIME,
  MESSAGE_FLAGS,
  multiValues,
  singleValues,
} from './extended-properties.ts';
import { marksOf } from './marks.ts';
import { draftProperties, messagePatchBody, patchSchema } from './message-schema.ts';
import { textBytes } from './message-size.ts';
import type { MessageChange } from './new-message.ts';
import { checkType, parsedBody } from './odata/annotations.ts';
import { type Directory, partiesOf } from './parties.ts';
import type { MessageRow } from './rows.ts';

/**
 * The message as a PATCH leaves it. Message flags and times in it are accepted and have no effect, as in Exchange.
 *
 * What only a draft may change is refused with what Exchange says when `from` of a sent message is set. For `subject`
 * and `body` it was seen to say 200 and to change or not to change them; the documentation says that they are
 * updatable only in a draft, and a client that relies on more is refused here.
 * @throws {GraphError} 400
 */
export function patched(row: MessageRow, input: unknown, directory: Directory, now: number): MessageChange {
  checkType(input, messagePatchBody.name);
  const parsed = parsedBody(patchSchema, input);
  if (!parsed.success) throw bodyFault(parsed.error, input, messagePatchBody);
  const patch = parsed.data;
  if (!row.isDraft && Object.keys(patch).some((name) => draftProperties.has(name))) {
    throw new GraphError(400, 'ErrorInvalidPropertySet', 'Message is not draft.');
  }
  const change = {
    isRead: patch.isRead ?? row.isRead,
    modified: now,
    internetMessageId: patch.internetMessageId || row.internetMessageId,
    bodyType: patch.body?.contentType ?? row.bodyType,
    // without a contentType a body stays what it was; null empties it
    body: patch.body === undefined ? undefined : (patch.body?.content ?? ''),
    fields: {
      ...row.fields,
      ...(patch.subject !== undefined && { subject: patch.subject ?? '' }),
      ...partiesOf(patch, directory),
      categories: patch.categories ?? row.fields.categories,
      importance: patch.importance ?? row.fields.importance,
      ...marksOf(patch),
      properties: merged(row.fields.properties, singleChanges(patch.singleValueExtendedProperties)),
      multiValues: merged(row.fields.multiValues ?? [], multiValues(patch.multiValueExtendedProperties)),
    },
  };
  const before = textBytes({ ...row, body: change.body === undefined ? '' : (row.body ?? '') });
  return { ...change, size: row.size - before + textBytes({ ...change, body: change.body ?? '' }) };
}

function singleChanges(input: Parameters<typeof singleValues>[0]): Map<string, string> {
  const values = singleValues(input);
  for (const id of [MESSAGE_FLAGS, MESSAGE_DELIVERY_TIME, CLIENT_SUBMIT_TIME]) values.delete(id);
  return values;
}

function merged<Value>(
  old: readonly { readonly id: string; readonly value: Value }[],
  changes: ReadonlyMap<string, Value>,
): { id: string; value: Value }[] {
  const all = new Map([...old.map(({ id, value }) => [id, value] as const), ...changes]);
  return [...all].map(([id, value]) => ({ id, value }));
}
