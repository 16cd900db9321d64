/** `/users`, and `/me`, which is one of them. */
import type { Person } from '../world/people.ts';
import { findPerson } from '../world/tenants.ts';
import type { Handler } from './context.ts';
import { errors } from './errors.ts';
import { entityAnswer, listAnswer } from './odata/entity-set.ts';
import { allows, permissions, requirePermission } from './permissions.ts';
import type { Caller } from './request.ts';
import { userJson, users } from './user-properties.ts';

export const listUsers: Handler = (context, request) => {
  const { caller } = request;
  requirePermission(caller, permissions.users);
  const entities = caller.tenant.people.map((person) => ({ json: userJson(person, caller.tenant) }));
  return listAnswer(context, request, users, entities);
};

export const getUser: Handler = (context, request, [id = '']) => {
  const { caller } = request;
  const person = readablePerson(caller, id, permissions.users, permissions.me);
  return entityAnswer(context, request, users, { json: userJson(person, caller.tenant) });
};

/**
 * A person whom the caller may read, by `needed`, or by `own` where it is the signed-in person.
 * @throws {GraphError} 403, or 404 where there is nobody
 */
export function readablePerson(
  caller: Caller,
  id: string,
  needed: Parameters<typeof allows>[1],
  own: Parameters<typeof allows>[1],
): Person {
  const person = findPerson(caller.tenant, id);
  const isOwn = person !== undefined && person.id === caller.user?.id;
  if (!(isOwn && allows(caller, own))) requirePermission(caller, needed);
  if (!person) throw errors.noSuchUser(id);
  return person;
}
