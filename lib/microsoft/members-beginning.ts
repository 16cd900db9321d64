/** Members of an organization whose name or address begins like something that was typed: for people to choose from. */
import { z } from 'zod';
import type { CallOptions, Graph } from './graph.ts';
import { bodyOf, errorOfAnswer } from './graph-errors.ts';
import { quoted } from './odata.ts';
import { readInBatches } from './read-in-batches.ts';

const usersSchema = z.object({
  value: z.array(
    z.object({
      displayName: z.string().nullish(),
      userPrincipalName: z.string(),
      mail: z.string().nullish(),
      userType: z.string().nullish(),
    }),
  ),
});

export interface Member {
  /** as the directory shows it; the address where it shows none */
  readonly name: string;
  readonly address: string;
}

/** All of them can be searched by their beginning without an index of Graph's own. */
const SEARCHED = ['displayName', 'givenName', 'surname', 'mail', 'userPrincipalName'] as const;

/** Guests are found, too, and left out afterwards: a filter by type would need an index of Graph's own. */
const BESIDE_GUESTS = 5;

/**
 * @param typed the beginning of a name or an address, any case
 * @returns at most `limit`, guests left out
 * @throws GraphError; AppTokenError; the signal's reason
 */
export async function membersBeginning(
  graph: Graph,
  typed: string,
  limit: number,
  options: CallOptions = {},
): Promise<readonly Member[]> {
  const filter = SEARCHED.map((property) => `startswith(${property},${quoted(typed)})`).join(' or ');
  const url = `/users?$select=id,displayName,userPrincipalName,mail,userType&$top=${limit * BESIDE_GUESTS}&$filter=${encodeURIComponent(filter)}`;
  const [answer] = await readInBatches(graph, [url], { ...options, attempts: 1 });
  if (answer === undefined) return [];
  const error = errorOfAnswer(answer, 'GET', new Date());
  if (error !== null) throw error;
  return bodyOf(answer, usersSchema)
    .value.filter(({ userType }) => userType?.toLowerCase() !== 'guest')
    .slice(0, limit)
    .map(({ displayName, mail, userPrincipalName }) => {
      const address = mail ?? userPrincipalName;
      return { name: displayName ?? address, address };
    });
}
