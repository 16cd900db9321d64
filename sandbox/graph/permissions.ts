/** Which permissions open the directory's routes: of the app itself, or on behalf of the signed-in person. */
import { errors } from './errors.ts';
import type { Caller } from './request.ts';

/** Any one of them is enough. */
export interface Permissions {
  readonly app: readonly string[];
  readonly delegated: readonly string[];
}

const READ_ROLES = ['RoleManagement.Read.Directory', 'Directory.Read.All'];
const READ_ALL_ROLES = ['RoleManagement.Read.Directory', 'RoleManagement.Read.All', 'Directory.Read.All'];
const READ_EXCHANGE_ROLES = ['RoleManagement.Read.Exchange', 'RoleManagement.Read.All'];

/**
 * As Microsoft's reference has them for each method, with one exception: it wants `Organization.Read.All` of an app
 * that reads `/organization`, and the portal gets along with `User.Read.All` here, which a real tenant has to confirm.
 */
export const permissions = {
  users: {
    app: ['User.Read.All', 'Directory.Read.All'],
    delegated: ['User.ReadBasic.All', 'User.Read.All', 'Directory.Read.All'],
  },
  /** oneself */
  me: { app: [], delegated: ['User.Read', 'User.ReadBasic.All', 'User.Read.All', 'Directory.Read.All'] },
  memberships: { app: ['User.Read.All', 'Directory.Read.All'], delegated: ['User.Read.All', 'Directory.Read.All'] },
  ownMemberships: { app: [], delegated: ['User.Read', 'User.Read.All', 'Directory.Read.All'] },
  organization: {
    app: ['User.Read.All', 'Organization.Read.All', 'Directory.Read.All'],
    delegated: ['User.Read', 'Organization.Read.All', 'Directory.Read.All'],
  },
  organizationInFull: {
    app: ['User.Read.All', 'Organization.Read.All', 'Directory.Read.All'],
    delegated: ['Organization.Read.All', 'Directory.Read.All'],
  },
  directoryRoles: { app: READ_ROLES, delegated: READ_ROLES },
  roleManagement: { app: READ_ALL_ROLES, delegated: READ_ALL_ROLES },
  exchangeRoles: { app: READ_EXCHANGE_ROLES, delegated: READ_EXCHANGE_ROLES },
} as const satisfies Record<string, Permissions>;

export function allows(caller: Caller, needed: Permissions): boolean {
  return caller.user
    ? needed.delegated.some((scope) => caller.scopes.has(scope))
    : needed.app.some((role) => caller.roles.has(role));
}

/** @throws {GraphError} 403 Authorization_RequestDenied */
export function requirePermission(caller: Caller, needed: Permissions): void {
  if (!allows(caller, needed)) throw errors.directoryAccessDenied();
}
