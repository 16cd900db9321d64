/** Imports that somebody cancelled: their collecting ends, and their numbers are kept. */
import type pg from 'pg';
import { inTransaction } from '../../db.ts';
import { balances, countsOf } from '../counts.ts';
import { raiseAlert } from './connectors.ts';
import { readCounters } from './counters.ts';

export interface StoppedImport {
  readonly windowId: string;
  readonly number: number;
  /** whether it had begun */
  readonly collected: boolean;
}

/**
 * Ends the collecting of a connector's imports, in a transaction. A page whose transaction is under way is waited for;
 * a later one finds that its import is not collecting any more (`moveCursor` in collect.ts) and is not written.
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

/**
 * Keeps the numbers of a cancelled import once its last copy is settled, as completing keeps those of the others, and
 * raises an alert where they do not add up. What its window holds is not compared with the source: it is not whole.
 * Does nothing for an import that is not cancelled, or of which a copy is under way.
 */
export async function keepCancelledNumbers(pool: pg.Pool, organizationId: string, importId: string): Promise<void> {
  await inTransaction(pool, async (client) => {
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
