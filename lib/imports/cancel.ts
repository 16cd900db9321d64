/**
 * Cancel: an import that is queued or collecting stops there. It takes nothing back: what it has collected is owed, is
 * delivered, and stays in its numbers; what it has not collected is nobody's yet. Its window stays open, says so by an
 * alert, and is imported again by the next import or by *Import again*, where what was collected counts as repeats.
 */
import type pg from 'pg';
import { auditIn } from '../audit/entries.ts';
import { inTransaction } from '../db.ts';
import { type Actor, authorize } from '../security/actor.ts';
import type { CommandDeps } from './commands.ts';
import { stopCollecting } from './store/cancel.ts';
import { raiseAlert } from './store/connectors.ts';

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
