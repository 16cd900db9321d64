/** Entra ID's sign-in for one tenant, on oidc-provider: sessions, authorization codes, signing out. */
import { randomBytes } from 'node:crypto';
import Provider, { type Configuration, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import type { Tenant } from '../world/people.ts';
import { isAllowedRedirect, portalApp } from '../world/portal-app.ts';
import { findPerson } from '../world/tenants.ts';
import { memoryAdapters } from './adapter.ts';
import { carriableScopes } from './carried-scopes.ts';
import { entraErrors, entraSentence } from './errors.ts';
import { errorPage, pageHeaders, signedOutPage, signOutPage } from './pages.ts';
import { claimsOf, maySignIn, pairwiseSubject } from './people.ts';
import { type EntraSurroundings, issuerOf } from './surroundings.ts';

/** `oidc-provider` for the sign-in pages of a tenant; tokens come from `token-endpoint.ts`. */
export function tenantProvider(tenant: Tenant, around: EntraSurroundings): Provider {
  const provider = new Provider(issuerOf(around.entraUrl(), tenant), configuration(tenant, around));
  // any port of this machine: the portal listens where its operator wants
  provider.Client.prototype.redirectUriAllowed = isAllowedRedirect;
  provider.Client.prototype.postLogoutRedirectUriAllowed = isAllowedRedirect;
  provider.use(async (context, next) => {
    await next();
    sayAsEntra(context);
  });
  return provider;
}

/** A session whose account was disabled or deleted asks for another one; silently asked, it says that nobody is there. */
const accountGone = new interactionPolicy.Check(
  'account_gone',
  'nobody is signed in',
  'login_required',
  ({ oidc }) => oidc.session?.accountId !== undefined && oidc.account === undefined,
);

function configuration(tenant: Tenant, around: EntraSurroundings): Configuration {
  const policy = interactionPolicy.base();
  policy.remove('consent');
  policy.get('login')?.checks.add(accountGone);
  policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }), 0);
  // asked for by clients that want to be sure; what people may consent to counts as consented
  policy.add(new interactionPolicy.Prompt({ name: 'consent', requestable: true }), 1);
  const short = tenant.id.slice(0, 8);

  return {
    adapter: memoryAdapters(),
    clients: [
      {
        client_id: portalApp.clientId,
        client_secret: around.clientSecret,
        client_name: portalApp.displayName,
        redirect_uris: ['http://localhost/'],
        grant_types: ['authorization_code'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_post',
        subject_type: 'pairwise',
      },
    ],
    jwks: { keys: [{ ...around.key.privateJwk }] },
    subjectTypes: ['pairwise'],
    pairwiseIdentifier: (_context, accountId, client) => pairwiseSubject(accountId, client.clientId),
    scopes: carriableScopes(around.graphUrl()),
    findAccount: (_context, id) => {
      const person = findPerson(tenant, id);
      // a session outlives the account that it is for
      if (!person || !maySignIn(person)) return undefined;
      return { accountId: person.id, claims: () => claimsOf(person, tenant) };
    },
    loadExistingGrant: async (context) => {
      const { client, session, provider } = context.oidc;
      if (!client || !session?.accountId) return undefined;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      // checked before it came here
      grant.addOIDCScope(String(context.oidc.params?.scope ?? ''));
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
      AuthorizationCode: 600,
      Grant: 86_400,
      Interaction: 3_600,
      Session: 86_400,
    },
    renderError: (context) => {
      showPage(context, errorPage(tenant, ...requestRefusal()));
    },
  };
}

function showPage(context: KoaContextWithOIDC, page: string): void {
  context.set({ ...pageHeaders });
  context.type = 'html';
  context.body = page;
}

/** What oidc-provider sends to the app, in Entra ID's words: nobody is signed in, or the request is not one. */
function sayAsEntra(context: {
  readonly response: { get(name: string): string; set(name: string, value: string): void };
}): void {
  const location = URL.parse(context.response.get('location'));
  if (!location) return;
  for (const parameters of [location.searchParams, new URLSearchParams(location.hash.slice(1))]) {
    const error = parameters.get('error');
    if (error === null) continue;
    const said = error === 'login_required' ? entraErrors.nobodySignedIn() : entraErrors.request();
    parameters.set('error_description', entraSentence(said));
    if (parameters !== location.searchParams) location.hash = parameters.toString();
    context.response.set('location', location.href);
  }
}

function requestRefusal(): [code: string, detail: string] {
  const { code, message } = entraErrors.request();
  return [`AADSTS${code}`, message];
}
