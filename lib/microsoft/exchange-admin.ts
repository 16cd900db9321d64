/**
 * Who is an administrator by the Exchange role *Mailbox Import Export*, the second source of `DataConnectors.Admin`. Exchange's
 * roles are in Graph's beta alone and take the application permission `RoleManagement.Read.Exchange`: a tenant that has not
 * granted it has no second source, and nobody is asked anything.
 *
 * What Graph lists of a person counts, over the whole organization alone. Whether a real tenant lists there what a person has
 * through a role group is not documented, and could not be tried.
 *
 * @see https://learn.microsoft.com/graph/api/rbacapplication-list-roleassignments
 */
import { z } from 'zod';
import { AppTokenError } from './app-token.ts';
import { createGraph, type GraphSettings } from './graph.ts';
import { GraphError } from './graph-errors.ts';
import { quoted } from './odata.ts';

export const ROLE_NAME = 'Mailbox Import Export';
/** Each of them lets the application read Exchange's roles. */
const PERMISSIONS = ['RoleManagement.Read.Exchange', 'RoleManagement.Read.All'];
/** Somebody waits for a page meanwhile. */
const TIMEOUT_MS = 5_000;

/** `unknown`: Microsoft did not answer, or not in a way that can be understood. */
export type ExchangeAdmin = 'held' | 'not_held' | 'unknown';

const assignmentsSchema = z.object({
  value: z.array(
    z.object({
      directoryScopeId: z.string().nullish(),
      appScopeId: z.string().nullish(),
      roleDefinition: z.object({ displayName: z.string().nullish(), isEnabled: z.boolean().nullish() }).nullish(),
    }),
  ),
});

/** @returns a function that asks Graph about a person, by tenant and object id */
export function exchangeAdmins(
  settings: Pick<GraphSettings, 'hosts' | 'tokens' | 'transport'>,
): (organizationId: string, userId: string) => Promise<ExchangeAdmin> {
  return async (organizationId, userId) => {
    try {
      const { roles } = await settings.tokens.token(organizationId);
      if (!PERMISSIONS.some((permission) => roles.includes(permission))) return 'not_held';
      const graph = createGraph({ ...settings, tenantId: organizationId, version: 'beta' });
      const filter = encodeURIComponent(`principalId eq ${quoted(`/Users/${userId}`)}`);
      const answer = await graph.request(
        {
          method: 'GET',
          url: `/roleManagement/exchange/roleAssignments?$filter=${filter}&$expand=roleDefinition`,
        },
        { signal: AbortSignal.timeout(TIMEOUT_MS) },
      );
      const parsed = assignmentsSchema.safeParse(answer.body);
      if (!parsed.success) return 'unknown';
      return parsed.data.value.some(isWhole) ? 'held' : 'not_held';
    } catch (error) {
      // Without consent there is no token, and with a permission that was taken back no answer.
      if (error instanceof GraphError) return error.kind === 'customer' ? 'not_held' : 'unknown';
      if (error instanceof AppTokenError) return error.kind === 'customer' ? 'not_held' : 'unknown';
      throw error;
    }
  };
}

/** Of the role, and not limited to some mailboxes: an administrator here reaches all of them. */
function isWhole(one: z.infer<typeof assignmentsSchema>['value'][number]): boolean {
  const { roleDefinition, directoryScopeId, appScopeId } = one;
  return (
    roleDefinition?.displayName === ROLE_NAME &&
    roleDefinition.isEnabled !== false &&
    directoryScopeId === '/' &&
    (appScopeId ?? null) === null
  );
}
