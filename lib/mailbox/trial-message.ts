/**
 * One message that shows what this application may do in a mailbox: written as an import writes it, into a folder of its
 * own, and removed again. The archive's folder is not touched, and is not there before the first import.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { Item } from '../archive/item.ts';
import { type MailFacts, type MessagePlan, planMessage, renderCreate } from '../mail/plan.ts';
import type { DirectoryMailbox } from '../microsoft/directory.ts';
import type { CallOptions, Graph } from '../microsoft/graph.ts';
import type { GraphError } from '../microsoft/graph-errors.ts';
import { createMessage } from './create.ts';
import { ensureFolder, findFolder } from './folders.ts';
import { listCopies, removeMessage } from './look-up.ts';

export const TRIAL_FOLDER = 'Archive portal check';

export interface TrialWords {
  readonly facts: MailFacts;
  /** UNMAPPED_DOMAIN */
  readonly unmappedDomain: string;
  /** what writes it: the message says so */
  readonly writer: string;
  /** whole seconds; sent and received */
  readonly sentAt: Date;
  readonly attachment?: Uint8Array;
}

/** A text from a number that nobody has (555-01xx). */
export function trialMessage(words: TrialWords, mailbox: DirectoryMailbox, organizationId: string): MessagePlan {
  const { writer, attachment } = words;
  const sentAt = words.sentAt.toISOString();
  const owner = { mobile: '+12025550100' };
  const item: Item = {
    id: `trial-${randomUUID()}`,
    type: attachment === undefined ? 'sms' : 'mms',
    direction: 'incoming',
    owner,
    sender: { mobile: '+12025550199', name: writer },
    recipients: [owner],
    messageTime: sentAt,
    archivedTime: sentAt,
    text: `This message was written by ${writer} to check this mailbox, and is removed again. It may be deleted.`,
    attachments:
      attachment === undefined
        ? []
        : [{ id: 'a', name: 'check.txt', contentType: 'text/plain', size: attachment.length }],
  };
  const sha256 = createHash('sha256')
    .update(attachment ?? '')
    .digest('hex');
  return planMessage({
    item,
    scope: { organizationId, kind: 'trial', account: 'trial' },
    facts: words.facts,
    mailboxes: new Map([[owner.mobile, { address: mailbox.address, name: mailbox.displayName }]]),
    contents: attachment === undefined ? new Map() : new Map([['a', { size: attachment.length, sha256 }]]),
    unmappedDomain: words.unmappedDomain,
  });
}

/** Removes every copy. Deleting moves to the deleted items, from where it is deleted once more. @throws GraphError */
export async function removeTrial(
  graph: Graph,
  userId: string,
  plan: MessagePlan,
  options: CallOptions = {},
): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    for (const { id } of await listCopies(graph, userId, plan.message.itemProperty, options))
      await removeMessage(graph, userId, id, options);
  }
}

export type TrialResult =
  | { readonly kind: 'done' }
  /** null: whether it was written is not known, and it was not found */
  | { readonly kind: 'not_written'; readonly error: GraphError | null }
  /** written, and not found by its property */
  | { readonly kind: 'not_found' }
  /** it could be written, and is still found after it was removed */
  | { readonly kind: 'left' };

/** Writes, finds and removes the message, which has no attachment, and a folder that was made for it. @throws GraphError */
export async function tryMailbox(
  graph: Graph,
  userId: string,
  plan: MessagePlan,
  options: CallOptions = {},
): Promise<TrialResult> {
  const before = await findFolder(graph, userId, TRIAL_FOLDER, options);
  const folderId = await ensureFolder(graph, userId, TRIAL_FOLDER, options);
  const { itemProperty } = plan.message;
  let result: TrialResult = { kind: 'done' };
  try {
    const written = await createMessage(graph, { userId, folderId, json: renderCreate(plan, new Map()) }, options);
    const copies = await listCopies(graph, userId, itemProperty, options);
    if (copies.length === 0) {
      result = written.kind === 'created' ? { kind: 'not_found' } : { kind: 'not_written', error: written.error };
    }
  } finally {
    await removeTrial(graph, userId, plan, options);
    if (before === null) {
      const url = `/users/${userId}/mailFolders/${encodeURIComponent(folderId)}`;
      await graph.request({ method: 'DELETE', url }, options);
    }
  }
  const left = await listCopies(graph, userId, itemProperty, options);
  return left.length === 0 ? result : { kind: 'left' };
}
