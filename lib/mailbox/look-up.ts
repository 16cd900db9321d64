/**
 * Is a copy there already? Asked by the item's named property, in the archive's folder and then in the whole mailbox,
 * because people move messages. `internetMessageId` is not unique in Exchange and is not asked.
 */
import { z } from 'zod';
import type { CallOptions, Graph } from '../microsoft/graph.ts';
import { bodyOf, errorOfUnreadableAnswer, GraphError } from '../microsoft/graph-errors.ts';
import { quoted } from '../microsoft/odata.ts';

const messagesSchema = z.object({
  value: z.array(
    z.object({ id: z.string().min(1), parentFolderId: z.string().nullish(), internetMessageId: z.string().nullish() }),
  ),
  '@odata.nextLink': z.string().optional(),
});

/** A named property and the value that only this item's copies carry. */
export interface ItemProperty {
  /** as Graph writes it: `String {GUID} Name AndroidArchiverItemId` */
  readonly id: string;
  readonly value: string;
}

/** A copy in a mailbox. */
export interface FoundCopy {
  readonly id: string;
  readonly parentFolderId: string | null;
  readonly internetMessageId: string | null;
}

/**
 * The ids of copies in the mailbox, at least one where there is one.
 *
 * @param folderId null where the folder is not known, or gone
 * @throws GraphError
 */
export async function findCopies(
  graph: Graph,
  userId: string,
  folderId: string | null,
  property: ItemProperty,
  options: CallOptions = {},
): Promise<string[]> {
  if (folderId !== null) {
    const folder = `/users/${userId}/mailFolders/${encodeURIComponent(folderId)}`;
    for await (const copy of list(graph, folder, property, options)) return [copy.id];
  }
  for await (const copy of list(graph, `/users/${userId}`, property, options)) return [copy.id];
  return [];
}

/** Every copy in the mailbox, whichever folder it is in. @throws GraphError */
export async function listCopies(
  graph: Graph,
  userId: string,
  property: ItemProperty,
  options: CallOptions = {},
): Promise<FoundCopy[]> {
  const copies: FoundCopy[] = [];
  for await (const copy of list(graph, `/users/${userId}`, property, options)) copies.push(copy);
  return copies;
}

/** Removes a message. One that is gone already is no error. @throws GraphError */
export async function removeMessage(
  graph: Graph,
  userId: string,
  messageId: string,
  options: CallOptions = {},
): Promise<void> {
  try {
    const url = `/users/${userId}/messages/${encodeURIComponent(messageId)}`;
    await graph.request({ method: 'DELETE', url }, options);
  } catch (error) {
    if (!(error instanceof GraphError) || error.failure !== 'item_not_found') throw error;
  }
}

async function* list(
  graph: Graph,
  place: string,
  { id, value }: ItemProperty,
  options: CallOptions,
): AsyncGenerator<FoundCopy> {
  const filter = `singleValueExtendedProperties/Any(ep: ep/id eq ${quoted(id)} and ep/value eq ${quoted(value)})`;
  const query = `$select=id,parentFolderId,internetMessageId&$top=10&$filter=${encodeURIComponent(filter)}`;
  // A filtered page may be empty with more to come: "absent" is only what the last page says.
  let pages = 0;
  for (let page: string | null | undefined = ''; page !== null; ) {
    const answer = await graph.request({ method: 'GET', url: `${place}/messages?${query}${page}` }, options);
    const found = bodyOf(answer, messagesSchema);
    for (const message of found.value) {
      const { parentFolderId = null, internetMessageId = null } = message;
      yield { id: message.id, parentFolderId, internetMessageId };
    }
    page = pageAfter(found['@odata.nextLink']);
    // Of one item there are few copies: a list without an end says neither present nor absent.
    if (page === undefined || ++pages === MOST_PAGES) throw errorOfUnreadableAnswer(answer.status, 'GET');
  }
}

const MOST_PAGES = 100;

/**
 * What of the link to the next page is to be added to the query; the link itself names the host again. Null where there is
 * no next page, undefined where the link is none.
 */
export function pageAfter(nextLink: string | undefined): string | null | undefined {
  if (nextLink === undefined) return null;
  const given = URL.parse(nextLink)?.searchParams;
  if (given === undefined) return undefined;
  const added = ['$skip', '$skiptoken'].flatMap((name) => {
    const token = given.get(name);
    return token === null ? [] : [`&${name}=${encodeURIComponent(token)}`];
  });
  return added.length === 0 ? null : added.join('');
}
