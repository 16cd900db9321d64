/**
 * Cancel: an import that is queued or collecting stops there. It takes nothing back: what it has collected is owed, is
 * delivered, and stays in its numbers; what it has not collected is nobody's yet. Its window stays open, says so by an
 * alert, and is imported again by the next import or by *Import again*, where what was collected counts as repeats.
 */
import type pg from 'pg';
import { inTransaction } from '../db.ts';
import { type Actor, authorize } from '../security/actor.ts';
import { auditIn } from '../security/audit.ts';
import type { CommandDeps } from './commands.ts';
import { balances, countsOf } from './counts.ts';
import type { ImportDeps } from './deps.ts';
import { raiseAlert } from './store/connectors.ts';
import { readCounters } from './store/counters.ts';

export interface ImportChoice {
  readonly connectorId: string;
  readonly importId: string;
}

/** `too_late`: everything is collected, and what is collected is delivered. `unchanged`: it is over. */
export type CancelResult = 'done' | 'not_found' | 'too_late' | 'unchanged';

/** @throws NotAllowed */
export async function cancelImport(deps: CommandDeps, actor: Actor, choice: ImportChoice): Promise<CancelResult> {
  authorize(actor, 'connectors.manage');
  const { organizationId } = actor;
  const { connectorId, importId } = choice;
  const result = await inTransaction(deps.pool, async (client): Promise<CancelResult> => {
    const [cancelled] = await stopCollecting(client, organizationId, connectorId, importId);
    if (cancelled === undefined) return whyNot(client, organizationId, choice);
    const { windowId, number, collected } = cancelled;
    await raiseAlert(client, { organizationId, connectorId, importId, windowId, code: 'import_cancelled' });
    const detail = { importId, number, collected };
    await auditIn(client, actor, { action: 'import.cancelled', connectorId, detail });
    return 'done';
  });
  if (result === 'done') {
    deps.notify({ organizationId, connectorId, importId });
    // Whatever is in line behind it.
    await deps.enqueue('collect', { organizationId, connectorId }, { key: connectorId });
  }
  return result;
}

export interface StoppedImport {
  readonly windowId: string;
  readonly number: number;
  /** whether it had begun */
  readonly collected: boolean;
}

/**
 * Ends the collecting of a connector's imports, in a transaction. A page whose transaction is under way is waited for;
 * a later one finds that its import is not collecting any more (`moveCursor` in store/collect.ts) and is not written.
 *
 * @param importId only this one; null for all
 */
export async function stopCollecting(
  client: pg.PoolClient,
  organizationId: string,
  connectorId: string,
  importId: string | null,
): Promise<StoppedImport[]> {
  const { rows } = await client.query<{ window_id: string; number: number; collected: boolean }>(
    `UPDATE import SET phase = 'cancelled', collect_epoch = collect_epoch + 1, collect_owner = NULL,
       collect_expires_at = NULL, problem = NULL
     WHERE organization_id = $1 AND connector_id = $2 AND ($3::uuid IS NULL OR id = $3)
       AND phase IN ('queued', 'collecting')
     RETURNING window_id, number, started_at IS NOT NULL AS collected`,
    [organizationId, connectorId, importId],
  );
  return rows.map((row) => ({ windowId: row.window_id, number: row.number, collected: row.collected }));
}

async function whyNot(client: pg.PoolClient, organizationId: string, choice: ImportChoice): Promise<CancelResult> {
  const { rows } = await client.query<{ over: boolean }>(
    `SELECT phase IN ('completed', 'cancelled') AS over FROM import
     WHERE organization_id = $1 AND connector_id = $2 AND id = $3`,
    [organizationId, choice.connectorId, choice.importId],
  );
  const [row] = rows;
  if (!row) return 'not_found';
  return row.over ? 'unchanged' : 'too_late';
}

/**
 * Keeps the numbers of a cancelled import once its last copy is settled, as completing keeps those of the others, and
 * raises an alert where they do not add up. What its window holds is not compared with the source: it is not whole.
 * Does nothing for an import that is not cancelled, or of which a copy is under way.
 */
export async function keepCancelledNumbers(
  deps: Pick<ImportDeps, 'pool'>,
  organizationId: string,
  importId: string,
): Promise<void> {
  await inTransaction(deps.pool, async (client) => {
    const { rows } = await client.query<{ connector_id: string; window_id: string }>(
      `SELECT connector_id, window_id FROM import WHERE organization_id = $1 AND id = $2 AND phase = 'cancelled'
         AND counts_at_completion IS NULL FOR NO KEY UPDATE`,
      [organizationId, importId],
    );
    const [row] = rows;
    if (!row) return;
    const counts = countsOf(await readCounters(client, [importId]));
    if (counts.copies.pending !== 0) return;
    await client.query('UPDATE import SET counts_at_completion = $2 WHERE id = $1', [importId, JSON.stringify(counts)]);
    if (balances(counts)) return;
    const alert = { organizationId, connectorId: row.connector_id, importId, windowId: row.window_id };
    await raiseAlert(client, { ...alert, code: 'does_not_balance' });
  });
}
