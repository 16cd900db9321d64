/** Time that the source had while it was planned, and has no longer when it is read or judged. */
import type pg from 'pg';
import type { TimeRange } from '../../archive/source.ts';
import { inTransaction } from '../../db.ts';
import { splitAtRetention } from '../windows.ts';
import { raiseAlert } from './connectors.ts';
import { endSeeking } from './seek-content.ts';

export interface UnretainedOf {
  readonly windowId: string;
  /** whose alert it is: the connector that is live for the source now */
  readonly connectorId: string;
}

/** A window that once balanced is held: that it cannot be read again is no loss. */
const STATE = `CASE WHEN closed_at IS NULL THEN 'lost' ELSE 'closed' END`;

/**
 * Takes from a window what the source no longer has. Time that was never closed is *lost*, with an alert. Where some of the
 * window is left, what is gone becomes a window before it, so that time goes on without a gap; where nothing is left, an
 * import of it is over as if it had been cancelled: what it collected is owed and delivered.
 *
 * @returns what is left of the window; null: nothing
 */
export async function loseUnretained(
  pool: pg.Pool,
  { windowId, connectorId }: UnretainedOf,
  earliestRetained: Date,
): Promise<TimeRange | null> {
  return inTransaction(pool, async (client) => {
    // Imports before their window, as who completes one locks them.
    await client.query('SELECT 1 FROM import WHERE window_id = $1 ORDER BY number FOR NO KEY UPDATE', [windowId]);
    const { rows } = await client.query<{ organization_id: string; starts_at: Date; ends_at: Date }>(
      'SELECT organization_id, starts_at, ends_at FROM import_window WHERE id = $1 FOR NO KEY UPDATE',
      [windowId],
    );
    const [row] = rows;
    if (!row) return null;
    const { gone, left } = splitAtRetention({ from: row.starts_at, to: row.ends_at }, earliestRetained);
    if (gone === null) return left;
    const of = left === null ? await giveUp(client, windowId) : await splitOff(client, windowId, gone);
    if (of.state === 'lost') {
      const alert = { organizationId: row.organization_id, connectorId, importId: null, windowId: of.id };
      const detail = { from: gone.from.toISOString(), to: gone.to.toISOString() };
      await raiseAlert(client, { ...alert, code: 'lost_at_source', detail });
    }
    return left;
  });
}

interface Unretained {
  readonly id: string;
  readonly state: 'lost' | 'closed';
}

async function giveUp(client: pg.PoolClient, windowId: string): Promise<Unretained> {
  await client.query(
    `UPDATE import SET phase = 'cancelled', problem = 'lost_at_source', collect_epoch = collect_epoch + 1,
       collect_owner = NULL, collect_expires_at = NULL
     WHERE window_id = $1 AND phase NOT IN ('completed', 'cancelled')`,
    [windowId],
  );
  await endSeeking(client, windowId);
  // These would end with a window that is whole.
  await client.query(
    `UPDATE alert SET resolved_at = now()
     WHERE window_id = $1 AND code IN ('feed_never_ends', 'manifest_differs') AND resolved_at IS NULL`,
    [windowId],
  );
  return only(
    await client.query<Unretained>(
      `UPDATE import_window SET state = ${STATE}, recheck_due_at = NULL WHERE id = $1 RETURNING id, state`,
      [windowId],
    ),
  );
}

/** The window keeps its imports and its end, which the next one follows. */
async function splitOff(client: pg.PoolClient, windowId: string, { to }: TimeRange): Promise<Unretained> {
  return only(
    await client.query<Unretained>(
      `WITH kept AS (
         UPDATE import_window SET starts_at = $2, follows = $2 WHERE id = $1
         RETURNING organization_id, connector_id, closed_at, old.starts_at, old.follows)
       INSERT INTO import_window (organization_id, connector_id, starts_at, ends_at, follows, state, closed_at)
       SELECT organization_id, connector_id, starts_at, $2, follows, ${STATE}, closed_at FROM kept RETURNING id, state`,
      [windowId, to],
    ),
  );
}

function only({ rows }: pg.QueryResult<Unretained>): Unretained {
  const [row] = rows;
  if (!row) throw new Error('no window was written');
  return row;
}
