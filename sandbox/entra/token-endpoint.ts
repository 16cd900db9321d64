/**
 * The token endpoint. oidc-provider signs people in and makes the codes; redeeming them is done here, because Entra ID
 * differs from the standard in what it takes (secret or certificate, scopes of Graph without `resource`), in what it
 * gives (access tokens with `scp`), and in every word of its refusals.
 */
import type Provider from 'oidc-provider';
import { callingApp } from '../world/calling-app.ts';
import type { Tenant } from '../world/people.ts';
import { portalApp } from '../world/portal-app.ts';
import { type AppProof, graphAudiences, issueAppToken, issuePortalToken } from './access-tokens.ts';
import { EntraRefusal, entraErrors } from './errors.ts';
import type { RefreshTokens } from './refresh-tokens.ts';
import { type EntraSurroundings, issuerOf } from './surroundings.ts';
import { type Form, proveApp, type RawForm, readForm, required } from './token-form.ts';
import { redeemCode, redeemRefreshToken } from './user-grants.ts';

export interface TokenRequest {
  readonly tenant: Tenant;
  readonly provider: Provider;
  readonly refreshTokens: RefreshTokens;
  readonly form: Form;
  /** client id of the app that asks */
  readonly app: string;
  readonly proof: AppProof;
  /** of the tokens that are given out */
  readonly issuedAt: Date;
}

type Grant = (request: TokenRequest, around: EntraSurroundings) => Promise<Record<string, unknown>>;

const GRANTS: Readonly<Record<string, Grant>> = {
  client_credentials: appToken,
  authorization_code: redeemCode,
  refresh_token: redeemRefreshToken,
};

/**
 * Answers a request for tokens with the body of the answer.
 *
 * @throws {EntraRefusal}
 */
export async function answerTokenRequest(
  raw: RawForm,
  place: Pick<TokenRequest, 'tenant' | 'provider' | 'refreshTokens' | 'issuedAt'>,
  around: EntraSurroundings,
): Promise<Record<string, unknown>> {
  const form = readForm(raw);
  const name = required(form, 'grant_type');
  const grant = Object.entries(GRANTS).find(([known]) => known === name)?.[1];
  if (!grant) throw new EntraRefusal(entraErrors.unsupportedGrant(name));
  const { app, proof } = await proveApp(form, place.tenant.displayName, {
    certificates: around.certificates,
    clientSecret: around.clientSecret,
    audiences: audiencesOf(place.tenant, around),
    now: around.clock(),
  });
  // People sign in to the portal only.
  if (grant !== appToken && app !== portalApp.clientId) throw new EntraRefusal(entraErrors.unknownGrant());
  return grant({ ...place, form, app, proof }, around);
}

/** Client credentials: a token for Graph, or for the portal, with the roles that this tenant has granted. */
async function appToken(
  { tenant, form, app, proof, issuedAt: now }: TokenRequest,
  around: EntraSurroundings,
): Promise<Record<string, unknown>> {
  const scope = required(form, 'scope');
  const resource = /^(.+)\/\.default$/.exec(scope)?.[1];
  if (resource === undefined) throw new EntraRefusal(entraErrors.notDefault(scope));
  // a resource whose own name ends with a slash: `https://graph.microsoft.com//.default`
  const audience = resource.replace(/\/$/, '');
  const grounds = { tenant: tenant.id, app, proof, seconds: around.tokenSeconds, now };
  const isPortal = app === portalApp.clientId;
  return {
    token_type: 'Bearer',
    expires_in: around.tokenSeconds,
    ext_expires_in: around.tokenSeconds,
    access_token: PORTAL_AUDIENCES.includes(audience)
      ? await issuePortalToken(around.key, {
          ...grounds,
          issuer: issuerOf(around.entraUrl(), tenant),
          // What the registration defines is granted to nobody by itself, not to the registration either.
          roles: isPortal ? [] : (callingApp.roles[tenant.id] ?? []),
        })
      : await issueAppToken(around.key, {
          ...grounds,
          audience: graphAudience(audience, resource, tenant, around),
          roles: isPortal ? around.consents.granted(tenant.id) : [],
        }),
  };
}

/** The portal's own names as a resource: its client id, and the address that a registration gets to begin with. */
const PORTAL_AUDIENCES: readonly string[] = [portalApp.clientId, `api://${portalApp.clientId}`];

/** @throws {EntraRefusal} it is no name of Graph */
function graphAudience(audience: string, resource: string, tenant: Tenant, around: EntraSurroundings): string {
  if (graphAudiences(around.graphUrl()).includes(audience)) return audience;
  throw new EntraRefusal(entraErrors.unknownResource(resource, tenant.displayName));
}

/** What an assertion may be meant for: this tenant's token endpoint by any of its names, or the issuer. */
function audiencesOf(tenant: Tenant, around: EntraSurroundings): readonly string[] {
  const names = [tenant.id, ...tenant.domains];
  return [
    issuerOf(around.entraUrl(), tenant),
    ...names.map((name) => `${around.entraUrl()}/${name}/oauth2/v2.0/token`),
  ];
}
