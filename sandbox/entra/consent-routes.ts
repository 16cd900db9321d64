/**
 * Admin consent: `/{tenant|organizations}/v2.0/adminconsent`. Two steps, each a form: who are you, and do you accept.
 * What comes back to the app proves nothing by itself, as with Entra ID.
 */
import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Person, Tenant } from '../world/people.ts';
import { isAllowedRedirect, portalApp } from '../world/portal-app.ts';
import { findTenant } from '../world/tenants.ts';
import { type ConsentRegistry, type GraphPermission, graphPermissions } from './consents.ts';
import { type DelegatedPermission, delegatedPermissions } from './delegated-permissions.ts';
import { accountPage, consentPage, errorPage } from './pages.ts';
import { mayConsent, maySignIn } from './people.ts';
import { accountTiles, chooseAccount, setPageHeaders, unknownTenant } from './sign-in-routes.ts';

const MEANINGS: Readonly<Record<GraphPermission, string>> = {
  'User.Read.All': 'Read all users’ full profiles',
  'Mail.ReadWrite': 'Read and write mail in all mailboxes',
  'RoleManagement.Read.Exchange': 'Read Exchange Online RBAC configuration',
  'RoleManagement.Read.Directory': 'Read all directory RBAC settings',
  'RoleManagement.Read.All': 'Read role management data for all RBAC providers',
  'Directory.Read.All': 'Read directory data',
  'Organization.Read.All': 'Read organization information',
};

const querySchema = z.object({
  client_id: z.string(),
  redirect_uri: z.string(),
  scope: z.string().default('https://graph.microsoft.com/.default'),
  state: z.string().default(''),
  login_hint: z.string().default(''),
  /** set by the first step: object id of the person who decides */
  by: z.string().optional(),
});

const formSchema = z.object({ account: z.string().optional(), decision: z.enum(['accept', 'cancel']).optional() });

type Query = z.infer<typeof querySchema>;

interface Params {
  Params: { tenant: string };
}

export function consentRoutes(consents: ConsentRegistry, tenants: readonly Tenant[]): FastifyPluginAsync {
  return async (server) => {
    server.get<Params>('/:tenant/v2.0/adminconsent', async (request, reply) => {
      const asked = readRequest(tenants, request.params.tenant, request.query, reply);
      if (!asked) return reply;
      const { query, candidates } = asked;
      const decider = query.by === undefined ? undefined : findDecider(candidates, query.by);
      return decider
        ? showConsent(reply, decider, query, request.params.tenant)
        : showAccounts(reply, candidates, query, request.params.tenant);
    });

    server.post<Params>('/:tenant/v2.0/adminconsent', async (request, reply) => {
      const asked = readRequest(tenants, request.params.tenant, request.query, reply);
      if (!asked) return reply;
      const { query, candidates } = asked;
      const form = formSchema.safeParse(request.body).data ?? {};
      const decider = query.by === undefined ? undefined : findDecider(candidates, query.by);
      if (!decider || form.decision === undefined) {
        const chosen = chooseFrom(candidates, form.account?.trim() ?? '');
        if ('problem' in chosen)
          return showAccounts(
            reply,
            candidates,
            { ...query, login_hint: form.account ?? '' },
            request.params.tenant,
            chosen.problem,
          );
        return reply.redirect(consentUrl(request.params.tenant, { ...query, by: chosen.person.id }), 303);
      }
      if (form.decision === 'cancel') return reply.redirect(refusedUrl(query), 303);
      if (!mayConsent(decider.person)) return showConsent(reply, decider, query, request.params.tenant);
      consents.grant(decider.tenant.id, requestedPermissions(query.scope));
      consents.grantDelegated(decider.tenant.id, requestedDelegated(query.scope));
      return reply.redirect(acceptedUrl(query, decider.tenant), 303);
    });
  };
}

interface Decider {
  readonly tenant: Tenant;
  readonly person: Person;
}

/** Writes the refusal by itself when the request cannot be served. */
function readRequest(
  tenants: readonly Tenant[],
  tenantName: string,
  rawQuery: unknown,
  reply: FastifyReply,
): { query: Query; candidates: readonly Tenant[] } | undefined {
  const parsed = querySchema.safeParse(rawQuery);
  const refuse = (code: string, detail: string): undefined => {
    setPageHeaders(reply)
      .code(400)
      .type('text/html')
      .send(errorPage(undefined, code, detail));
  };
  if (!parsed.success)
    return refuse(
      'AADSTS900144',
      `The request must contain '${parsed.error.issues[0]?.path.join('') ?? 'client_id'}'.`,
    );
  if (parsed.data.client_id !== portalApp.clientId)
    return refuse('AADSTS700016', `Application '${parsed.data.client_id}' was not found.`);
  if (!isAllowedRedirect(parsed.data.redirect_uri)) {
    return refuse(
      'AADSTS50011',
      `The redirect URI '${parsed.data.redirect_uri}' does not match the redirect URIs configured for the application.`,
    );
  }
  const tenant = findTenant(tenants, tenantName);
  if (tenant) return { query: parsed.data, candidates: [tenant] };
  if (tenantName === 'organizations' || tenantName === 'common') return { query: parsed.data, candidates: tenants };
  unknownTenant(reply, tenantName);
  return undefined;
}

/** `…/.default` asks for all that the registration lists; anything else for those of them that it names. */
function requestedPermissions(scope: string): readonly GraphPermission[] {
  if (scope.split(' ').some((one) => one.endsWith('/.default'))) return portalApp.graphPermissions;
  return graphPermissions.filter((permission) => scope.split(' ').some((one) => one.endsWith(permission)));
}

/** The same for permissions on behalf of people: a name in `scope` means the permission of both kinds. */
function requestedDelegated(scope: string): readonly DelegatedPermission[] {
  if (scope.split(' ').some((one) => one.endsWith('/.default'))) return portalApp.delegatedPermissions;
  return delegatedPermissions.filter((permission) => scope.split(' ').some((one) => one.endsWith(permission)));
}

function showAccounts(
  reply: FastifyReply,
  candidates: readonly Tenant[],
  query: Query,
  tenantName: string,
  problem?: string,
): FastifyReply {
  const [tenant] = candidates;
  if (!tenant) return reply;
  const tiles = candidates.map((one) => accountTiles(one, query.login_hint));
  const administrators = tiles.flatMap(({ suggested }) => suggested);
  return setPageHeaders(reply)
    .code(problem === undefined ? 200 : 403)
    .type('text/html')
    .send(
      accountPage({
        tenant,
        action: consentUrl(tenantName, { ...query, by: undefined }),
        heading: 'Pick an account',
        lead: 'to give consent for your organization',
        suggested: administrators,
        others: tiles.flatMap(({ others }) => others),
        loginHint: query.login_hint,
        problem,
      }),
    );
}

function showConsent(reply: FastifyReply, decider: Decider, query: Query, tenantName: string): FastifyReply {
  const mayAccept = mayConsent(decider.person);
  return setPageHeaders(reply)
    .code(mayAccept ? 200 : 403)
    .type('text/html')
    .send(
      consentPage({
        ...decider,
        action: consentUrl(tenantName, query),
        otherAccount: consentUrl(tenantName, { ...query, by: undefined }),
        permissions: requestedPermissions(query.scope).map((name) => ({ name, meaning: MEANINGS[name] })),
        mayAccept,
      }),
    );
}

function findDecider(candidates: readonly Tenant[], personId: string): Decider | undefined {
  for (const tenant of candidates) {
    const person = tenant.people.find((one) => one.id === personId);
    if (person && maySignIn(person)) return { tenant, person };
  }
  return undefined;
}

/** With `organizations`, the account's own domain tells the tenant. */
function chooseFrom(candidates: readonly Tenant[], account: string): ReturnType<typeof chooseAccount> {
  const [first] = candidates;
  const home = candidates.find((tenant) => tenant.domains.includes(account.split('@').at(-1)?.toLowerCase() ?? ''));
  const tenant = home ?? first;
  return tenant ? chooseAccount(tenant, account) : { problem: 'AADSTS90002: There is no tenant.' };
}

function consentUrl(tenantName: string, query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') parameters.set(name, value);
  return `/${encodeURIComponent(tenantName)}/v2.0/adminconsent?${parameters}`;
}

function acceptedUrl(query: Query, tenant: Tenant): string {
  return withQuery(query, { admin_consent: 'True', tenant: tenant.id, scope: query.scope });
}

function refusedUrl(query: Query): string {
  return withQuery(query, {
    error: 'access_denied',
    error_description: 'AADSTS65004: User declined to consent to access the app.',
    error_subcode: 'cancel',
  });
}

function withQuery(query: Query, values: Readonly<Record<string, string>>): string {
  const url = new URL(query.redirect_uri);
  for (const [name, value] of Object.entries(values)) url.searchParams.set(name, value);
  if (query.state !== '') url.searchParams.set('state', query.state);
  return url.href;
}
