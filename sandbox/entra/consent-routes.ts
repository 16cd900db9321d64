/**
 * Admin consent: `/{tenant|organizations}/v2.0/adminconsent`. Two steps, each a form: who are you, and do you accept.
 * What comes back to the app proves nothing by itself, as with Entra ID.
 */
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Person, Tenant } from '../world/people.ts';
import { findTenant } from '../world/tenants.ts';
import { queryOf, showRefusal } from './authorize-routes.ts';
import {
  type AskedConsent,
  acceptedUrl,
  askedConsent,
  type ConsentQuery,
  readConsentQuery,
  refusedUrl,
} from './consent-request.ts';
import { type EntraError, EntraRefusal, entraErrors } from './errors.ts';
import { accountPage, consentPage } from './pages.ts';
import { mayConsent, maySignIn } from './people.ts';
import { appMeanings, delegatedMeanings } from './permission-meanings.ts';
import { accountTiles, chooseAccount, setPageHeaders, unknownTenant } from './sign-in-routes.ts';
import type { EntraSurroundings } from './surroundings.ts';

const formSchema = z.object({ account: z.string().optional(), decision: z.enum(['accept', 'cancel']).optional() });

interface Params {
  Params: { tenant: string };
}

export function consentRoutes(
  around: Pick<EntraSurroundings, 'consents' | 'tenants' | 'graphUrl'>,
): FastifyPluginAsync {
  const { consents, tenants } = around;
  return async (server) => {
    server.get<Params>('/:tenant/v2.0/adminconsent', async (request, reply) => {
      const asked = readRequest(tenants, request, reply);
      if (!asked) return reply;
      const { query, candidates } = asked;
      const decider = query.by === undefined ? undefined : findDecider(candidates, query.by);
      if (!decider) return showAccounts(reply, candidates, query, request.params.tenant);
      const consent = consentOf(query, decider.tenant, around);
      return 'error' in consent
        ? reply.redirect(refusedUrl(query, consent), 303)
        : showConsent(reply, decider, consent, query, request.params.tenant);
    });

    server.post<Params>('/:tenant/v2.0/adminconsent', async (request, reply) => {
      const asked = readRequest(tenants, request, reply);
      if (!asked) return reply;
      const { query, candidates } = asked;
      const form = formSchema.safeParse(request.body).data ?? {};
      const decider = query.by === undefined ? undefined : findDecider(candidates, query.by);
      if (!decider || form.decision === undefined) {
        const account = form.account?.trim() ?? '';
        const chosen = chooseFrom(candidates, account);
        if ('problem' in chosen) {
          const again = { ...query, login_hint: account };
          return showAccounts(reply, candidates, again, request.params.tenant, chosen.problem);
        }
        return reply.redirect(consentUrl(request.params.tenant, { ...query, by: chosen.person.id }), 303);
      }
      if (form.decision === 'cancel') return reply.redirect(refusedUrl(query, entraErrors.declinedConsent()), 303);
      const consent = consentOf(query, decider.tenant, around);
      if ('error' in consent) return reply.redirect(refusedUrl(query, consent), 303);
      if (!mayConsent(decider.person)) return showConsent(reply, decider, consent, query, request.params.tenant);
      consents.consent(decider.tenant.id, consent.app, consent.delegated);
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
  request: FastifyRequest<Params>,
  reply: FastifyReply,
): { query: ConsentQuery; candidates: readonly Tenant[] } | undefined {
  const { tenant: name } = request.params;
  const tenant = findTenant(tenants, name);
  const candidates = tenant ? [tenant] : name === 'organizations' || name === 'common' ? tenants : undefined;
  if (!candidates) {
    unknownTenant(reply, name);
    return undefined;
  }
  try {
    return { query: readConsentQuery(queryOf(request), tenant?.displayName ?? name), candidates };
  } catch (error) {
    if (!(error instanceof EntraRefusal)) throw error;
    showRefusal(reply, error.refusal, tenant);
    return undefined;
  }
}

/** What is asked, or why it is refused: known only once somebody has signed in and with them the tenant is. */
function consentOf(
  query: ConsentQuery,
  tenant: Tenant,
  around: Pick<EntraSurroundings, 'graphUrl'>,
): AskedConsent | EntraError {
  try {
    return askedConsent(query.scope, tenant, around);
  } catch (error) {
    if (error instanceof EntraRefusal) return error.refusal;
    throw error;
  }
}

function showAccounts(
  reply: FastifyReply,
  candidates: readonly Tenant[],
  query: ConsentQuery,
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

function showConsent(
  reply: FastifyReply,
  decider: Decider,
  asked: AskedConsent,
  query: ConsentQuery,
  tenantName: string,
): FastifyReply {
  const mayAccept = mayConsent(decider.person);
  return setPageHeaders(reply)
    .code(mayAccept ? 200 : 403)
    .type('text/html')
    .send(
      consentPage({
        ...decider,
        action: consentUrl(tenantName, query),
        otherAccount: consentUrl(tenantName, { ...query, by: undefined }),
        ofApp: appMeanings(asked.app),
        ofPeople: delegatedMeanings(asked.delegated, asked.oidc),
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

function consentUrl(tenantName: string, query: ConsentQuery): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') parameters.set(name, value);
  return `/${encodeURIComponent(tenantName)}/v2.0/adminconsent?${parameters}`;
}
