/** Entra ID's browser side: authorization, choosing an account, signing out. */
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type Provider from 'oidc-provider';
import { z } from 'zod';
import type { Person, Tenant } from '../world/people.ts';
import { findByAddress, findPerson, findTenant } from '../world/tenants.ts';
import { type AuthorizeSurroundings, checkAuthorize } from './authorize-request.ts';
import { type EntraError, entraSentence } from './errors.ts';
import { handToProvider } from './mount.ts';
import { accountPage, errorPage, pageHeaders } from './pages.ts';
import { maySignIn } from './people.ts';

const TILES = 10;

export interface SignInSurroundings extends AuthorizeSurroundings {
  readonly providers: ReadonlyMap<string, Provider>;
}

const formSchema = z.object({ account: z.string() });

export function signInRoutes(around: SignInSurroundings): FastifyPluginAsync {
  return async (server) => {
    server.get<TenantParams>('/:tenant/oauth2/v2.0/authorize', async (request, reply) => {
      const tenant = findTenant(request.params.tenant);
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
    server.post<TenantParams>('/:tenant/oauth2/v2.0/authorize', async (request, reply) => {
      const form = z.record(z.string(), z.string()).safeParse(request.body).data ?? {};
      const query = new URLSearchParams(form);
      return reply.redirect(`/${encodeURIComponent(request.params.tenant)}/oauth2/v2.0/authorize?${query}`, 303);
    });

    await server.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
      scope.all<TenantParams>('/:tenant/oauth2/v2.0/*', async (request, reply) => {
        const provider = around.providers.get(findTenant(request.params.tenant)?.id ?? '');
        if (!provider) return unknownTenant(reply, request.params.tenant);
        handToProvider(provider, request, reply);
        return reply;
      });
    });

    server.get<SignInParams>('/:tenant/sign-in/:uid', async (request, reply) => {
      const step = await findStep(around, request, reply);
      return step ? showAccounts(reply, step, undefined) : expired(reply);
    });

    server.post<SignInParams>('/:tenant/sign-in/:uid', async (request, reply) => {
      const step = await findStep(around, request, reply);
      if (!step) return expired(reply);
      const account = formSchema.safeParse(request.body).data?.account.trim() ?? '';
      const chosen = chooseAccount(step.tenant, account);
      if ('problem' in chosen) return showAccounts(reply, { ...step, loginHint: account }, chosen.problem);
      const next = await step.provider.interactionResult(
        request.raw,
        reply.raw,
        { login: { accountId: chosen.person.id, remember: true }, select_account: {}, consent: {} },
        { mergeWithLastSubmission: false },
      );
      return reply.redirect(next, 303);
    });
  };
}

/** The person behind what was typed or clicked, or the sentence that says why they cannot sign in. */
export function chooseAccount(tenant: Tenant, account: string): { person: Person } | { problem: string } {
  const person = findPerson(tenant, account) ?? findByAddress(tenant, account);
  if (!person) {
    return {
      problem: `AADSTS50034: ${account === '' ? 'The account' : account} does not exist in ${tenant.displayName}.`,
    };
  }
  if (!maySignIn(person)) {
    return {
      problem: `AADSTS50057: The account of ${person.displayName} is disabled. It cannot sign in, even where its mailbox still works.`,
    };
  }
  return { person };
}

/** People to offer first: those with a role, then others up to a handful; and everybody else. */
export function accountTiles(
  tenant: Tenant,
  loginHint: string,
): { suggested: readonly Person[]; others: readonly Person[] } {
  const people = tenant.people.filter(maySignIn);
  const hinted = loginHint === '' ? undefined : findPerson(tenant, loginHint);
  const weight = (one: Person): number =>
    one === hinted ? 0 : one.appRoles.length + one.directoryRoles.length + one.exchangeRoleGroups.length > 0 ? 1 : 2;
  const ordered = people.toSorted((left, right) => weight(left) - weight(right));
  return { suggested: ordered.slice(0, TILES), others: ordered.slice(TILES) };
}

/** Headers of every page that Entra ID shows. */
export function setPageHeaders(reply: FastifyReply): FastifyReply {
  return reply.headers(pageHeaders);
}

export function unknownTenant(reply: FastifyReply, tenant: string): FastifyReply {
  const detail = `Tenant '${tenant}' was not found.`;
  return setPageHeaders(reply)
    .code(400)
    .type('text/html')
    .send(errorPage(undefined, 'AADSTS90002', detail));
}

/** `?a=b` as it was sent, so that what comes twice is seen. */
function queryOf(request: FastifyRequest): URLSearchParams {
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

function showRefusal(reply: FastifyReply, error: EntraError, tenant: Tenant): FastifyReply {
  return setPageHeaders(reply)
    .code(error.status)
    .type('text/html')
    .send(errorPage(tenant, `AADSTS${error.code}`, error.message));
}

interface TenantParams {
  Params: { tenant: string };
}

interface SignInParams {
  Params: { tenant: string; uid: string };
}

interface Step {
  readonly tenant: Tenant;
  readonly provider: Provider;
  readonly action: string;
  readonly loginHint: string;
}

/** The sign-in that the browser's cookie names; undefined when it is over or belongs to another address. */
async function findStep(
  around: SignInSurroundings,
  request: FastifyRequest<SignInParams>,
  reply: FastifyReply,
): Promise<Step | undefined> {
  const tenant = findTenant(request.params.tenant);
  const provider = tenant && around.providers.get(tenant.id);
  if (!provider) return undefined;
  try {
    const interaction = await provider.interactionDetails(request.raw, reply.raw);
    if (interaction.uid !== request.params.uid) return undefined;
    const hint = interaction.params.login_hint;
    return {
      tenant,
      provider,
      action: `/${tenant.id}/sign-in/${interaction.uid}`,
      loginHint: typeof hint === 'string' ? hint : '',
    };
  } catch {
    return undefined;
  }
}

function showAccounts(reply: FastifyReply, step: Step, problem: string | undefined): FastifyReply {
  const { tenant, action, loginHint } = step;
  return setPageHeaders(reply)
    .code(problem === undefined ? 200 : 403)
    .type('text/html')
    .send(
      accountPage({
        tenant,
        action,
        heading: 'Pick an account',
        lead: `to sign in to the compliance portal at ${tenant.displayName}`,
        ...accountTiles(tenant, loginHint),
        loginHint,
        problem,
      }),
    );
}

function expired(reply: FastifyReply): FastifyReply {
  const detail = 'This sign-in is over. Go back to the portal and start again.';
  return setPageHeaders(reply)
    .code(400)
    .type('text/html')
    .send(errorPage(undefined, 'AADSTS90036', detail));
}
