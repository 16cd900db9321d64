/**
 * Recovery ends by itself, connector by connector: everything up to the time at which the restore was found is collected, and
 * none of it is on its way. What waits for a mapping, or comes later, is looked for in its mailbox all the same (`sought.ts`).
 */
import type pg from 'pg';
import { auditIn, SYSTEM } from '../audit/entries.ts';
import { inTransaction } from '../db.ts';
import { requestImport } from '../imports/store/import-requests.ts';
import type { Held } from './begin.ts';
import { judgeListed } from './found.ts';

/** A source that had not settled that time yet is asked again after so long. */
const ASK_AGAIN = `interval '10 minutes'`;

/** Of the connector `c`, what a recovery `r` waits for. */
const IS_COLLECTED = `(SELECT max(w.ends_at) FROM import_window w WHERE w.connector_id = c.id) >= r.found_at
  AND NOT EXISTS (SELECT 1 FROM import i JOIN import_window w ON w.id = i.window_id
    WHERE i.connector_id = c.id AND i.phase NOT IN ('completed', 'cancelled') AND w.starts_at < r.found_at)`;
const NOTHING_IS_ON_ITS_WAY = `NOT EXISTS (SELECT 1 FROM delivery d WHERE d.organization_id = c.organization_id
    AND d.source_id = c.source_id AND d.state IN ('pending', 'sending', 'created') AND d.archived_at < r.found_at)`;
/** One that was paused before stays so, and is looked after as any other when somebody resumes it. */
const IS_OVER = `(c.status <> 'live' OR rc.compared_at IS NOT NULL
  AND (rc.was_paused OR ${IS_COLLECTED} AND ${NOTHING_IS_ON_ITS_WAY}))`;

/** Where another recovery came after it, that one judges what both have listed. */
const IS_UNJUDGED = `rc.ended_at IS NOT NULL AND rc.judged_at IS NULL AND NOT EXISTS (SELECT FROM recovery_connector later
  WHERE later.connector_id = rc.connector_id AND later.recovery_id > rc.recovery_id)`;

/** Once a minute. @returns connectors of which something changed */
export async function finishRecovery(pool: pg.Pool): Promise<readonly Held[]> {
  const { rows } = await pool.query(
    `SELECT FROM recovery WHERE ended_at IS NULL
     UNION ALL SELECT FROM recovery_connector rc WHERE ${IS_UNJUDGED} LIMIT 1`,
  );
  if (rows.length === 0) return [];
  return inTransaction(pool, async (client) => {
    await askAgain(client);
    const { rows: over } = await client.query<Held>(
      `UPDATE recovery_connector rc SET ended_at = now() FROM recovery r, connector c
       WHERE r.ended_at IS NULL AND rc.recovery_id = r.id AND c.id = rc.connector_id AND rc.ended_at IS NULL AND ${IS_OVER}
       RETURNING rc.organization_id AS "organizationId", rc.connector_id AS "connectorId"`,
    );
    for (const { organizationId, connectorId } of over) {
      await client.query(
        `UPDATE alert SET resolved_at = now() WHERE connector_id = $1 AND code = 'restored' AND resolved_at IS NULL`,
        [connectorId],
      );
      await auditIn(client, { ...SYSTEM, organizationId }, { action: 'recovery.ended', connectorId });
    }
    await judgeListed(client, await toBeJudged(client));
    await client.query(
      `UPDATE recovery r SET ended_at = now() WHERE r.ended_at IS NULL
         AND NOT EXISTS (SELECT 1 FROM recovery_connector rc WHERE rc.recovery_id = r.id AND rc.ended_at IS NULL)`,
    );
    return over;
  });
}

/**
 * Of a connector that stood still at the backup it is not known what its copies are before it was resumed. What a recovery before has
 * listed, and the later one did not list again, is judged with it.
 */
async function toBeJudged(client: pg.PoolClient): Promise<readonly Held[]> {
  const { rows } = await client.query<Held & { readonly isLive: boolean }>(
    `UPDATE recovery_connector rc SET judged_at = now() FROM recovery r, connector c
     WHERE ${IS_UNJUDGED} AND r.id = rc.recovery_id AND c.id = rc.connector_id
       AND (c.status <> 'live' OR ${IS_COLLECTED} AND ${NOTHING_IS_ON_ITS_WAY})
     RETURNING rc.organization_id AS "organizationId", rc.connector_id AS "connectorId", c.status = 'live' AS "isLive"`,
  );
  await client.query(
    'UPDATE recovery_connector SET judged_at = now() WHERE judged_at IS NULL AND connector_id = ANY ($1)',
    [rows.map(({ connectorId }) => connectorId)],
  );
  return rows.filter(({ isLive }) => isLive);
}

async function askAgain(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<Held>(
    `UPDATE recovery_connector rc SET asked_at = now() FROM recovery r, connector c
     WHERE r.ended_at IS NULL AND rc.recovery_id = r.id AND c.id = rc.connector_id AND rc.ended_at IS NULL
       AND rc.compared_at IS NOT NULL AND rc.asked_at <= now() - ${ASK_AGAIN} AND c.status = 'live'
       AND c.paused_at IS NULL AND c.stopped_at IS NULL AND c.import_requested_at IS NULL
       AND coalesce((SELECT max(w.ends_at) FROM import_window w WHERE w.connector_id = c.id), '-infinity') < r.found_at
     RETURNING rc.organization_id AS "organizationId", rc.connector_id AS "connectorId"`,
  );
  for (const { organizationId, connectorId } of rows) {
    await requestImport(client, organizationId, connectorId, SYSTEM.name);
  }
}
