/** Whom the organization's directory has, for who maps a number: names and addresses of its own members, and no others. */
import { AppTokenError } from '../../microsoft/app-token.ts';
import { GraphError } from '../../microsoft/graph-errors.ts';
import { type Member, membersBeginning } from '../../microsoft/members-beginning.ts';
import { type Actor, authorize } from '../../security/actor.ts';
import type { ReadingParts } from './parts.ts';

export type FoundMembers =
  | { readonly kind: 'found'; readonly members: readonly Member[] }
  | { readonly kind: 'directory_unavailable' };

/** With less, everybody would be found. */
export const SHORTEST_SEARCH = 2;
const MOST_MEMBERS = 8;
/** How long somebody who types waits. */
const LONGEST_MS = 5_000;

/** Needs `mapping.manage`. @param typed the beginning of a name or an address @throws NotAllowed */
export async function findMembers(
  { graph }: Pick<ReadingParts, 'graph'>,
  actor: Actor,
  typed: string,
): Promise<FoundMembers> {
  authorize(actor, 'mapping.manage');
  const beginning = typed.trim();
  if (beginning.length < SHORTEST_SEARCH) return { kind: 'found', members: [] };
  const signal = AbortSignal.timeout(LONGEST_MS);
  try {
    const members = await membersBeginning(graph(actor.organizationId), beginning, MOST_MEMBERS, { signal });
    return { kind: 'found', members };
  } catch (error) {
    if (error instanceof GraphError || error instanceof AppTokenError || signal.aborted)
      return { kind: 'directory_unavailable' };
    throw error;
  }
}
