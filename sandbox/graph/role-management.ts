/** `/roleManagement`: roles and their assignments, for Entra ID's directory and (in beta) for Exchange. */
import { type DirectoryRoleTemplate, directoryRolesOf, directoryRoleTemplates } from '../world/directory-roles.ts';
import { exchangeRoleDefinitions, roleAssignmentsOf } from '../world/exchange-roles.ts';
import type { Tenant } from '../world/people.ts';
import type { Handler } from './context.ts';
import { errors } from './errors.ts';
import type { Json } from './json.ts';
import { type Entity, type EntitySet, entityAnswer, listAnswer } from './odata/entity-set.ts';
import { permissions, requirePermission } from './permissions.ts';
import { roleAssignmentId } from './role-assignment-id.ts';
import { userJson } from './user-properties.ts';

const ASSIGNMENT = ['id', 'appScopeId', 'condition', 'directoryScopeId', 'principalId', 'roleDefinitionId'];
const DEFINITION = [
  'id',
  'description',
  'displayName',
  'isBuiltIn',
  'isEnabled',
  'resourceScopes',
  'rolePermissions',
  'templateId',
  'version',
];
const ASSIGNMENT_FILTER = ['id', 'appScopeId', 'directoryScopeId', 'principalId', 'roleDefinitionId'];
const DEFINITION_FILTER = ['id', 'displayName', 'isBuiltIn', 'templateId'];

const directory = {
  assignments: {
    type: 'unifiedRoleAssignment',
    context: 'roleManagement/directory/roleAssignments',
    properties: [...ASSIGNMENT, 'principalOrganizationId'],
    queryable: { filter: ASSIGNMENT_FILTER },
    expandable: ['principal', 'roleDefinition'],
  },
  definitions: {
    type: 'unifiedRoleDefinition',
    context: 'roleManagement/directory/roleDefinitions',
    properties: DEFINITION,
    queryable: { filter: DEFINITION_FILTER },
  },
} as const satisfies Record<string, EntitySet>;

const exchange = {
  assignments: {
    type: 'unifiedRoleAssignment',
    context: 'roleManagement/exchange/roleAssignments',
    properties: [...ASSIGNMENT, 'resourceScope'],
    queryable: { filter: ASSIGNMENT_FILTER },
    expandable: ['roleDefinition'],
  },
  definitions: {
    type: 'unifiedRoleDefinition',
    context: 'roleManagement/exchange/roleDefinitions',
    properties: [...DEFINITION, 'allowedPrincipalTypes', 'isPrivileged'],
    queryable: { filter: DEFINITION_FILTER },
  },
} as const satisfies Record<string, EntitySet>;

export const listDirectoryAssignments: Handler = (context, request) => {
  requirePermission(request.caller, permissions.roleManagement);
  return listAnswer(context, request, directory.assignments, directoryAssignments(request.caller.tenant));
};

export const listDirectoryDefinitions: Handler = (context, request) => {
  requirePermission(request.caller, permissions.roleManagement);
  const entities = directoryRoleTemplates.map((role) => ({ json: definitionJson(role) }));
  return listAnswer(context, request, directory.definitions, entities);
};

export const getDirectoryDefinition: Handler = (context, request, [id = '']) => {
  requirePermission(request.caller, permissions.roleManagement);
  const role = directoryRoleTemplates.find(({ templateId }) => templateId === id.toLowerCase());
  if (!role) throw errors.noSuchUser(id);
  return entityAnswer(context, request, directory.definitions, { json: definitionJson(role) });
};

export const listExchangeAssignments: Handler = (context, request) => {
  requirePermission(request.caller, permissions.exchangeRoles);
  const entities = roleAssignmentsOf(request.caller.tenant).map((json) => ({
    json,
    related: { roleDefinition: exchangeRoleDefinitions.find(({ id }) => id === json.roleDefinitionId) },
  }));
  return listAnswer(context, request, exchange.assignments, entities);
};

export const listExchangeDefinitions: Handler = (context, request) => {
  requirePermission(request.caller, permissions.exchangeRoles);
  return listAnswer(
    context,
    request,
    exchange.definitions,
    exchangeRoleDefinitions.map((json) => ({ json })),
  );
};

export const getExchangeDefinition: Handler = (context, request, [id = '']) => {
  requirePermission(request.caller, permissions.exchangeRoles);
  const json = exchangeRoleDefinitions.find((one) => one.id === id.toLowerCase());
  if (!json) throw errors.noSuchUser(id);
  return entityAnswer(context, request, exchange.definitions, { json });
};

function directoryAssignments(tenant: Tenant): readonly Entity[] {
  return directoryRolesOf(tenant).flatMap((role) =>
    role.members.map((person) => ({
      json: {
        id: roleAssignmentId(role.templateId, person.id),
        appScopeId: null,
        condition: null,
        directoryScopeId: '/',
        principalId: person.id,
        principalOrganizationId: tenant.id,
        roleDefinitionId: role.templateId,
      },
      related: {
        principal: { '@odata.type': '#microsoft.graph.user', ...userJson(person, tenant) },
        roleDefinition: definitionJson(role),
      },
    })),
  );
}

function definitionJson(role: DirectoryRoleTemplate): Json {
  return {
    id: role.templateId,
    description: role.description,
    displayName: role.displayName,
    isBuiltIn: true,
    isEnabled: true,
    resourceScopes: ['/'],
    rolePermissions: [{ allowedResourceActions: role.allowedResourceActions, condition: null }],
    templateId: role.templateId,
    version: '1',
  };
}
