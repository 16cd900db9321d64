/**
 * Is a copy there already? Asked by the item's named property, in the archive's folder and then in the whole mailbox,
 * because people move messages. `internetMessageId` is not unique in Exchange and is not asked.
 */
import { z } from 'zod';
import type { CallOptions, Graph } from '../microsoft/graph.ts';

const messagesSchema = z.object({
  value: z.array(z.object({ id: z.string().min(1) })),
  '@odata.nextLink': z.string().optional(),
});

/** A named property and the value that only this item's copies carry. */
export interface ItemProperty {
  /** as Graph writes it: `String {GUID} Name AndroidArchiverItemId` */
  readonly id: string;
  readonly value: string;
}

/**
 * The ids of the copies in the mailbox, oldest first as Graph lists them.
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
    const inFolder = await list(
      graph,
      `/users/${userId}/mailFolders/${encodeURIComponent(folderId)}`,
      property,
      options,
    );
    if (inFolder.length > 0) return inFolder;
  }
  return list(graph, `/users/${userId}`, property, options);
}

async function list(graph: Graph, place: string, { id, value }: ItemProperty, options: CallOptions): Promise<string[]> {
  const filter = `singleValueExtendedProperties/Any(ep: ep/id eq ${quoted(id)} and ep/value eq ${quoted(value)})`;
  const path = `${place}/messages?$select=id&$top=10`;
  let page = `&$filter=${encodeURIComponent(filter)}`;
  for (;;) {
    const answer = await graph.request({ method: 'GET', url: path + page }, options);
    const { value, '@odata.nextLink': next } = messagesSchema.parse(answer.body);
    // A filtered page may be empty with more to come: "absent" is only what the last page says.
    const token = next === undefined ? null : new URL(next).searchParams.get('$skip');
    const skipToken = next === undefined ? null : new URL(next).searchParams.get('$skiptoken');
    if (value.length > 0 || (token === null && skipToken === null)) return value.map((message) => message.id);
    page =
      `&$filter=${encodeURIComponent(filter)}` +
      (token === null ? '' : `&$skip=${encodeURIComponent(token)}`) +
      (skipToken === null ? '' : `&$skiptoken=${encodeURIComponent(skipToken)}`);
  }
}

/** A string literal of OData: quotes are doubled. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
