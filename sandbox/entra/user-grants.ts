/** Tokens on behalf of a person: by the code of a sign-in, and later by a refresh token. */
import { createHash } from 'node:crypto';
import type { Person, Tenant } from '../world/people.ts';
import { portalApp } from '../world/portal-app.ts';
import { findPerson } from '../world/tenants.ts';
import { GRAPH_APP, issueUserToken } from './access-tokens.ts';
import { carriedScopes } from './carried-scopes.ts';
import { type AskedScopes, joinScopes, permissionsInToken, readScopes, unconsented } from './delegated-permissions.ts';
import { EntraRefusal, entraErrors } from './errors.ts';
import { issueIdToken } from './id-token.ts';
import { maySignIn } from './people.ts';
import { type EntraSurroundings, issuerOf, scopeSurroundings } from './surroundings.ts';
import type { TokenRequest } from './token-endpoint.ts';
import { type Form, required } from './token-form.ts';

/** A sign-in that tokens are asked for. */
interface SignIn {
  readonly person: Person;
  readonly asked: AskedScopes;
  /** the `scope` of the sign-in, for the next refresh token */
  readonly scope: string;
  readonly nonce: string | undefined;
  readonly code: string;
}

/**
 * Redeems an authorization code.
 * @throws {EntraRefusal}
 */
export async function redeemCode(request: TokenRequest, around: EntraSurroundings): Promise<Record<string, unknown>> {
  const { form, tenant, provider, refreshTokens } = request;
  const value = required(form, 'code');
  const redirect = required(form, 'redirect_uri');
  const code = await provider.AuthorizationCode.find(value, { ignoreExpiration: true });
  if (!code?.accountId) throw new EntraRefusal(entraErrors.unknownGrant());
  if (code.isExpired) throw new EntraRefusal(entraErrors.expiredCode());
  if (code.redirectUri !== redirect) {
    throw new EntraRefusal(entraErrors.wrongRedirect(redirect, code.redirectUri ?? ''));
  }
  if (code.codeChallenge !== undefined && challengeOf(form.get('code_verifier')) !== code.codeChallenge) {
    throw new EntraRefusal(entraErrors.wrongVerifier());
  }
  const scope = carriedScopes(code.scope);
  const person = checkedPerson(tenant, code.accountId);
  const asked = checkedScopes(scope, form, tenant, around);
  if (!refreshTokens.spend(value)) throw new EntraRefusal(entraErrors.spentCode());
  return answer({ person, asked, scope, nonce: code.nonce, code: value }, request, around);
}

/**
 * New tokens for a refresh token.
 * @throws {EntraRefusal}
 */
export async function redeemRefreshToken(
  request: TokenRequest,
  around: EntraSurroundings,
): Promise<Record<string, unknown>> {
  const { form, tenant, refreshTokens } = request;
  const grant = refreshTokens.find(required(form, 'refresh_token'));
  if (grant?.tenantId !== tenant.id) throw new EntraRefusal(entraErrors.unknownGrant());
  if (grant.expires <= around.clock().getTime()) throw new EntraRefusal(entraErrors.expiredRefreshToken());
  const person = checkedPerson(tenant, grant.personId);
  const asked = checkedScopes(grant.scope, form, tenant, around);
  return answer({ person, asked, scope: grant.scope, nonce: undefined, code: grant.code }, request, around);
}

async function answer(
  { person, asked, scope, nonce, code }: SignIn,
  { tenant, form, proof, refreshTokens, issuedAt: now }: TokenRequest,
  around: EntraSurroundings,
): Promise<Record<string, unknown>> {
  const issuer = issuerOf(around.entraUrl(), tenant);
  const oidc = asked.oidc.filter((one) => one !== 'offline_access');
  const permissions = permissionsInToken(asked, around.consents.delegated(tenant.id));
  // Scopes come back by the name of Graph that they were asked for with.
  const prefix = asked.audience === GRAPH_APP ? '' : `${asked.audience}/`;
  const grounds = { audience: asked.audience, tenant: tenant.id, app: portalApp.clientId, proof, now };
  return {
    token_type: 'Bearer',
    scope: [...oidc, ...permissions.map((one) => `${prefix}${one}`)].join(' '),
    expires_in: around.tokenSeconds,
    ext_expires_in: around.tokenSeconds,
    access_token: await issueUserToken(around.key, {
      ...grounds,
      person,
      scopes: [...oidc, ...permissions],
      seconds: around.tokenSeconds,
    }),
    ...(asked.oidc.includes('offline_access') && {
      refresh_token: refreshTokens.issue({ tenantId: tenant.id, personId: person.id, scope, code }, around.clock()),
    }),
    ...(oidc.includes('openid') && {
      id_token: await issueIdToken(around.key, {
        issuer,
        tenant,
        person,
        scopes: oidc,
        nonce,
        withRoleIds: around.manifest.wids,
        now,
      }),
    }),
    ...(form.get('client_info') === '1' && { client_info: clientInfo(person, tenant) }),
  };
}

/** The person behind a sign-in, who may have left since. */
function checkedPerson(tenant: Tenant, id: string): Person {
  const person = findPerson(tenant, id);
  if (!person) throw new EntraRefusal(entraErrors.noSuchPerson(tenant.displayName));
  if (!maySignIn(person)) throw new EntraRefusal(entraErrors.disabledPerson());
  return person;
}

/** What was asked at the sign-in and what is asked now, if it is consented. */
function checkedScopes(signIn: string, form: Form, tenant: Tenant, around: EntraSurroundings): AskedScopes {
  const where = scopeSurroundings(tenant, around);
  const asked = joinScopes(readScopes(signIn, where), readScopes(form.get('scope') ?? '', where));
  if (unconsented(asked, around.consents.delegated(tenant.id)).length > 0) {
    throw new EntraRefusal(entraErrors.notConsented(where.app, where.appName));
  }
  return asked;
}

/** S256, the only method that the sign-in takes. */
function challengeOf(verifier: string | undefined): string | undefined {
  return verifier === undefined ? undefined : createHash('sha256').update(verifier).digest('base64url');
}

/** What msal tells accounts apart by. */
function clientInfo(person: Person, tenant: Tenant): string {
  return Buffer.from(JSON.stringify({ uid: person.id, utid: tenant.id })).toString('base64url');
}
