/**
 * Proving a consent: what the tenant has granted is what a fresh token carries and what Graph lets us do, never what a
 * redirect said.
 */
import { z } from 'zod';
import { AppTokenError, type AppTokens } from './app-token.ts';
import { type DirectoryMailbox, type DirectoryResult, resolveAddresses } from './directory.ts';
import type { CallOptions, Graph } from './graph.ts';
import { bodyOf, GraphError } from './graph-errors.ts';

/** `all`: Mail.ReadWrite for the whole tenant. `chosen`: RBAC for Applications, so that the token has no Mail role. */
export type ConsentMode = 'all' | 'chosen';

export type ConsentProblem =
  /** the application is not in the tenant: nobody has consented */
  | 'not_consented'
  /** the token lacks `missingRoles`; right after a consent this can take minutes */
  | 'roles_missing'
  /** `chosen`, and the token has Mail.ReadWrite for the whole tenant, which makes Exchange's scope void */
  | 'unlimited'
  /** the token is for another tenant */
  | 'wrong_tenant'
  | 'credential_refused'
  /** Graph refuses in spite of the roles */
  | 'forbidden'
  /** `chosen`: Exchange refuses the mailbox. It is not in the scope, or the scope is not in force everywhere yet */
  | 'out_of_scope'
  /** `chosen`: the mailbox that was to be refused opens */
  | 'not_refused'
  /** the mailbox that is to be refused is the one that is to open */
  | 'same_mailbox'
  /** a message could be written, found or removed in the mailbox only in part */
  | 'not_written'
  | 'not_removed'
  /** nobody has the address that was to be tried, or several people have it */
  | 'address_unknown'
  | 'no_mailbox'
  /** `chosen` and no address given: only a mailbox inside the scope proves it */
  | 'address_needed'
  | 'unreachable'
  | 'unexpected';

export type ConsentCheckName = 'consent' | 'directory' | 'mailbox';

/** @typeParam Name `outside` is there only where a limit is proven: a mailbox that must be refused */
export interface ConsentCheck<Name extends ConsentCheckName | 'outside' = ConsentCheckName> {
  readonly check: Name;
  readonly result: 'passed' | 'waiting' | 'failed' | 'not_run';
  readonly problem: ConsentProblem | null;
  readonly missingRoles: readonly string[];
}

export interface ConsentProof {
  /** consent, directory, mailbox, in this order; with `chosen` also outside */
  readonly checks: readonly ProofCheck[];
  readonly proven: boolean;
}

export type ProofCheck = ConsentCheck<ConsentCheckName | 'outside'>;

export interface ConsentProofSettings extends CallOptions {
  readonly tokens: AppTokens;
  readonly graph: Graph;
  readonly mode: ConsentMode;
  /** mailboxes to try, one that answers is enough; none tries a few members of the directory, which `chosen` does not allow */
  readonly probeAddresses: readonly string[];
  /** what is done in the mailbox that answers, besides opening it. @returns what went wrong, null where nothing did */
  readonly tryMailbox?: (mailbox: DirectoryMailbox) => Promise<ConsentProblem | null>;
}

const REQUIRED_ROLES: Readonly<Record<ConsentMode, readonly string[]>> = {
  all: ['User.Read.All', 'Mail.ReadWrite'],
  chosen: ['User.Read.All'],
};

/** Whichever of them a tenant has granted, no mailbox is outside. */
const FOR_ALL_MAILBOXES: readonly string[] = ['Mail.ReadWrite', 'Mail.Read'];

/**
 * Runs the checks. Never throws for a refusal or a network failure: these are results.
 *
 * @param outside a mailbox that must be refused, '' where none is named yet; left out, nothing is tried there
 */
export async function proveConsent(settings: ConsentProofSettings, outside?: string): Promise<ConsentProof> {
  const checks: ProofCheck[] = [];
  for await (const check of consentChecks(settings)) checks.push(check);
  const before = checks.at(-1);
  if (outside !== undefined && before !== undefined)
    checks.push(await nextCheck(before, 'outside', () => checkOutside(settings, outside)));
  return { checks, proven: checks.every(({ result }) => result === 'passed') };
}

/** Consent, directory and mailbox, each as soon as it is made. */
export async function* consentChecks(settings: ConsentProofSettings): AsyncGenerator<ConsentCheck> {
  const consent = await attempt('consent', () => checkConsent(settings));
  yield consent;
  const directory = await nextCheck(consent, 'directory', () => checkDirectory(settings));
  yield directory;
  yield await nextCheck(directory, 'mailbox', () => checkMailbox(settings));
}

async function nextCheck<Name extends ProofCheck['check']>(
  before: ProofCheck,
  check: Name,
  run: () => Promise<ConsentCheck<Name>>,
): Promise<ConsentCheck<Name>> {
  return before.result === 'passed' ? attempt(check, run) : notRun(check);
}

async function checkConsent({ tokens, graph, mode }: ConsentProofSettings): Promise<ConsentCheck> {
  // Fresh: msal would serve the token from before the consent, for an hour.
  const token = await tokens.token(graph.tenantId, { fresh: true });
  if (token.tenantId !== null && token.tenantId.toLowerCase() !== graph.tenantId.toLowerCase())
    return failed('consent', 'wrong_tenant');
  const missingRoles = REQUIRED_ROLES[mode].filter((role) => !token.roles.includes(role));
  if (missingRoles.length > 0) return { check: 'consent', result: 'waiting', problem: 'roles_missing', missingRoles };
  if (mode === 'chosen' && token.roles.some((role) => FOR_ALL_MAILBOXES.includes(role)))
    return failed('consent', 'unlimited');
  return passed('consent');
}

async function checkDirectory({ graph, signal }: ConsentProofSettings): Promise<ConsentCheck> {
  await graph.request({ method: 'GET', url: '/users?$top=1&$select=id,proxyAddresses' }, { signal });
  return passed('directory');
}

async function checkMailbox(settings: ConsentProofSettings): Promise<ConsentCheck> {
  const { graph, mode, probeAddresses, tryMailbox, signal } = settings;
  const isGiven = probeAddresses.length > 0;
  if (!isGiven && mode === 'chosen') return failed('mailbox', 'address_needed');
  const addresses = isGiven ? probeAddresses : await someAddresses(graph, { signal });
  const results = [...(await resolveAddresses(graph, addresses, { signal })).values()];
  const mailbox = results.find((result) => result.kind === 'mailbox');
  if (mailbox !== undefined) {
    const problem = (await tryMailbox?.(mailbox)) ?? null;
    return problem === null ? passed('mailbox') : ofProblem('mailbox', problem);
  }
  if (results.some(isClosed)) return ofProblem('mailbox', mode === 'chosen' ? 'out_of_scope' : 'forbidden');
  return failed('mailbox', results.some(({ kind }) => kind === 'no_mailbox') ? 'no_mailbox' : 'address_unknown');
}

async function checkOutside(
  { graph, probeAddresses, signal }: ConsentProofSettings,
  outside: string,
): Promise<ConsentCheck<'outside'>> {
  if (outside === '') return failed('outside', 'address_needed');
  const results = await resolveAddresses(graph, [outside, ...probeAddresses], { signal });
  const result = results.get(outside.toLowerCase());
  if (result === undefined) return failed('outside', 'address_unknown');
  if (isClosed(result)) return passed('outside');
  if (result.kind === 'mailbox') {
    const isSame = probeAddresses.some((address) => userIdOf(results.get(address.toLowerCase())) === result.userId);
    return failed('outside', isSame ? 'same_mailbox' : 'not_refused');
  }
  return failed('outside', result.kind === 'no_mailbox' ? 'no_mailbox' : 'address_unknown');
}

function isClosed(result: DirectoryResult): boolean {
  return result.kind === 'no_mailbox' && result.reason === 'access_denied';
}

function userIdOf(result: DirectoryResult | undefined): string | null {
  return result?.kind === 'mailbox' ? result.userId : null;
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

async function attempt<Name extends ProofCheck['check']>(
  check: Name,
  run: () => Promise<ConsentCheck<Name>>,
): Promise<ConsentCheck<Name>> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof AppTokenError) return ofTokenError(check, error);
    if (error instanceof GraphError) return ofGraphError(check, error);
    throw error;
  }
}

function ofTokenError<Name extends ProofCheck['check']>(check: Name, error: AppTokenError): ConsentCheck<Name> {
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

function ofGraphError<Name extends ProofCheck['check']>(check: Name, error: GraphError): ConsentCheck<Name> {
  if (error.kind === 'transient') return { check, result: 'waiting', problem: 'unreachable', missingRoles: [] };
  // A grant takes a while to reach every server: the roles are in the token, the refusal may pass by itself.
  if (error.failure === 'forbidden') return { check, result: 'waiting', problem: 'forbidden', missingRoles: [] };
  return failed(check, error.failure === 'blocked_by_policy' ? 'forbidden' : 'unexpected');
}

/** Exchange takes a while to put a scope into force: that one passes by itself. */
function ofProblem<Name extends ProofCheck['check']>(check: Name, problem: ConsentProblem): ConsentCheck<Name> {
  return problem === 'out_of_scope' ? { check, result: 'waiting', problem, missingRoles: [] } : failed(check, problem);
}

function passed<Name extends ProofCheck['check']>(check: Name): ConsentCheck<Name> {
  return { check, result: 'passed', problem: null, missingRoles: [] };
}

function failed<Name extends ProofCheck['check']>(check: Name, problem: ConsentProblem): ConsentCheck<Name> {
  return { check, result: 'failed', problem, missingRoles: [] };
}

function notRun<Name extends ProofCheck['check']>(check: Name): ConsentCheck<Name> {
  return { check, result: 'not_run', problem: null, missingRoles: [] };
}
