/** Directory roles and who has them: `/directoryRoles`, their members, and the roles that a user is a member of. */
import { type DirectoryRole, directoryRolesOf } from '../world/directory-roles.ts';
import type { Person, Tenant } from '../world/people.ts';
import type { Handler } from './context.ts';
import { readablePerson } from './directory.ts';
import { directoryErrors } from './directory-errors.ts';
import { errors } from './errors.ts';
import type { Json } from './json.ts';
import { type Entity, type EntitySet, listAnswer } from './odata/entity-set.ts';
import { allows, permissions, requirePermission } from './permissions.ts';
import { userJson, users } from './user-properties.ts';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const ROLE_PROPERTIES = ['id', 'deletedDateTime', 'description', 'displayName', 'roleTemplateId'];

const roles: EntitySet = {
  type: 'directoryRole',
  context: 'directoryRoles',
  properties: ROLE_PROPERTIES,
  queryable: { filter: ['id', 'displayName', 'roleTemplateId'] },
  expandable: ['members'],
};

/** Objects of several types in one list; `$select` takes what any of them has. */
const directoryObjects: EntitySet = {
  type: 'directoryObject',
  context: 'directoryObjects',
  properties: [...new Set([...ROLE_PROPERTIES, ...users.properties])],
  // the list itself is filtered and sorted by an index: as an advanced query only
  queryable: { filter: [], advancedFilter: ['id', 'displayName', 'roleTemplateId'], advancedSort: ['displayName'] },
};

export const listDirectoryRoles: Handler = (context, request) => {
  const { caller } = request;
  requirePermission(caller, permissions.directoryRoles);
  const entities = directoryRolesOf(caller.tenant).map((role) => ({
    json: roleJson(role),
    related: { members: role.members.map((person) => memberJson(person, caller.tenant)) },
  }));
  return listAnswer(context, request, roles, entities);
};

/** by the role's own id in the tenant */
export const listRoleMembers: Handler = (context, request, [id = '']) =>
  listMembers(context, request, id, (role) => role.id);

/** `/directoryRoles(roleTemplateId='…')/members` */
export const listMembersByTemplate: Handler = (context, request, [id = '']) =>
  listMembers(context, request, id, (role) => role.templateId);

/** Roles are all that people of the sandbox are members of: it has no groups. */
export const listMemberships: Handler = (context, request, [id = '']) =>
  listAnswer(
    context,
    request,
    directoryObjects,
    membershipsOf(request, id).map(({ json }) => ({
      json: { '@odata.type': '#microsoft.graph.directoryRole', ...json },
    })),
  );

/** `…/memberOf/microsoft.graph.directoryRole`; through groups (`transitiveMemberOf`) nobody has one more. */
export const listRoleMemberships: Handler = (context, request, [id = '']) =>
  listAnswer(context, request, roles, membershipsOf(request, id));

function listMembers(
  context: Parameters<Handler>[0],
  request: Parameters<Handler>[1],
  id: string,
  keyOf: (role: DirectoryRole) => string,
): ReturnType<Handler> {
  const { caller } = request;
  requirePermission(caller, permissions.directoryRoles);
  if (!GUID.test(id)) throw directoryErrors.invalidId(id);
  const role = directoryRolesOf(caller.tenant).find((one) => keyOf(one) === id.toLowerCase());
  if (!role) throw errors.noSuchUser(id);
  const members = role.members.map((person) => ({ json: memberJson(person, caller.tenant) }));
  return listAnswer(context, request, { ...directoryObjects, usual: users.usual ?? [] }, members);
}

function membershipsOf(request: Parameters<Handler>[1], id: string): readonly Entity[] {
  const { caller } = request;
  const person = readablePerson(caller, id, permissions.memberships, permissions.ownMemberships);
  const open = allows(caller, permissions.directoryRoles);
  return directoryRolesOf(caller.tenant)
    .filter(({ members }) => members.includes(person))
    .map((role) => ({ json: open ? roleJson(role) : limited(roleJson(role)) }));
}

/** Who may see that somebody is a member, and not what of, gets the id alone. */
function limited(json: Json): Json {
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, name === 'id' ? value : null]));
}

function roleJson(role: DirectoryRole): Json {
  return {
    id: role.id,
    deletedDateTime: null,
    description: role.description,
    displayName: role.displayName,
    roleTemplateId: role.templateId,
  };
}

function memberJson(person: Person, tenant: Tenant): Json {
  return { '@odata.type': '#microsoft.graph.user', ...userJson(person, tenant) };
}
