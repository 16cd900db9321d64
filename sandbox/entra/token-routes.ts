/** Entra ID's https side, which programs talk to: discovery, keys, tokens. */
import type { FastifyPluginAsync } from 'fastify';
import type Provider from 'oidc-provider';
import type { Clock } from '../composition.ts';
import type { Tenant } from '../world/people.ts';
import { findTenant } from '../world/tenants.ts';
import { entraErrorBody, entraErrors } from './errors.ts';
import { handToProvider } from './mount.ts';
import { issuerOf } from './provider.ts';
import { makeShortLived } from './short-lived.ts';

export interface TokenRoutesSurroundings {
  readonly providers: ReadonlyMap<string, Provider>;
  readonly tenants: readonly Tenant[];
  readonly clock: Clock;
  readonly entraUrl: () => string;
  /** `http://localhost:4000`: where a browser goes, which never meets the sandbox's certificate */
  readonly browserUrl: () => string;
}

type Params = { Params: { tenant: string } };

export function tokenRoutes(around: TokenRoutesSurroundings): FastifyPluginAsync {
  return async (server) => {
    // bodies are left to the provider
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', (_request, _payload, done) => done(null));

    server.get<Params>('/:tenant/v2.0/.well-known/openid-configuration', async (request, reply) => {
      const tenant = findTenant(around.tenants, request.params.tenant);
      if (!tenant) return reply.code(400).send(unknownTenant(request.params.tenant, around.clock()));
      return discovery(tenant, around);
    });

    for (const path of ['oauth2/v2.0/token', 'discovery/v2.0/keys', 'oidc/userinfo']) {
      server.all<Params>(`/:tenant/${path}`, async (request, reply) => {
        const provider = around.providers.get(findTenant(around.tenants, request.params.tenant)?.id ?? '');
        if (!provider) return reply.code(400).send(unknownTenant(request.params.tenant, around.clock()));
        if (request.sandboxFault?.kind === 'expire') makeShortLived(request.raw);
        handToProvider(provider, request, reply);
        return reply;
      });
    }
  };
}

function unknownTenant(tenant: string, now: Date): Record<string, unknown> {
  return entraErrorBody(entraErrors.unknownTenant(tenant), now);
}

function discovery(tenant: Tenant, around: TokenRoutesSurroundings): Record<string, unknown> {
  const secure = `${around.entraUrl()}/${tenant.id}`;
  const browser = `${around.browserUrl()}/${tenant.id}`;
  return {
    issuer: issuerOf(around.entraUrl(), tenant),
    authorization_endpoint: `${browser}/oauth2/v2.0/authorize`,
    end_session_endpoint: `${browser}/oauth2/v2.0/logout`,
    token_endpoint: `${secure}/oauth2/v2.0/token`,
    jwks_uri: `${secure}/discovery/v2.0/keys`,
    userinfo_endpoint: `${secure}/oidc/userinfo`,
    token_endpoint_auth_methods_supported: ['client_secret_post'],
    response_modes_supported: ['query', 'fragment', 'form_post'],
    response_types_supported: ['code'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    claims_supported: [
      'sub',
      'iss',
      'aud',
      'exp',
      'iat',
      'nonce',
      'name',
      'oid',
      'tid',
      'preferred_username',
      'email',
      'roles',
      'wids',
      'ver',
    ],
    code_challenge_methods_supported: ['S256'],
    request_uri_parameter_supported: false,
    http_logout_supported: true,
    tenant_region_scope: null,
    cloud_instance_name: 'sandbox.invalid',
  };
}
