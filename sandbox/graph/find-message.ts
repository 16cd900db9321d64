/** A message by the id in a path. */
import type { GraphContext } from './context.ts';
import { errors } from './errors.ts';
import { parseMessageId } from './ids.ts';
import type { MessageRow } from './rows.ts';

/**
 * A message by immutable or regular id. One in the recoverable items is a message as any other: it has left the lists
 * of the mailbox, not the mailbox, and an immutable id names it as long as it is there.
 * @throws {GraphError} 400 when the id is malformed, 404 when the mailbox holds no such message, or not there any more
 */
export function findMessage(context: GraphContext, mailbox: number, id: string): MessageRow {
  const key = parseMessageId(id);
  if (!key) throw errors.malformedId();
  const row = context.store.messages.find(mailbox, key.message);
  if (!row && context.store.messages.exists(key.message)) throw errors.otherMailbox(id);
  if (!row || (key.folder !== undefined && key.folder !== row.folder)) throw errors.itemNotFound();
  return row;
}
