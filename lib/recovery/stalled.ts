/** Mailboxes that cannot be read hold their connector in recovery: after an hour without one more, somebody is told, by name. */
import type pg from 'pg';
import { inTransaction, type Queryable } from '../db.ts';
import type { ReasonCode } from '../imports/reasons.ts';
import { mayDeliver } from '../imports/reasons.ts';
import { raiseAlert } from '../imports/store/connectors.ts';
import type { Held } from './begin.ts';

export const STALLED: ReasonCode = 'compare_stalls';

/** Longer than Graph asks anybody to wait, and than a mailbox of a million copies takes. */
const PATIENCE = `interval '1 hour'`;

/** As many are named; the others are counted. */
const NAMED = 20;

/** Mailboxes in an alert's words. */
export interface NamedMailboxes {
  /** in all */
  readonly mailboxes: number;
  /** some of them, with commas between: addresses, or object ids where only that is known */
  readonly addresses: string;
}

/**
 * Mailboxes of a connector's recovery that are not listed yet, or that could not be.
 *
 * @param client which sees what was written before
 */
export async function namedMailboxes(
  client: Queryable,
  { recoveryId, connectorId }: { readonly recoveryId: number; readonly connectorId: string },
  which: 'not_listed' | 'refused',
): Promise<NamedMailboxes> {
  const condition = which === 'not_listed' ? 'listed_at IS NULL' : `problem IS NOT NULL AND problem <> 'no_mailbox'`;
  const { rows } = await client.query<{ mailboxes: number; named: string[] | null }>(
    `WITH meant AS (SELECT coalesce(address, user_id::text) AS address FROM recovery_mailbox
       WHERE recovery_id = $1 AND connector_id = $2 AND ${condition})
     SELECT (SELECT count(*)::int FROM meant) AS mailboxes,
       (SELECT array_agg(address) FROM (SELECT address FROM meant ORDER BY address LIMIT ${NAMED}) AS first) AS named`,
    [recoveryId, connectorId],
  );
  const [row] = rows;
  return { mailboxes: row?.mailboxes ?? 0, addresses: row?.named?.join(', ') ?? '' };
}

/**
 * Tells of connectors whose comparison stands still, and ends what was told where it goes on. Once a minute. One that Microsoft 365
 * stopped has its own alert.
 *
 * @returns connectors of which something changed
 */
export async function tellStalled(pool: pg.Pool, lateCommitSeconds: number): Promise<readonly Held[]> {
  const { rows } = await pool.query<
    Held & {
      readonly recoveryId: number;
      readonly stalled: boolean;
      readonly told: boolean;
      readonly stopped: string | null;
    }
  >(
    `SELECT rc.recovery_id AS "recoveryId", rc.organization_id AS "organizationId", rc.connector_id AS "connectorId",
       c.stopped_reason AS stopped,
       greatest(rc.confirmed_at, rc.named_at, r.found_at + make_interval(secs => $1),
         (SELECT max(m.listed_at) FROM recovery_mailbox m WHERE m.recovery_id = r.id AND m.connector_id = c.id))
         <= now() - ${PATIENCE} AS stalled,
       EXISTS (SELECT FROM alert a WHERE a.connector_id = c.id AND a.code = $2 AND a.resolved_at IS NULL) AS told
     FROM recovery r JOIN recovery_connector rc ON rc.recovery_id = r.id JOIN connector c ON c.id = rc.connector_id
     WHERE r.ended_at IS NULL AND rc.ended_at IS NULL AND rc.confirmed_at IS NOT NULL AND rc.compared_at IS NULL
       AND c.status = 'live'`,
    [lateCommitSeconds, STALLED],
  );
  const changed = rows
    .map((row) => ({ ...row, stalled: row.stalled && mayDeliver(row.stopped) }))
    .filter(({ stalled, told }) => stalled !== told);
  for (const { recoveryId, organizationId, connectorId, stalled } of changed) {
    await inTransaction(pool, async (client) => {
      if (!stalled) return endStalled(client, connectorId);
      const detail = { ...(await namedMailboxes(client, { recoveryId, connectorId }, 'not_listed')) };
      await raiseAlert(client, { organizationId, connectorId, importId: null, code: STALLED, detail });
    });
  }
  return changed.map(({ organizationId, connectorId }) => ({ organizationId, connectorId }));
}

/** It goes on. */
export async function endStalled(client: Queryable, connectorId: string): Promise<void> {
  await client.query(
    `UPDATE alert SET resolved_at = now() WHERE connector_id = $1 AND code = $2 AND resolved_at IS NULL`,
    [connectorId, STALLED],
  );
}
