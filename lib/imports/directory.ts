/**
 * The directory with a memory: what it said of an address is kept for a stated time, because a page of items asks for the
 * same few people again and again. The memory is never the truth about a delivery: a mailbox that is gone says so itself.
 */
import { AppTokenError } from '../microsoft/app-token.ts';
import { type DirectoryResult, resolveAddresses } from '../microsoft/directory.ts';
import type { Graph } from '../microsoft/graph.ts';
import type { Ledger } from './ledger.ts';

/** Where answers are remembered. */
export type DirectoryMemory = Pick<Ledger, 'recallAddresses' | 'rememberAddresses'>;

/**
 * What the directory says of addresses, by their lower-case form.
 *
 * @param options.fresh true asks the directory whatever is remembered
 * @param options.mayWriteMail asked where a mailbox is closed to us: whether only that one is, or the organization
 * @throws GraphError; AppTokenError, also where the organization no longer lets us write mail
 */
export async function lookUpAddresses(
  memory: DirectoryMemory,
  graph: Graph,
  organizationId: string,
  addresses: Iterable<string>,
  options: {
    readonly fresh?: boolean;
    readonly signal?: AbortSignal;
    readonly mayWriteMail?: (organizationId: string) => Promise<boolean>;
    /** waits before what the directory refused is asked again; default by the system's clock */
    readonly sleep?: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
  } = {},
): Promise<ReadonlyMap<string, DirectoryResult>> {
  const wanted = [...new Set([...addresses].map((address) => address.toLowerCase()))];
  if (wanted.length === 0) return new Map();
  const results = options.fresh
    ? new Map<string, DirectoryResult>()
    : new Map(await memory.recallAddresses(organizationId, wanted));
  const unknown = wanted.filter((address) => !results.has(address));
  if (unknown.length === 0) return results;
  const asked = await resolveAddresses(graph, unknown, {
    ...(options.signal ? { signal: options.signal } : {}),
    ...(options.sleep ? { sleep: options.sleep } : {}),
  });
  const closed = [...asked.values()].some((one) => one.kind === 'no_mailbox' && one.reason === 'access_denied');
  if (closed && options.mayWriteMail && !(await options.mayWriteMail(organizationId))) {
    throw new AppTokenError('app_not_in_tenant', 'the organization no longer lets this application write mail');
  }
  await memory.rememberAddresses(organizationId, asked);
  for (const [address, result] of asked) results.set(address, result);
  return results;
}
