/** Whose mailbox a request is about, for fault rules that name one. */
import type { FastifyRequest } from 'fastify';
import type { Tenant } from '../world/people.ts';
import { findPerson } from '../world/tenants.ts';
import type { Callers } from './callers.ts';
import type { GraphContext } from './context.ts';
import { GraphError } from './errors.ts';
import { isMe, userOf } from './paths.ts';
import { splitUrl } from './request.ts';

/** The object id of the user that a path names by id or principal name; the name in lower case where nobody has it. */
export function ownerOf(tenants: readonly Tenant[], user: string): string {
  for (const tenant of tenants) {
    const person = findPerson(tenant, user);
    if (person) return person.id;
  }
  return user.toLowerCase();
}

/**
 * Asked before a request is answered: of its path, of the upload session behind its address, or for `/me` of its
 * token. Undefined for a request that is about no one mailbox, or that cannot be told.
 */
export function requestOwner(context: GraphContext, callers: Callers) {
  return async (request: FastifyRequest): Promise<string | undefined> => {
    const [version, ...segments] = splitUrl(request.raw.url ?? '')?.segments ?? [];
    try {
      const now = context.clock();
      if (version === 'uploads') return context.uploads.find(segments[0] ?? '', now).owner;
      const me = isMe(segments) ? (await callers.identify(request.headers.authorization, now)).user?.id : undefined;
      const user = userOf(segments, me);
      return user === undefined ? undefined : ownerOf(context.tenants, user);
    } catch (error) {
      // no such session, or nobody's token: the route says so itself
      if (error instanceof GraphError) return undefined;
      throw error;
    }
  };
}
