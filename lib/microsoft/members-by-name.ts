/** Members of an organization by the name that the directory shows: for suggestions to people, never to decide by. */
import { z } from 'zod';
import type { CallOptions, Graph } from './graph.ts';
import { bodyOf, errorOfAnswer } from './graph-errors.ts';
import { quoted } from './odata.ts';
import { readInBatches } from './read-in-batches.ts';

const usersSchema = z.object({
  value: z.array(
    z.object({ userPrincipalName: z.string(), mail: z.string().nullish(), userType: z.string().nullish() }),
  ),
});

/**
 * The address of the one member that has a name; names of nobody, and of several people, are left out.
 *
 * @param names as the source knows people
 * @throws GraphError; AppTokenError; the signal's reason
 */
export async function membersByName(
  graph: Graph,
  names: readonly string[],
  options: CallOptions = {},
): Promise<ReadonlyMap<string, string>> {
  const asked = [...new Set(names)];
  const answers = await readInBatches(graph, asked.map(byDisplayName), { ...options, attempts: 1 });
  const found = new Map<string, string>();
  for (const [index, name] of asked.entries()) {
    const answer = answers[index];
    if (answer === undefined || errorOfAnswer(answer, 'GET', new Date()) !== null) continue;
    const members = bodyOf(answer, usersSchema).value.filter(({ userType }) => userType?.toLowerCase() !== 'guest');
    const [member] = members;
    if (member !== undefined && members.length === 1) found.set(name, member.mail ?? member.userPrincipalName);
  }
  return found;
}

// Three are enough to tell one from several, with a guest among them.
function byDisplayName(name: string): string {
  const filter = encodeURIComponent(`displayName eq ${quoted(name)}`);
  return `/users?$select=id,userPrincipalName,mail,userType&$top=3&$filter=${filter}`;
}
