/**
 * The reconciler of the queue: finds in the database what is due and asks for it. Runs in every worker once a minute; the
 * queue drops what is asked for twice. It does not live in Redis, so an emptied Redis costs a minute and nothing else,
 * and it holds no lock, so a worker that is paused in the middle of it holds up nobody.
 */
import type { ImportDeps } from './deps.ts';
import { startOfUtcDay } from './windows.ts';

const HOUR_SECONDS = 60 * 60;
const DAY_SECONDS = 24 * HOUR_SECONDS;

/** Asks for everything that is due. One question that fails does not keep the others from being asked. */
export async function tick(deps: ImportDeps): Promise<void> {
  const questions = [
    planDue,
    planRequested,
    collectDue,
    decideDue,
    deliverDue,
    fetchDue,
    reconcileDue,
    recheckDue,
    clearDue,
    watch,
    hourly,
  ];
  const answers = await Promise.allSettled(questions.map((question) => question(deps)));
  const failed = answers.filter((answer) => answer.status === 'rejected').map(({ reason }): unknown => reason);
  if (failed.length > 0) throw new AggregateError(failed, 'the reconciler could not ask everything');
}

/** Connectors whose day was not planned yet although its minute has come; also those that never planned at all. */
async function planDue(deps: ImportDeps): Promise<void> {
  for (const {
    organizationId,
    connectorId,
    now,
    plannedThrough,
    scheduleMinute,
  } of await deps.ledger.connectorsToPlan()) {
    const midnight = startOfUtcDay(now);
    const due = new Date(midnight.getTime() + scheduleMinute * 60_000);
    if (plannedThrough !== null && (plannedThrough >= midnight || now < due)) continue;
    const trigger = plannedThrough === null ? 'first' : 'scheduled';
    await deps.enqueue('plan', { organizationId, connectorId, trigger }, { key: connectorId });
  }
}

/** What somebody asked for and no plan has seen yet: Redis was away, or the source could not be asked. */
async function planRequested(deps: ImportDeps): Promise<void> {
  for (const { organizationId, connectorId } of await deps.ledger.requestedConnectors()) {
    await deps.enqueue('plan', { organizationId, connectorId, trigger: 'manual' }, { key: connectorId });
  }
}

async function collectDue(deps: ImportDeps): Promise<void> {
  for (const due of await deps.ledger.dueCollects()) await deps.enqueue('collect', due, { key: due.connectorId });
}

/** Another mapping came into force: nothing is sent before what is not sent yet was decided by it. */
async function decideDue(deps: ImportDeps): Promise<void> {
  for (const due of await deps.ledger.undecidedConnectors()) {
    await deps.enqueue('release', due, { key: due.connectorId });
  }
}

async function deliverDue(deps: ImportDeps): Promise<void> {
  for (const due of await deps.ledger.dueShards(deps.settings.lateCommitSeconds)) {
    await deps.enqueue('deliver', due, { key: `${due.organizationId}.${due.shard}` });
  }
}

async function fetchDue(deps: ImportDeps): Promise<void> {
  for (const due of await deps.ledger.dueAttachments()) {
    await deps.enqueue('fetchAttachments', due, { key: due.importId });
  }
}

async function reconcileDue(deps: ImportDeps): Promise<void> {
  for (const due of await deps.ledger.deliveredImports(null))
    await deps.enqueue('reconcile', due, { key: due.importId });
}

async function recheckDue(deps: ImportDeps): Promise<void> {
  for (const due of await deps.ledger.dueRechecks(50)) await deps.enqueue('recheck', due, { key: due.windowId });
}

async function clearDue(deps: ImportDeps): Promise<void> {
  for (const due of await deps.ledger.importsToClear(20)) await deps.enqueue('clear', due, { key: due.importId });
}

/** Nothing stays open without a word: what keeps failing, takes too long, or cannot be planned. */
async function watch(deps: ImportDeps): Promise<void> {
  for (const changed of await deps.ledger.watchImports()) deps.notify({ ...changed, importId: null });
}

/**
 * Once an hour: who waits is looked at again, because people get mailboxes without anybody telling this portal; copies
 * that were in doubt a day ago; staged content that no row names; rows of mappings that were discarded. Once a day, every
 * day is added up.
 */
async function hourly(deps: ImportDeps): Promise<void> {
  const once = (key: string) => ({ key, onceInSeconds: HOUR_SECONDS });
  for (const due of await deps.ledger.waitingConnectors()) await deps.enqueue('release', due, once(due.connectorId));
  for (const due of await deps.ledger.doubtfulOrganizations()) {
    await deps.enqueue('sweepDoubt', due, once(due.organizationId));
  }
  for (const id of await deps.ledger.organizationIds()) {
    await deps.enqueue('sweepStaging', { organizationId: id }, once(id));
    await deps.enqueue('clearDiscardedRows', { organizationId: id }, once(id));
    await deps.enqueue('checkDays', { organizationId: id }, { key: id, onceInSeconds: DAY_SECONDS });
  }
}
