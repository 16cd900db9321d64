/**
 * A verification: asks the directory about every mailbox of the mapping in force and about every registered user of the
 * source, in sets, and writes a line for each. It can stop anywhere: each set is written with the position behind it, and
 * what the directory said is remembered, so that whoever goes on asks nothing twice.
 */
import type pg from 'pg';
import { SourceError } from '../archive/source.ts';
import { inTransaction } from '../db.ts';
import { sleepBy } from '../imports/clock.ts';
import type { ImportDeps, RunningConnector } from '../imports/deps.ts';
import { type DirectoryMemory, lookUpAddresses } from '../imports/directory.ts';
import { problemOf } from '../imports/problems.ts';
import { addressesToLookUp } from '../mapping/choose-mailbox.ts';
import { isE164, isRegion } from '../mapping/number.ts';
import { versionInForce } from '../mapping/store/in-force.ts';
import { rowsFor, rowsOf } from '../mapping/store/rows.ts';
import { ruleOfVersion } from '../mapping/store/rule.ts';
import { FALLBACK_REGION } from '../mapping/version-rule.ts';
import { type CoverageContext, lineOf, type Subject, subjectsOfRows, subjectsOfUsers } from './lines.ts';
import * as lines from './store/lines.ts';
import * as store from './store/verifications.ts';

export type VerificationDeps = Pick<
  ImportDeps,
  'ledger' | 'clock' | 'random' | 'log' | 'owner' | 'source' | 'graph' | 'mayWriteMail' | 'notify' | 'enqueue'
> & { readonly pool: pg.Pool };

/** Users, or rows of the mapping, that are looked at together. */
const SET = 250;
/** How long a verification belongs to a worker that does not renew. */
const OWNED_SECONDS = 120;
/** The source's list of users is read again where it is older. */
const USERS_AGE_MS = 10 * 60_000;
/** Mailboxes are asked about again where the answer is older; of those that answered otherwise, always. */
export const MAILBOX_AGE_MS = 60 * 60_000;
const MOST_ATTEMPTS = 6;
/** Behind every row of a number: no row begins later. */
const END_OF_TIME = new Date('9999-12-31T23:59:59.999Z');

/** The claim is another worker's by now: nothing more may be written. */
class ClaimLost extends Error {
  override name = 'ClaimLost';
}

/** Asks for every verification that is due, and opens those that come round by themselves. */
export async function askForVerifications({
  pool,
  enqueue,
}: Pick<VerificationDeps, 'pool' | 'enqueue'>): Promise<void> {
  await store.openDueVerifications(pool);
  for (const due of await store.dueVerifications(pool)) await enqueue('verify', due, { key: due.connectorId });
}

/** Works on a connector's open verification, if there is one and it is nobody's. */
export async function verifyConnector(
  deps: VerificationDeps,
  due: store.DueVerification,
  signal: AbortSignal,
): Promise<void> {
  const claimed = await store.claimVerification(deps.pool, due, deps.owner, OWNED_SECONDS);
  if (claimed === null) return;
  const lost = new AbortController();
  const keepAlive = deps.clock.every((OWNED_SECONDS * 1000) / 4, () => {
    store.renewVerification(deps.pool, claimed, OWNED_SECONDS).then(
      (held) => {
        if (!held) lost.abort(new ClaimLost());
      },
      () => {},
    );
  });
  try {
    await run(deps, claimed, AbortSignal.any([signal, lost.signal]));
  } catch (error) {
    if (lost.signal.aborted || error instanceof ClaimLost) return;
    if (signal.aborted) await store.postponeVerification(deps.pool, claimed, 0, null);
    else await handle(deps, claimed, error);
  } finally {
    keepAlive();
    deps.notify({ organizationId: due.organizationId, connectorId: due.connectorId, importId: null });
  }
}

/** A failure stops no connector: that is the matter of imports, which meet the same one. */
async function handle(deps: VerificationDeps, claimed: store.Claimed, error: unknown): Promise<void> {
  const problem = problemOf(error, claimed.attempts, deps.random);
  const facts = error instanceof Error ? { name: error.name, message: error.message, stack: error.stack } : {};
  const { connectorId, organizationId } = claimed;
  const line = { connectorId, organizationId, code: problem.code, ...facts };
  if (problem.class === 'ours') deps.log.error(line, 'a verification failed by a fault of ours');
  else deps.log.warn({ ...line, stack: undefined }, 'a verification cannot go on now');
  const isOver = problem.class === 'customer' || claimed.attempts + 1 >= MOST_ATTEMPTS;
  if (isOver) await store.failVerification(deps.pool, claimed, problem.code);
  else await store.postponeVerification(deps.pool, claimed, problem.retrySeconds, problem.code);
}

async function run(deps: VerificationDeps, claimed: store.Claimed, signal: AbortSignal): Promise<void> {
  const { pool } = deps;
  const { organizationId, connectorId } = claimed;
  const connector = await deps.ledger.liveConnector(organizationId, connectorId);
  if (connector === null) return store.failVerification(pool, claimed, null);
  let { stage, position, mappingVersionId } = claimed;
  if (stage === 'reading') {
    await readUsers(deps, connector, signal);
    mappingVersionId = (await versionInForce(pool, organizationId, connectorId))?.id ?? null;
    const begun = await store.beginVerification(pool, claimed, { sourceId: connector.sourceId, mappingVersionId });
    if (!begun) throw new ClaimLost();
    ({ stage, position } = { stage: 'users', position: '' });
  }
  const { verifiedDomains, chosenMailboxes } = await lines.organizationFacts(pool, organizationId, connectorId);
  const context: CoverageContext = {
    versionId: mappingVersionId,
    ...(await ruleOfVersion(pool, organizationId, connectorId, mappingVersionId)),
    verifiedDomains,
    now: deps.clock.date(),
  };
  while (true) {
    signal.throwIfAborted();
    const step = stage === 'users' ? nextUsers : nextNumbers;
    const next = await step(deps, connector, claimed, position, context);
    if (next === null) {
      if (stage === 'mapping') break;
      [stage, position] = ['mapping', ''];
      continue;
    }
    const found = await withDirectory(deps, claimed, next.subjects, chosenMailboxes, signal);
    const to = { stage, position: next.position, done: next.done };
    await inTransaction(pool, async (client) => {
      if (!(await store.moveVerification(client, claimed, to))) throw new ClaimLost();
      await lines.insertLines(client, claimed, found);
    });
    position = next.position;
    deps.notify({ organizationId, connectorId, importId: null });
  }
  await inTransaction(pool, async (client) => {
    const counts = await lines.countLines(client, claimed);
    if (!(await store.completeVerification(client, claimed, counts))) throw new ClaimLost();
  });
  await lines.tidyLines(pool, organizationId, connectorId);
}

/** A source that cannot be asked now leaves its users as they were last listed: the page says when that was. */
async function readUsers(deps: VerificationDeps, connector: RunningConnector, signal: AbortSignal): Promise<void> {
  const { organizationId, sourceId, id: connectorId } = connector;
  const known = await lines.usersReadAt(deps.pool, organizationId, sourceId);
  if (known !== null && deps.clock.date().getTime() - known.getTime() < USERS_AGE_MS) return;
  const region = isRegion(connector.defaultRegion) ? connector.defaultRegion : FALLBACK_REGION;
  try {
    await deps.ledger.syncSourceUsers({ organizationId, sourceId, region }, deps.source(connector).users(signal));
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    deps.log.warn({ connectorId, failure: error.failure }, 'a verification goes by the users that are known');
  }
}

interface NextSet {
  readonly subjects: readonly Subject[];
  readonly position: string;
  /** users or mapping rows that it accounts for */
  readonly done: number;
}

type NextStep = (
  deps: VerificationDeps,
  connector: RunningConnector,
  claimed: store.Claimed,
  position: string,
  context: CoverageContext,
) => Promise<NextSet | null>;

const nextUsers: NextStep = async ({ pool }, { organizationId, sourceId }, _claimed, position, context) => {
  const users = await lines.usersAfter(pool, organizationId, sourceId, position, SET);
  const last = users.at(-1);
  if (last === undefined) return null;
  const numbers = [...new Set(users.flatMap(({ number }) => number ?? []))];
  const { versionId } = context;
  const rows = versionId === null ? [] : await rowsFor(pool, organizationId, versionId, numbers);
  return { subjects: subjectsOfUsers(users, rows, context), position: last.mobile, done: users.length };
};

const nextNumbers: NextStep = async ({ pool }, { organizationId }, claimed, position, context) => {
  const { versionId } = context;
  if (versionId === null) return null;
  const after = isE164(position) ? { number: position, from: END_OF_TIME } : null;
  const page = await rowsOf(pool, organizationId, versionId, after, SET);
  const end = page.at(-1)?.number;
  if (end === undefined) return null;
  // The rows of a number are judged together, and those of the last one may go on behind this page. A number has at most
  // a hundred of them.
  const rows = page.length < SET ? page : page.filter(({ number }) => number !== end);
  const numbers = [...new Set(rows.map(({ number }) => number))];
  const registered = await lines.numbersWithUser(pool, claimed, numbers);
  const others = rows.filter(({ number }) => !registered.has(number));
  return { subjects: subjectsOfRows(others, context), position: numbers.at(-1) ?? end, done: rows.length };
};

async function withDirectory(
  deps: VerificationDeps,
  { organizationId, requestedAt }: store.Claimed,
  subjects: readonly Subject[],
  chosenMailboxes: boolean,
  signal: AbortSignal,
): Promise<readonly lines.AgedLine[]> {
  const addresses = [...addressesToLookUp(subjects.map(({ owed }) => owed))];
  const since = { mailbox: new Date(requestedAt.getTime() - MAILBOX_AGE_MS), others: requestedAt };
  const memory: DirectoryMemory = {
    recallAddresses: (id, asked) => lines.recallSince(deps.pool, id, asked, since),
    rememberAddresses: deps.ledger.rememberAddresses,
  };
  const directory = await lookUpAddresses(memory, deps.graph(organizationId), organizationId, addresses, {
    signal,
    ...(chosenMailboxes ? {} : { mayWriteMail: deps.mayWriteMail }),
    sleep: sleepBy(deps.clock),
  });
  const ages = await lines.agesOf(deps.pool, organizationId, addresses);
  return subjects.map((subject) => {
    const line = lineOf(subject, (address) => directory.get(address));
    const times = line.addresses.flatMap((address) => ages.get(address)?.getTime() ?? []);
    return { ...line, checkedAt: times.length === 0 ? null : new Date(Math.min(...times)) };
  });
}
