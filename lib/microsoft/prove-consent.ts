/**
 * Proving a consent: what the tenant has granted is what a fresh token carries and what Graph lets us do, never what a
 * redirect said.
 */
import { z } from 'zod';
import { AppTokenError, type AppTokens } from './app-token.ts';
import { resolveAddresses } from './directory.ts';
import type { CallOptions, Graph } from './graph.ts';
import { bodyOf, GraphError } from './graph-errors.ts';

/** `all`: Mail.ReadWrite for the whole tenant. `chosen`: RBAC for Applications, so that the token has no Mail role. */
export type ConsentMode = 'all' | 'chosen';

export type ConsentProblem =
  /** the application is not in the tenant: nobody has consented */
  | 'not_consented'
  /** the token lacks `missingRoles`; right after a consent this can take minutes */
  | 'roles_missing'
  /** the token is for another tenant */
  | 'wrong_tenant'
  | 'credential_refused'
  /** Graph refuses in spite of the roles */
  | 'forbidden'
  /** nobody has the address that was to be tried, or several people have it */
  | 'address_unknown'
  | 'no_mailbox'
  /** `chosen` and no address given: only a mailbox inside the scope proves it */
  | 'address_needed'
  | 'unreachable'
  | 'unexpected';

export interface ConsentCheck {
  readonly check: 'consent' | 'directory' | 'mailbox';
  readonly result: 'passed' | 'waiting' | 'failed' | 'not_run';
  readonly problem: ConsentProblem | null;
  readonly missingRoles: readonly string[];
}

export interface ConsentProof {
  /** consent, directory, mailbox, in this order */
  readonly checks: readonly [ConsentCheck, ConsentCheck, ConsentCheck];
  readonly proven: boolean;
}

export interface ConsentProofSettings extends CallOptions {
  readonly tokens: AppTokens;
  readonly graph: Graph;
  readonly mode: ConsentMode;
  /** mailboxes to try, one that answers is enough; none tries a few members of the directory, which `chosen` does not allow */
  readonly probeAddresses: readonly string[];
}

const REQUIRED_ROLES: Readonly<Record<ConsentMode, readonly string[]>> = {
  all: ['User.Read.All', 'Mail.ReadWrite'],
  chosen: ['User.Read.All'],
};

/** Runs the three checks. Never throws for a refusal or a network failure: these are results. */
export async function proveConsent(settings: ConsentProofSettings): Promise<ConsentProof> {
  const checks: ConsentCheck[] = [];
  for await (const check of consentChecks(settings)) checks.push(check);
  const [consent = notRun('consent'), directory = notRun('directory'), mailbox = notRun('mailbox')] = checks;
  return { checks: [consent, directory, mailbox], proven: mailbox.result === 'passed' };
}

/** The same three checks, each as soon as it is made. */
export async function* consentChecks(settings: ConsentProofSettings): AsyncGenerator<ConsentCheck> {
  const consent = await attempt('consent', () => checkConsent(settings));
  yield consent;
  const directory = await nextCheck(consent, 'directory', () => checkDirectory(settings));
  yield directory;
  yield await nextCheck(directory, 'mailbox', () => checkMailbox(settings));
}

async function nextCheck(
  before: ConsentCheck,
  check: ConsentCheck['check'],
  run: () => Promise<ConsentCheck>,
): Promise<ConsentCheck> {
  return before.result === 'passed' ? attempt(check, run) : notRun(check);
}

async function checkConsent({ tokens, graph, mode }: ConsentProofSettings): Promise<ConsentCheck> {
  // Fresh: msal would serve the token from before the consent, for an hour.
  const token = await tokens.token(graph.tenantId, { fresh: true });
  if (token.tenantId !== null && token.tenantId.toLowerCase() !== graph.tenantId.toLowerCase())
    return failed('consent', 'wrong_tenant');
  const missingRoles = REQUIRED_ROLES[mode].filter((role) => !token.roles.includes(role));
  if (missingRoles.length > 0) return { check: 'consent', result: 'waiting', problem: 'roles_missing', missingRoles };
  return passed('consent');
}

async function checkDirectory({ graph, signal }: ConsentProofSettings): Promise<ConsentCheck> {
  await graph.request({ method: 'GET', url: '/users?$top=1&$select=id,proxyAddresses' }, { signal });
  return passed('directory');
}

async function checkMailbox({ graph, mode, probeAddresses, signal }: ConsentProofSettings): Promise<ConsentCheck> {
  const isGiven = probeAddresses.length > 0;
  if (!isGiven && mode === 'chosen') return failed('mailbox', 'address_needed');
  const addresses = isGiven ? probeAddresses : await someAddresses(graph, { signal });
  const results = [...(await resolveAddresses(graph, addresses, { signal })).values()];
  if (results.some(({ kind }) => kind === 'mailbox')) return passed('mailbox');
  if (results.some((result) => result.kind === 'no_mailbox' && result.reason === 'access_denied'))
    return failed('mailbox', 'forbidden');
  if (results.some(({ kind }) => kind === 'no_mailbox')) return failed('mailbox', 'no_mailbox');
  return failed('mailbox', 'address_unknown');
}

const membersSchema = z.object({
  value: z.array(z.object({ mail: z.string().nullish(), userType: z.string().nullish() })),
});

/** Addresses of a few members: some may have no mailbox, one that answers is enough. */
async function someAddresses(graph: Graph, options: CallOptions): Promise<readonly string[]> {
  const answer = await graph.request({ method: 'GET', url: '/users?$top=50&$select=id,mail,userType' }, options);
  const members = bodyOf(answer, membersSchema).value.filter(({ userType }) => userType?.toLowerCase() !== 'guest');
  return members.flatMap(({ mail }) => (mail === null || mail === undefined ? [] : [mail])).slice(0, 20);
}

async function attempt(check: ConsentCheck['check'], run: () => Promise<ConsentCheck>): Promise<ConsentCheck> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof AppTokenError) return ofTokenError(check, error);
    if (error instanceof GraphError) return ofGraphError(check, error);
    throw error;
  }
}

function ofTokenError(check: ConsentCheck['check'], error: AppTokenError): ConsentCheck {
  switch (error.failure) {
    case 'app_not_in_tenant':
      return { check, result: 'waiting', problem: 'not_consented', missingRoles: [] };
    case 'credential_refused':
      return failed(check, 'credential_refused');
    case 'throttled':
    case 'unreachable':
      return { check, result: 'waiting', problem: 'unreachable', missingRoles: [] };
    default:
      return failed(check, 'unexpected');
  }
}

function ofGraphError(check: ConsentCheck['check'], error: GraphError): ConsentCheck {
  if (error.kind === 'transient') return { check, result: 'waiting', problem: 'unreachable', missingRoles: [] };
  // A grant takes a while to reach every server: the roles are in the token, the refusal may pass by itself.
  if (error.failure === 'forbidden') return { check, result: 'waiting', problem: 'forbidden', missingRoles: [] };
  return failed(check, error.failure === 'blocked_by_policy' ? 'forbidden' : 'unexpected');
}

function passed(check: ConsentCheck['check']): ConsentCheck {
  return { check, result: 'passed', problem: null, missingRoles: [] };
}

function failed(check: ConsentCheck['check'], problem: ConsentProblem): ConsentCheck {
  return { check, result: 'failed', problem, missingRoles: [] };
}

function notRun(check: ConsentCheck['check']): ConsentCheck {
  return { check, result: 'not_run', problem: null, missingRoles: [] };
}
