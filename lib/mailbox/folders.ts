/** The archive's folder in a mailbox: found by name among the root's folders, made where it is missing. */
import { z } from 'zod';
import type { CallOptions, Graph } from '../microsoft/graph.ts';
import { bodyOf, GraphError } from '../microsoft/graph-errors.ts';

const folderSchema = z.object({ id: z.string().min(1) });
const foldersSchema = z.object({ value: z.array(folderSchema) });

/** The folder's id, null where there is none of this name. @throws GraphError */
export async function findFolder(
  graph: Graph,
  userId: string,
  name: string,
  options: CallOptions = {},
): Promise<string | null> {
  // The list pages at 10 and holds only the root's children, so it is asked for the one name. Quotes are doubled (OData).
  const filter = encodeURIComponent(`displayName eq '${name.replaceAll("'", "''")}'`);
  const url = `/users/${encodeURIComponent(userId)}/mailFolders?$select=id&$filter=${filter}`;
  const answer = await graph.request({ method: 'GET', url }, options);
  return bodyOf(answer, foldersSchema).value[0]?.id ?? null;
}

/**
 * Finds or makes the folder. A clash means that another request made it meanwhile: it is looked for again.
 *
 * @throws GraphError
 */
export async function ensureFolder(
  graph: Graph,
  userId: string,
  name: string,
  options: CallOptions = {},
): Promise<string> {
  const found = await findFolder(graph, userId, name, options);
  if (found !== null) return found;
  try {
    const url = `/users/${encodeURIComponent(userId)}/mailFolders`;
    const answer = await graph.request({ method: 'POST', url, body: { displayName: name } }, options);
    return bodyOf(answer, folderSchema).id;
  } catch (error) {
    if (!(error instanceof GraphError) || (error.failure !== 'folder_exists' && !error.inDoubt)) throw error;
    const again = await findFolder(graph, userId, name, options);
    if (again === null) throw error;
    return again;
  }
}
