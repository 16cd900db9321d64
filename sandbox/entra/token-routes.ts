/** Entra ID's https side, which programs talk to: discovery, keys, tokens. */
import { randomUUID } from 'node:crypto';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type Provider from 'oidc-provider';
import type { Clock } from '../composition.ts';
import type { Tenant } from '../world/people.ts';
import { findTenant } from '../world/tenants.ts';
import { type EntraError, EntraRefusal, entraErrorBody, entraErrors } from './errors.ts';
import { handToProvider } from './mount.ts';
import { RefreshTokens } from './refresh-tokens.ts';
import { type EntraSurroundings, issuerOf } from './surroundings.ts';
import { answerTokenRequest } from './token-endpoint.ts';
import { userInfoRoute } from './user-info.ts';

export interface TokenRoutesSurroundings extends EntraSurroundings {
  readonly providers: ReadonlyMap<string, Provider>;
  /** `http://localhost:4000`: where a browser goes, which never meets the sandbox's certificate */
  readonly browserUrl: () => string;
}

type Params = { Params: { tenant: string } };

/** Names that stand for every tenant of work accounts: discovery and keys are there, tokens are not. */
const EVERYBODYS = ['common', 'organizations'];
/** Names that stand for no single tenant. */
const NOBODYS = [...EVERYBODYS, 'consumers'];

export function tokenRoutes(around: TokenRoutesSurroundings): FastifyPluginAsync {
  const refreshTokens = new RefreshTokens();
  return async (server) => {
    server.removeAllContentTypeParsers();
    // Whatever a body says that it is: a token request that is no form lacks its first parameter.
    server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    server.setErrorHandler((error, request, reply) => refuse(reply, refusalOf(error), request, around.clock()));
    server.setNotFoundHandler((_request, reply) => reply.code(404).send());

    server.get<Params>('/:tenant/v2.0/.well-known/openid-configuration', async (request) => {
      const name = request.params.tenant.toLowerCase();
      // braces and all: which tenant issued a token stands in its `tid`
      if (EVERYBODYS.includes(name)) return discovery(name, '{tenantid}', around);
      const { id } = tenantOf(request, around);
      return discovery(id, id, around);
    });
    server.get<Params>('/:tenant/discovery/v2.0/keys', async (request, reply) => {
      // all tenants sign with the same keys
      const [anyTenant] = EVERYBODYS.includes(request.params.tenant.toLowerCase()) ? around.tenants : [];
      handToProvider(providerOf(anyTenant ?? tenantOf(request, around), around), request, reply);
      return reply;
    });
    server.route({ method: ['GET', 'POST'], url: '/:tenant/oidc/userinfo', handler: userInfoRoute(around) });
    server.all<Params>('/:tenant/oauth2/v2.0/token', async (request, reply) => {
      const tenant = tenantOf(request, around);
      if (request.method !== 'POST') throw new EntraRefusal(entraErrors.onlyPost(request.method));
      const raw = {
        contentType: request.headers['content-type'],
        body: typeof request.body === 'string' ? request.body : '',
        authorization: request.headers.authorization,
      };
      const now = around.clock().getTime();
      // as from a stale cache: the answer says that the token lives, the token itself that it was issued too long ago
      const age = request.sandboxFault?.kind === 'expire' ? Math.max(around.tokenSeconds, 3_600) + 60 : 0;
      const issuedAt = new Date(now - age * 1_000);
      const place = { tenant, provider: providerOf(tenant, around), refreshTokens, issuedAt };
      const answer = await answerTokenRequest(raw, place, around);
      // a refused request is given no token that could be over
      request.sandboxFaultDone = age > 0;
      return reply
        .headers({ 'cache-control': 'no-store, no-cache', pragma: 'no-cache', 'x-ms-request-id': randomUUID() })
        .send(answer);
    });
  };
}

/** Entra ID's answer to a URL that cannot be decoded, which never comes to its routes. */
export function unroutableAtEntra(clock: Clock) {
  return (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
    refuse(reply, entraErrors.request(), request, clock());
}

/** @throws {EntraRefusal} */
function tenantOf(request: FastifyRequest<Params>, around: Pick<EntraSurroundings, 'tenants'>): Tenant {
  const { tenant: name } = request.params;
  const tenant = findTenant(around.tenants, name);
  if (tenant) return tenant;
  if (NOBODYS.includes(name.toLowerCase())) throw new EntraRefusal(entraErrors.noTenant());
  const isName = /^[\w-]+(\.[\w-]+)+$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name);
  throw new EntraRefusal(isName ? entraErrors.unknownTenant(name) : entraErrors.invalidTenant(name));
}

function providerOf(tenant: Tenant, around: TokenRoutesSurroundings): Provider {
  const provider = around.providers.get(tenant.id);
  if (!provider) throw new EntraRefusal(entraErrors.unknownTenant(tenant.id));
  return provider;
}

/** What is no refusal and no fault of the request is a fault of the sandbox, and says so. */
function refusalOf(error: unknown): EntraError {
  if (error instanceof EntraRefusal) return error.refusal;
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : 500;
  if (typeof status === 'number' && status < 500) return entraErrors.request();
  const reason = error instanceof Error ? error.message : 'unknown error';
  return entraErrors.other('server_error', 500, `The sandbox failed: ${reason}`);
}

function refuse(reply: FastifyReply, error: EntraError, request: FastifyRequest, now: Date): FastifyReply {
  const correlation = request.headers['client-request-id'];
  const body = entraErrorBody(error, now, typeof correlation === 'string' ? correlation : undefined);
  return reply.code(error.status).header('cache-control', 'no-store, no-cache').send(body);
}

/**
 * The document of `name`, a tenant's id or a name for all of them.
 * @param issuing id of the tenant that issues tokens
 */
function discovery(name: string, issuing: string, around: TokenRoutesSurroundings): Record<string, unknown> {
  const secure = `${around.entraUrl()}/${name}`;
  const browser = `${around.browserUrl()}/${name}`;
  return {
    issuer: issuerOf(around.entraUrl(), { id: issuing }),
    authorization_endpoint: `${browser}/oauth2/v2.0/authorize`,
    end_session_endpoint: `${browser}/oauth2/v2.0/logout`,
    token_endpoint: `${secure}/oauth2/v2.0/token`,
    jwks_uri: `${secure}/discovery/v2.0/keys`,
    userinfo_endpoint: `${secure}/oidc/userinfo`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
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
