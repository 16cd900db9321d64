/**
 * Between the confirmation and the first send: the mailboxes that may have got copies since the backup are listed, those of
 * every version of the mapping that is known and those that had copies before. Then the connector goes on. Every step is
 * written as it is done, so that a run that dies costs what it had not written.
 */

import type pg from 'pg';
import { auditIn, SYSTEM } from '../audit/entries.ts';
import { inTransaction } from '../db.ts';
import { sleepBy } from '../imports/clock.ts';
import type { ImportDeps } from '../imports/deps.ts';
import { lookUpAddresses } from '../imports/directory.ts';
import { handleProblem } from '../imports/problems.ts';
import { mayDeliver, type ReasonCode } from '../imports/reasons.ts';
import type { RunningConnector } from '../imports/store/connectors.ts';
import { itemPropertyId, itemPropertyPrefix } from '../mail/identity.ts';
import { type ListedPage, listWritten } from '../mailbox/list-written.ts';
import { AppTokenError } from '../microsoft/app-token.ts';
import { GraphError } from '../microsoft/graph-errors.ts';
import {
  addressesOfMappings,
  type Comparing,
  dueComparisons,
  endMailbox,
  keepListed,
  mailboxesToList,
  noteAsked,
  noteFormerOwners,
  noteMailboxes,
  postponeComparison,
} from './mailboxes.ts';
import { tellNotCompared } from './not-compared.ts';
import { endStalled, tellStalled } from './stalled.ts';

export type CompareDeps = ImportDeps & { readonly pool: pg.Pool };

/** Exchange's clock and the database's agree within that. */
const CLOCKS_MS = 60 * 60 * 1000;
const ADDRESSES = 1_000;
const MAILBOXES = 200;
const LOOK_AGAIN_SECONDS = 30;

/** Asks for a run on every connector whose mailboxes are to be listed, and tells where that stands still. */
export async function dispatchComparisons(
  deps: Pick<CompareDeps, 'pool' | 'enqueue' | 'settings' | 'notify'>,
): Promise<void> {
  for (const { organizationId, connectorId } of await dueComparisons(deps.pool, deps.settings.lateCommitSeconds)) {
    await deps.enqueue('compareMailboxes', { organizationId, connectorId }, { key: connectorId });
  }
  for (const held of await tellStalled(deps.pool, deps.settings.lateCommitSeconds)) {
    deps.notify({ ...held, importId: null });
  }
}

/** Lists what is not listed yet; when everything is, the connector goes on. Run twice at once, it does the same. */
export async function compareMailboxes(
  deps: CompareDeps,
  about: { readonly organizationId: string; readonly connectorId: string },
  signal: AbortSignal,
): Promise<void> {
  const due = await dueComparisons(deps.pool, deps.settings.lateCommitSeconds);
  const comparing = due.find(({ connectorId }) => connectorId === about.connectorId);
  const connector = await deps.ledger.liveConnector(about.organizationId, about.connectorId);
  if (!comparing || !connector) return;
  if (!mayDeliver(connector.stoppedReason)) return postponeComparison(deps.pool, comparing, LOOK_AGAIN_SECONDS, false);
  try {
    if (!comparing.isNamed) await nameMailboxes(deps, connector, comparing, signal);
    const waitSeconds = await listMailboxes(deps, connector, comparing, signal);
    if (waitSeconds === null) await goOn(deps, comparing);
    else if (!signal.aborted) await postponeComparison(deps.pool, comparing, waitSeconds, true);
  } catch (error) {
    if (signal.aborted) return;
    const problem = await handleProblem(deps, connector, error, 0);
    // What the organization is to mend has an alert of its own.
    await postponeComparison(deps.pool, comparing, problem.retrySeconds, problem.class !== 'customer');
  }
}

async function nameMailboxes(
  deps: CompareDeps,
  connector: RunningConnector,
  comparing: Comparing,
  signal: AbortSignal,
): Promise<void> {
  const { pool, ledger, mayWriteMail } = deps;
  const { organizationId, kind } = connector;
  for (let after = ''; ; ) {
    const addresses = await addressesOfMappings(pool, connector, after, ADDRESSES);
    const last = addresses.at(-1);
    if (last === undefined) break;
    after = last;
    // What is remembered of the directory is as old as the backup.
    const options = { signal, mayWriteMail, sleep: sleepBy(deps.clock), fresh: true };
    const found = await lookUpAddresses(ledger, deps.graph(organizationId), organizationId, addresses, options);
    const open = [...found.values()].filter((one) => one.kind === 'mailbox');
    await noteMailboxes(pool, comparing, open, null);
    // Outside of the scope of the application by now. It may not have been when the lost mapping sent something there.
    const closed = [...found].flatMap(([address, one]) =>
      one.kind === 'no_mailbox' && one.reason === 'access_denied' && one.userId
        ? [{ userId: one.userId, address }]
        : [],
    );
    await noteMailboxes(pool, comparing, closed, 'mailbox_closed');
  }
  await noteFormerOwners(pool, comparing, deps.mailFacts(kind).folderName);
}

/** @returns null when every mailbox is through, else seconds until the next run */
async function listMailboxes(
  deps: CompareDeps,
  connector: RunningConnector,
  comparing: Comparing,
  signal: AbortSignal,
): Promise<number | null> {
  const { pool } = deps;
  const { organizationId, kind, accountId: account, sourceId } = connector;
  const property = {
    id: itemPropertyId(deps.mailFacts(kind).itemIdProperty),
    prefix: itemPropertyPrefix({ organizationId, kind, account }),
  };
  const since = comparing.since && new Date(comparing.since.getTime() - CLOCKS_MS);
  while (!signal.aborted) {
    const userIds = await mailboxesToList(pool, comparing, MAILBOXES);
    if (userIds.length === 0) return null;
    const pages = listWritten(deps.graph(organizationId), userIds, property, since, {
      signal,
      sleep: sleepBy(deps.clock),
    });
    try {
      const waitSeconds = await keepPages(deps, comparing, sourceId, pages);
      if (!signal.aborted) await noteAsked(pool, comparing, userIds);
      if (waitSeconds !== null) return waitSeconds;
    } catch (error) {
      if (error instanceof GraphError && !signal.aborted) await noteAsked(pool, comparing, userIds);
      throw error;
    }
  }
  return LOOK_AGAIN_SECONDS;
}

/** @returns null when all of these mailboxes are through, else seconds until the others are asked again */
async function keepPages(
  deps: CompareDeps,
  comparing: Comparing,
  sourceId: string,
  pages: AsyncIterable<ListedPage>,
): Promise<number | null> {
  const { pool } = deps;
  const counts = new Map<string, number>();
  const closed: string[] = [];
  let waitSeconds: number | null = null;
  for await (const page of pages) {
    const { userId } = page;
    if ('error' in page) {
      const problem = problemOf(page.error);
      if (problem === 'mailbox_closed') closed.push(userId);
      else if (problem !== null) await endMailbox(pool, comparing, userId, { copies: 0, problem });
      else waitSeconds = Math.max(waitSeconds ?? LOOK_AGAIN_SECONDS, page.error.retryAfterSeconds ?? 0);
      continue;
    }
    const copies = (counts.get(userId) ?? 0) + page.copies.length;
    counts.set(userId, copies);
    await keepListed(pool, comparing, sourceId, userId, page.copies);
    if (page.isLast) await endMailbox(pool, comparing, userId, { copies, problem: null });
  }
  await endClosed(deps, comparing, closed);
  return waitSeconds;
}

/** Why a mailbox cannot be listed at all; null where it can another time. `mailbox_closed`: or none of the organization (`endClosed`). */
function problemOf({ kind, failure }: GraphError): ReasonCode | null {
  if (kind === 'transient' || failure === 'token_refused') return null;
  if (failure === 'forbidden' || failure === 'blocked_by_policy') return 'mailbox_closed';
  // A mailbox that is gone is one problem; what Graph refuses of the request itself is said, and holds up nobody for ever.
  return failure === 'no_mailbox' || failure === 'no_such_user' ? 'no_mailbox' : 'refused_message';
}

/**
 * Mailboxes that refused us are through, and the organization is asked once for all of them, after the last: it lets us in.
 *
 * @throws AppTokenError where it does not any more; they are listed another time
 */
async function endClosed(deps: CompareDeps, comparing: Comparing, userIds: readonly string[]): Promise<void> {
  if (userIds.length === 0) return;
  if (!(await deps.mayWriteMail(comparing.organizationId)))
    throw new AppTokenError('app_not_in_tenant', 'the organization no longer lets this application write mail');
  for (const userId of userIds)
    await endMailbox(deps.pool, comparing, userId, { copies: 0, problem: 'mailbox_closed' });
}

/** Everything is listed: what was found is known, and the connector goes on as the confirmation said. */
async function goOn(deps: CompareDeps, { recoveryId, organizationId, connectorId }: Comparing): Promise<void> {
  const isDone = await inTransaction(deps.pool, async (client) => {
    const { rows } = await client.query<{ was_paused: boolean }>(
      `UPDATE recovery_connector SET compared_at = now(), asked_at = now()
       WHERE recovery_id = $1 AND connector_id = $2 AND compared_at IS NULL AND ended_at IS NULL RETURNING was_paused`,
      [recoveryId, connectorId],
    );
    const [row] = rows;
    if (!row) return false;
    await client.query(
      `UPDATE connector SET recovery_id = NULL, paused_at = CASE WHEN $3 THEN paused_at END,
         paused_by = CASE WHEN $3 THEN paused_by END, updated_at = now()
       WHERE organization_id = $1 AND id = $2 AND recovery_id = $4`,
      [organizationId, connectorId, row.was_paused, recoveryId],
    );
    const { rows: sums } = await client.query<{ mailboxes: number; copies: number; unread: number }>(
      `SELECT count(*) FILTER (WHERE problem IS NULL)::int AS mailboxes, coalesce(sum(copies), 0)::int AS copies,
         count(*) FILTER (WHERE problem IS NOT NULL AND problem <> 'no_mailbox')::int AS unread
       FROM recovery_mailbox WHERE recovery_id = $1 AND connector_id = $2`,
      [recoveryId, connectorId],
    );
    const [detail = { mailboxes: 0, copies: 0, unread: 0 }] = sums;
    await endStalled(client, connectorId);
    if (detail.unread > 0) await tellNotCompared(client, { organizationId, connectorId }, detail);
    await auditIn(client, { ...SYSTEM, organizationId }, { action: 'recovery.compared', connectorId, detail });
    return true;
  });
  if (!isDone) return;
  deps.notify({ organizationId, connectorId, importId: null });
  await deps.enqueue('plan', { organizationId, connectorId, trigger: 'manual' }, { key: connectorId });
  await deps.enqueue('collect', { organizationId, connectorId }, { key: connectorId });
}
