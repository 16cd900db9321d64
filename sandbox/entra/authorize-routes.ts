/** Where a sign-in begins: `/oauth2/v2.0/authorize`. A good request goes to oidc-provider, another one is refused here. */
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type Provider from 'oidc-provider';
import { z } from 'zod';
import type { Tenant } from '../world/people.ts';
import { findTenant } from '../world/tenants.ts';
import { type AuthorizeSurroundings, checkAuthorize } from './authorize-request.ts';
import { type EntraError, entraSentence } from './errors.ts';
import { handToProvider } from './mount.ts';
import { errorPage } from './pages.ts';
import { setPageHeaders, unknownTenant } from './sign-in-routes.ts';

export const AUTHORIZE_ROUTE = '/:tenant/oauth2/v2.0/authorize';

export interface AuthorizeRoutesSurroundings extends AuthorizeSurroundings {
  readonly tenants: readonly Tenant[];
  readonly providers: ReadonlyMap<string, Provider>;
}

interface TenantParams {
  Params: { tenant: string };
}

export function authorizeRoutes(around: AuthorizeRoutesSurroundings): FastifyPluginAsync {
  return async (server) => {
    server.get<TenantParams>(AUTHORIZE_ROUTE, async (request, reply) => {
      const tenant = findTenant(around.tenants, request.params.tenant);
      const provider = tenant && around.providers.get(tenant.id);
      if (!provider) return unknownTenant(reply, request.params.tenant);
      const checked = checkAuthorize(queryOf(request), tenant, around);
      if (checked.kind === 'good') {
        request.raw.url = `/${tenant.id}/oauth2/v2.0/authorize?${checked.query}`;
        handToProvider(provider, request, reply);
        return reply;
      }
      const target = checked.kind === 'redirect' ? refusedUrl(queryOf(request), checked.error) : undefined;
      return target === undefined ? showRefusal(reply, checked.error, tenant) : reply.redirect(target, 303);
    });
    // the same by a form, which Entra ID takes as well
    server.post<TenantParams>(AUTHORIZE_ROUTE, async (request, reply) => {
      const form = z.record(z.string(), z.string()).safeParse(request.body).data ?? {};
      const query = new URLSearchParams(form);
      return reply.redirect(`/${encodeURIComponent(request.params.tenant)}/oauth2/v2.0/authorize?${query}`, 303);
    });
  };
}

/** `?a=b` as it was sent, so that what comes twice is seen. */
export function queryOf(request: FastifyRequest): URLSearchParams {
  return new URLSearchParams((request.raw.url ?? '').split('?').slice(1).join('?'));
}

/** Where the app hears of the refusal; undefined for a form, which nobody here would send. */
function refusedUrl(query: URLSearchParams, error: EntraError): string | undefined {
  const mode = query.get('response_mode') ?? 'query';
  const target = URL.parse(query.get('redirect_uri') ?? '');
  if (!target || mode === 'form_post') return undefined;
  const state = query.get('state');
  const answer = new URLSearchParams({
    error: error.error,
    error_description: entraSentence(error),
    ...(state !== null && { state }),
  });
  if (mode === 'fragment') target.hash = answer.toString();
  else for (const [name, value] of answer) target.searchParams.set(name, value);
  return target.href;
}

/** The page of a refusal that no app hears of. */
export function showRefusal(reply: FastifyReply, error: EntraError, tenant: Tenant | undefined): FastifyReply {
  return setPageHeaders(reply)
    .code(error.status)
    .type('text/html')
    .send(errorPage(tenant, `AADSTS${error.code}`, error.message));
}
