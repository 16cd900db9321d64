/**
 * The reconciler of the queue: finds in the database what is due and dispatches it. Runs in every worker once a minute,
 * in one at a time. It does not live in Redis, so an emptied Redis costs a minute and nothing else.
 */

import { clearStaging } from './clear-staging.ts';
import type { ImportDeps } from './deps.ts';
import { recheckWindow } from './reconcile.ts';
import { liveConnectors } from './store/connectors.ts';
import { dueShards } from './store/deliveries.ts';
import { deliveredImports, dueCollects } from './store/imports.ts';
import { claimRechecks, importsToClear } from './store/reconcile.ts';
import { startOfUtcDay } from './windows.ts';

/** PostgreSQL's advisory lock of the reconciler. */
const LOCK = 'reconciler';
const RELEASE_EVERY_MINUTES = 60;

/** Dispatches everything that is due. Returns at once where another worker is at it. */
export async function tick(deps: ImportDeps, signal: AbortSignal): Promise<void> {
  const client = await deps.pool.connect();
  try {
    const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock(hashtext($1)) AS locked', [
      LOCK,
    ]);
    if (!rows[0]?.locked) return;
    try {
      await dispatchDue(deps, signal);
    } finally {
      await client.query('SELECT pg_advisory_unlock(hashtext($1))', [LOCK]);
    }
  } finally {
    client.release();
  }
}

async function dispatchDue(deps: ImportDeps, signal: AbortSignal): Promise<void> {
  await planDue(deps);
  for (const due of await dueCollects(deps.pool)) await deps.enqueue('collect', due, { key: due.connectorId });
  for (const due of await dueShards(deps.pool, deps.settings.lateCommitSeconds)) {
    await deps.enqueue('deliver', due, { key: `${due.organizationId}.${due.shard}` });
  }
  for (const due of await deliveredImports(deps.pool, null))
    await deps.enqueue('reconcile', due, { key: due.importId });
  for (const due of await claimRechecks(deps.pool, 50)) {
    if (signal.aborted) return;
    await recheckWindow(deps, due, signal);
  }
  for (const { organizationId, importId } of await importsToClear(deps.pool, 20)) {
    if (signal.aborted) return;
    await clearStaging(deps, organizationId, importId);
  }
  await releaseDue(deps);
}

/** Connectors whose day was not planned yet although its minute has come; also those that never planned at all. */
async function planDue(deps: ImportDeps): Promise<void> {
  const { rows } = await deps.pool.query<{ now: Date; id: string; ends_at: Date | null }>(
    `SELECT now(), c.id, (SELECT max(w.ends_at) FROM import_window w WHERE w.connector_id = c.id) AS ends_at
     FROM connector c WHERE c.status = 'live' AND c.paused_at IS NULL AND c.stopped_at IS NULL`,
  );
  const planned = new Map(rows.map((row) => [row.id, row]));
  for (const connector of await liveConnectors(deps.pool)) {
    const row = planned.get(connector.id);
    if (!row) continue;
    const midnight = startOfUtcDay(row.now);
    const due = new Date(midnight.getTime() + connector.scheduleMinute * 60_000);
    const trigger = row.ends_at === null ? 'first' : 'scheduled';
    const behind = row.ends_at === null || (row.ends_at < midnight && row.now >= due);
    if (!behind) continue;
    const { organizationId, id: connectorId } = connector;
    await deps.enqueue('plan', { organizationId, connectorId, trigger }, { key: connectorId });
  }
}

/** Once an hour, those who wait are looked at again: people get mailboxes without anybody telling this portal. */
async function releaseDue(deps: ImportDeps): Promise<void> {
  if (new Date().getUTCMinutes() % RELEASE_EVERY_MINUTES !== 0) return;
  const { rows } = await deps.pool.query<{ organization_id: string; id: string }>(
    `SELECT c.organization_id, c.id FROM connector c WHERE c.status = 'live' AND c.paused_at IS NULL
       AND EXISTS (SELECT 1 FROM delivery d WHERE d.connector_id = c.id AND d.state = 'waiting')`,
  );
  for (const row of rows) {
    await deps.enqueue('release', { organizationId: row.organization_id, connectorId: row.id }, { key: row.id });
  }
}
