/** Numbers without a mailbox: people, not items, each with how much waits for them and whose mailbox it may be. */
import { AppTokenError } from '../../microsoft/app-token.ts';
import { GraphError } from '../../microsoft/graph-errors.ts';
import { membersByName } from '../../microsoft/members-by-name.ts';
import { type Actor, authorize } from '../../security/actor.ts';
import { maskedNumber, seesNumbers } from '../../security/shown-number.ts';
import type { ReadingParts } from './parts.ts';
import { type MappedConnector, mappedConnector } from './store/versions.ts';
import { type FoundNumber, readWaitingNumbers } from './store/waiting-numbers.ts';

export interface WaitingNumber {
  /** E.164; masked for those who may not see numbers */
  readonly number: string;
  /** at the source */
  readonly name: string | null;
  /** the address at the source, or that of the one member of that name. null: somebody has to know */
  readonly suggested: string | null;
  /** copies that wait and that nobody signed off */
  readonly waiting: number;
  /** when the oldest of them reached the source */
  readonly oldest: Date;
}

export interface WaitingNumbers {
  /** those that most copies wait for come first */
  readonly numbers: readonly WaitingNumber[];
  /** there are others */
  readonly more: boolean;
}

/** How long a page waits for suggestions. */
const LONGEST_MS = 5_000;

/** Needs `connectors.read`. Empty for another organization's connector. @throws NotAllowed */
export async function waitingNumbers(
  parts: ReadingParts,
  actor: Actor,
  { connectorId, limit }: { readonly connectorId: string; readonly limit: number },
): Promise<WaitingNumbers> {
  authorize(actor, 'connectors.read');
  const { pool } = parts.database;
  const connector = await mappedConnector(pool, actor.organizationId, connectorId);
  if (connector === null) return { numbers: [], more: false };
  const { organizationId, sourceId } = connector;
  const read = await readWaitingNumbers(pool, { organizationId, sourceId }, limit + 1);
  const found = read.slice(0, limit);
  const byName = await namesakes(parts, connector, found);
  const whole = seesNumbers(actor);
  const numbers = found.map(({ number, name, email, isUnusable, waiting, oldest }) => ({
    number: whole ? number : maskedNumber(number),
    name,
    suggested: ownAddress({ email, isUnusable }, connector) ?? otherThan(email, byName.get(name ?? '')),
    waiting,
    oldest,
  }));
  return { numbers, more: read.length > limit };
}

type Known = Pick<FoundNumber, 'email' | 'isUnusable'>;

/** The address at the source, where it is the organization's and the directory has not said that it leads nowhere. */
function ownAddress({ email, isUnusable }: Known, { verifiedDomains }: MappedConnector): string | null {
  if (email === null || isUnusable) return null;
  const address = email.trim().toLowerCase();
  return verifiedDomains.includes(address.slice(address.lastIndexOf('@') + 1)) ? address : null;
}

/** Somebody's own address is no suggestion where the one above did not do. */
function otherThan(email: string | null, found: string | undefined): string | null {
  return found === undefined || found.toLowerCase() === email?.trim().toLowerCase() ? null : found;
}

/** A directory that cannot be asked suggests nobody. */
async function namesakes(
  { graph }: ReadingParts,
  connector: MappedConnector,
  found: readonly FoundNumber[],
): Promise<ReadonlyMap<string, string>> {
  const names = found.flatMap((one) => (one.name === null || ownAddress(one, connector) !== null ? [] : [one.name]));
  if (names.length === 0) return new Map();
  const signal = AbortSignal.timeout(LONGEST_MS);
  try {
    return await membersByName(graph(connector.organizationId), names, { signal });
  } catch (error) {
    if (error instanceof GraphError || error instanceof AppTokenError || signal.aborted) return new Map();
    throw error;
  }
}
