/** Entra ID's browser side: authorization, choosing an account, signing out. */
import type { FastifyPluginAsync, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify';
import type Provider from 'oidc-provider';
import { z } from 'zod';
import type { Person, Tenant } from '../world/people.ts';
import { findByAddress, findPerson, findTenant } from '../world/tenants.ts';
import { handToProvider } from './mount.ts';
import { accountPage, errorPage, pageHeaders } from './pages.ts';
import { maySignIn } from './people.ts';

const TILES = 10;

export interface SignInSurroundings {
  readonly providers: ReadonlyMap<string, Provider>;
  readonly tenants: readonly Tenant[];
}

const tenantSchema = z.object({ tenant: z.string() });
const formSchema = z.object({ account: z.string() });

export function signInRoutes(around: SignInSurroundings): FastifyPluginAsync {
  return async (server) => {
    await server.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
      const toProvider: RouteHandlerMethod = async (request, reply) => {
        const { tenant } = tenantSchema.parse(request.params);
        const provider = around.providers.get(findTenant(around.tenants, tenant)?.id ?? '');
        if (!provider) return unknownTenant(reply, tenant);
        handToProvider(provider, request, reply);
        return reply;
      };
      // what a browser needs, and no more: oidc-provider has a token endpoint too, which is not Entra ID's
      scope.all('/:tenant/oauth2/v2.0/authorize/:uid', toProvider);
      scope.all('/:tenant/oauth2/v2.0/logout', toProvider);
      scope.all('/:tenant/oauth2/v2.0/logout/*', toProvider);
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
  const tenant = findTenant(around.tenants, request.params.tenant);
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
