/**
 * For tests: what the source's feed says must be where, beside what Graph says is where. Reads both sides by themselves
 * and asks neither the ledger nor the mapping.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { nationalForm } from '#sandbox/phones/owners.ts';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import type { Person } from '#sandbox/world/people.ts';
import { type Item, itemSchema, type Party } from '../archive/item.ts';
import type { ArchiveSource, TimeRange } from '../archive/source.ts';
import type { Graph } from '../microsoft/graph.ts';
import { GraphError } from '../microsoft/graph-errors.ts';

const FOLDER = 'Android Archiver';

export interface MailboxMessage {
  readonly id: string;
  readonly itemId: string;
  readonly body: { readonly contentType: 'text' | 'html'; readonly content: string };
  readonly hasAttachments: boolean;
}

const messagesSchema = z.object({
  value: z.array(
    z.object({
      id: z.string(),
      hasAttachments: z.boolean(),
      body: z.object({ contentType: z.enum(['text', 'html']), content: z.string() }),
      internetMessageHeaders: z.array(z.object({ name: z.string(), value: z.string() })),
    }),
  ),
  '@odata.nextLink': z.string().optional(),
});
const idsSchema = z.object({ value: z.array(z.object({ id: z.string() })) });
const attachmentsSchema = z.object({ value: z.array(z.object({ name: z.string(), contentBytes: z.string() })) });

/** Every message in the archive's folder of every person, by the person's id. */
export async function readMailboxes(graph: Graph): Promise<Map<string, MailboxMessage[]>> {
  const mailboxes = new Map<string, MailboxMessage[]>();
  for (const { id } of alderByrne.people) {
    const folderId = await archiveFolder(graph, id);
    if (folderId !== null) mailboxes.set(id, await readFolder(graph, id, folderId));
  }
  return mailboxes;
}

/** The archive's folder in a mailbox; null where there is none. */
export async function archiveFolder(graph: Graph, userId: string): Promise<string | null> {
  try {
    const filter = encodeURIComponent(`displayName eq '${FOLDER}'`);
    const answer = await graph.request({ method: 'GET', url: `/users/${userId}/mailFolders?$filter=${filter}` });
    return idsSchema.parse(answer.body).value[0]?.id ?? null;
  } catch (error) {
    if (error instanceof GraphError && error.failure === 'no_mailbox') return null;
    throw error;
  }
}

async function readFolder(graph: Graph, userId: string, folderId: string): Promise<MailboxMessage[]> {
  const messages: MailboxMessage[] = [];
  for (let skip = 0; ; ) {
    const url =
      `/users/${userId}/mailFolders/${folderId}/messages?$top=200&$skip=${skip}` +
      '&$select=id,hasAttachments,body,internetMessageHeaders';
    const page = messagesSchema.parse((await graph.request({ method: 'GET', url })).body);
    for (const { id, body, hasAttachments, internetMessageHeaders } of page.value) {
      const header = internetMessageHeaders.find(({ name }) => name === 'x-archive-item-id')?.value;
      messages.push({ id, body, hasAttachments, itemId: decodeURIComponent(header ?? '') });
    }
    skip += page.value.length;
    if (page['@odata.nextLink'] === undefined || page.value.length === 0) return messages;
  }
}

/** SHA-256 of the attachments of a message, in order of their hashes. */
export async function attachmentHashes(graph: Graph, userId: string, messageId: string): Promise<string[]> {
  const url = `/users/${userId}/messages/${messageId}/attachments`;
  const { value } = attachmentsSchema.parse((await graph.request({ method: 'GET', url })).body);
  return value
    .filter(({ name }) => name !== 'message.txt' && name !== 'recipients.txt')
    .map(({ contentBytes }) => createHash('sha256').update(Buffer.from(contentBytes, 'base64')).digest('hex'))
    .sort();
}

/** Every item of some windows of the feed that can be understood, each id once. */
export async function readFeed(source: ArchiveSource, windows: readonly TimeRange[]): Promise<Map<string, Item>> {
  const items = new Map<string, Item>();
  for (const window of windows) {
    let cursor: string | null = null;
    do {
      const page = await source.items(window, cursor, 1000);
      for (const raw of page.items) {
        const parsed = itemSchema.safeParse(raw);
        if (parsed.success) items.set(parsed.data.id, items.get(parsed.data.id) ?? parsed.data);
      }
      cursor = page.nextCursor;
    } while (cursor !== null);
  }
  return items;
}

/**
 * Whose mailboxes must hold a copy of an item: the people among its parties whose e-mail at TeleMessage leads to a
 * mailbox that takes mail.
 */
export function mailboxesOwed(item: Item): Set<string> {
  const owed = new Set<string>();
  for (const person of new Set(partiesOf(item).flatMap((party) => personOf(party) ?? []))) {
    const email = partiesOf(item).find((party) => personOf(party) === person && party.email)?.email ?? null;
    const holder = email === null ? undefined : holderOf(email);
    if (holder && (holder.mailbox === 'user' || holder.mailbox === 'shared')) owed.add(holder.id);
  }
  return owed;
}

function partiesOf(item: Item): Party[] {
  return [item.owner, item.sender, ...item.recipients];
}

const byNumber = new Map<string, Person>(
  alderByrne.people.flatMap((person): [string, Person][] =>
    person.mobile === null
      ? []
      : [
          [person.mobile, person],
          [nationalForm(person.mobile), person],
        ],
  ),
);

function personOf({ mobile }: Party): Person | undefined {
  return byNumber.get(mobile);
}

function holderOf(email: string): Person | undefined {
  const address = email.toLowerCase();
  if (!alderByrne.domains.some((domain) => address.endsWith(`@${domain}`))) return undefined;
  const has = ({ mail, proxyAddresses }: Person): boolean =>
    [mail ?? '', ...proxyAddresses.map((proxy) => proxy.slice('smtp:'.length))].some(
      (one) => one.toLowerCase() === address,
    );
  return (
    alderByrne.people.find(has) ?? alderByrne.people.find((one) => one.userPrincipalName.toLowerCase() === address)
  );
}

/** What is wrong in the mailboxes, a line each; nothing where every copy that is owed is there exactly once. */
export function differences(
  items: ReadonlyMap<string, Item>,
  mailboxes: ReadonlyMap<string, readonly MailboxMessage[]>,
): string[] {
  // Copies of one message from several phones carry one key, and any of them will do.
  const keyOf = (item: Item): string => item.messageKey ?? item.id;
  const expected = new Set<string>();
  for (const item of items.values()) for (const userId of mailboxesOwed(item)) expected.add(`${userId} ${keyOf(item)}`);
  const found = new Map<string, number>();
  const wrong: string[] = [];
  for (const [userId, messages] of mailboxes) {
    for (const { itemId } of messages) {
      const item = items.get(itemId);
      const key = `${userId} ${item ? keyOf(item) : itemId}`;
      found.set(key, (found.get(key) ?? 0) + 1);
      if (!expected.has(key)) wrong.push(`not owed: ${key}`);
    }
  }
  for (const key of expected) {
    const times = found.get(key) ?? 0;
    if (times !== 1) wrong.push(`${times === 0 ? 'missing' : `${times} times`}: ${key}`);
  }
  return wrong;
}

/** How many copies are owed in all. */
export function countOwed(items: ReadonlyMap<string, Item>): number {
  const keys = new Set<string>();
  for (const item of items.values())
    for (const userId of mailboxesOwed(item)) keys.add(`${userId} ${item.messageKey ?? item.id}`);
  return keys.size;
}
