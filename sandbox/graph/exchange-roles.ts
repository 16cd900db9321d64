/** `/beta/roleManagement/exchange`: Exchange roles, assigned to role groups and, seldom, to people. */

import { exchangeRoleDefinitions, roleAssignmentsOf } from '../world/exchange-roles.ts';
import type { Handler } from './context.ts';
import { errors } from './errors.ts';
import type { Json } from './json.ts';
import { plainSubject, satisfies } from './odata/evaluate.ts';
import { queryOptions } from './odata/query.ts';

export const listRoleDefinitions: Handler = (_context, request) => list(request, exchangeRoleDefinitions);

export const listRoleAssignments: Handler = (_context, request) =>
  list(request, roleAssignmentsOf(request.caller.tenant));

export const getRoleDefinition: Handler = (_context, request, [id = '']) => {
  requireExchangeRoles(request);
  const definition = exchangeRoleDefinitions.find((one) => one.id === id);
  if (!definition) throw errors.noSuchUser(id);
  return { status: 200, body: definition };
};

function list(request: Parameters<Handler>[1], all: readonly Json[]): ReturnType<Handler> {
  requireExchangeRoles(request);
  const { filter } = queryOptions(request.query, { maxTop: 999 });
  const value = all.filter((one) => filter === undefined || satisfies(filter, plainSubject(one)));
  return { status: 200, body: { value } };
}

function requireExchangeRoles(request: Parameters<Handler>[1]): void {
  if (!request.caller.roles.has('RoleManagement.Read.Exchange')) throw errors.directoryAccessDenied();
}
