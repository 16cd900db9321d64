/** Entra ID for one tenant, on oidc-provider: sign-in by authorization code, and tokens for the app itself. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import Provider, { type Configuration, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import type { Clock } from '../composition.ts';
import type { Tenant } from '../world/people.ts';
import { isAllowedRedirect, portalApp } from '../world/portal-app.ts';
import { findPerson } from '../world/tenants.ts';
import { GRAPH_AUDIENCES, issueAppToken } from './access-tokens.ts';
import { memoryAdapters } from './adapter.ts';
import type { ConsentRegistry } from './consents.ts';
import { type EntraError, entraErrorBody, entraErrors } from './errors.ts';
import type { SigningKey } from './keys.ts';
import { errorPage, pageHeaders, signedOutPage, signOutPage } from './pages.ts';
import { claimsOf, maySignIn, pairwiseSubject } from './people.ts';
import { isShortLived } from './short-lived.ts';

export interface EntraSurroundings {
  readonly key: SigningKey;
  readonly consents: ConsentRegistry;
  readonly clock: Clock;
  readonly tokenSeconds: number;
  /** `https://localhost:4443` */
  readonly entraUrl: () => string;
  /** `https://localhost:4444`, a resource name beside Microsoft's own */
  readonly graphUrl: () => string;
}

/** The issuer of a tenant's tokens. */
export function issuerOf(entraUrl: string, tenant: Tenant): string {
  return `${entraUrl}/${tenant.id}/v2.0`;
}

export function tenantProvider(tenant: Tenant, around: EntraSurroundings): Provider {
  const issuer = issuerOf(around.entraUrl(), tenant);
  const provider = new Provider(issuer, configuration(tenant, around));
  // any port of this machine: the portal listens where its operator wants
  provider.Client.prototype.redirectUriAllowed = isAllowedRedirect;
  provider.Client.prototype.postLogoutRedirectUriAllowed = isAllowedRedirect;
  provider.registerGrantType('client_credentials', (context) => answerAppToken(context, tenant, issuer, around), [
    'scope',
  ]);
  provider.use(async (context, next) => {
    await next();
    const refusal = isOidcContext(context) ? tokenRefusal(context, tenant) : undefined;
    if (refusal) refuse(context, refusal, around.clock());
  });
  return provider;
}

/** A session whose account was disabled or deleted asks for another one; silently asked, it says that nobody is there. */
const accountGone = new interactionPolicy.Check(
  'account_gone',
  'AADSTS50058: A silent sign-in request was sent but no user is signed in.',
  'login_required',
  ({ oidc }) => oidc.session?.accountId !== undefined && oidc.account === undefined,
);

function configuration(tenant: Tenant, around: EntraSurroundings): Configuration {
  const policy = interactionPolicy.base();
  policy.remove('consent');
  policy.get('login')?.checks.add(accountGone);
  policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }), 0);
  const short = tenant.id.slice(0, 8);

  return {
    adapter: memoryAdapters(),
    clients: [
      {
        client_id: portalApp.clientId,
        client_secret: portalApp.clientSecret,
        client_name: portalApp.displayName,
        redirect_uris: ['http://localhost/'],
        grant_types: ['authorization_code', 'client_credentials'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_post',
        subject_type: 'pairwise',
      },
    ],
    jwks: { keys: [{ ...around.key.privateJwk }] },
    subjectTypes: ['pairwise'],
    pairwiseIdentifier: (_context, accountId, client) => pairwiseSubject(accountId, client.clientId),
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    claims: {
      openid: ['sub', 'tid', 'ver', 'roles', 'wids'],
      profile: ['oid', 'name', 'preferred_username'],
      email: ['email'],
    },
    conformIdTokenClaims: false,
    findAccount: (_context, id) => {
      const person = findPerson(tenant, id);
      // a session or a code outlives the account that it is for
      if (!person || !maySignIn(person)) return undefined;
      return { accountId: person.id, claims: () => claimsOf(person, tenant) };
    },
    loadExistingGrant: async (context) => {
      const { client, session, provider } = context.oidc;
      if (!client || !session?.accountId) return undefined;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid profile email offline_access');
      await grant.save();
      return grant;
    },
    interactions: { policy, url: (_context, interaction) => `/${tenant.id}/sign-in/${interaction.uid}` },
    pkce: { required: () => false },
    // cookies of localhost are shared by all ports: each tenant has names of its own
    cookies: {
      keys: [randomBytes(32).toString('base64url')],
      names: { session: `sandbox_${short}`, interaction: `sandbox_in_${short}`, resume: `sandbox_re_${short}` },
    },
    routes: {
      authorization: '/oauth2/v2.0/authorize',
      token: '/oauth2/v2.0/token',
      jwks: '/discovery/v2.0/keys',
      end_session: '/oauth2/v2.0/logout',
      userinfo: '/oidc/userinfo',
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context, form) => {
          showPage(context, signOutPage(tenant, form));
        },
        postLogoutSuccessSource: (context) => {
          showPage(context, signedOutPage(tenant));
        },
      },
    },
    ttl: {
      AccessToken: 3_600,
      AuthorizationCode: 600,
      Grant: 86_400,
      IdToken: idTokenSeconds,
      Interaction: 3_600,
      Session: 86_400,
    },
    renderError: (context, out) => {
      showPage(context, errorPage(tenant, out.error, out.error_description ?? ''));
    },
  };
}

function idTokenSeconds(context: { readonly req: IncomingMessage }): number {
  return isShortLived(context.req) ? 1 : 3_600;
}

/** Client credentials: a token for Graph with the roles that this tenant has granted. */
async function answerAppToken(
  context: KoaContextWithOIDC,
  tenant: Tenant,
  issuer: string,
  around: EntraSurroundings,
): Promise<void> {
  const scope = String(context.oidc.params?.scope ?? '');
  const audience = /^(.+)\/\.default$/.exec(scope)?.[1];
  if (audience === undefined) return refuse(context, entraErrors.invalidScope(scope), around.clock());
  if (![...GRAPH_AUDIENCES, around.graphUrl()].includes(audience)) {
    return refuse(context, entraErrors.unknownResource(audience, tenant.displayName), around.clock());
  }
  const now = around.clock();
  // as from a stale cache: the answer says that it lives, the token itself that it was issued too long ago
  const age = isShortLived(context.req) ? (around.tokenSeconds + 60) * 1_000 : 0;
  context.body = {
    token_type: 'Bearer',
    expires_in: around.tokenSeconds,
    ext_expires_in: around.tokenSeconds,
    access_token: await issueAppToken(around.key, {
      issuer,
      audience,
      tenant: tenant.id,
      app: context.oidc.client?.clientId ?? portalApp.clientId,
      roles: around.consents.granted(tenant.id),
      seconds: around.tokenSeconds,
      now: new Date(now.getTime() - age),
    }),
  };
}

function showPage(context: KoaContextWithOIDC, page: string): void {
  context.set({ ...pageHeaders });
  context.type = 'html';
  context.body = page;
}

/** The part of a Koa context that an answer is written to. */
interface Answer {
  status: number;
  body: unknown;
  get(header: string): string;
}

function refuse(context: Answer, error: EntraError, now: Date): void {
  context.status = error.status;
  context.body = entraErrorBody(error, now, context.get('client-request-id') || undefined);
}

function isOidcContext(context: object): context is KoaContextWithOIDC {
  return 'oidc' in context;
}

/** What Entra ID says where oidc-provider refused a token. */
function tokenRefusal(context: KoaContextWithOIDC, tenant: Tenant): EntraError | undefined {
  if (context.oidc?.route !== 'token' || context.status < 400) return undefined;
  const { error = '', error_description: detail = '', error_codes: said } = refusalOf(context.body);
  if (said) return undefined;
  const app = String(context.oidc.params?.client_id ?? '');
  if (error === 'invalid_client') {
    return context.oidc.entities.Client
      ? entraErrors.wrongSecret(app)
      : entraErrors.unknownApp(app, tenant.displayName);
  }
  if (error === 'invalid_grant') return entraErrors.invalidGrant();
  if (error === 'unsupported_grant_type') return entraErrors.unsupportedGrant();
  return entraErrors.other(error, context.status, detail);
}

function refusalOf(body: unknown): { error?: string; error_description?: string; error_codes?: unknown } {
  return typeof body === 'object' && body !== null ? body : {};
}
