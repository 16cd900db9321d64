/** Mailboxes that a search after a restore could not read, told of until somebody closes the alert. */
import type { Queryable } from '../db.ts';
import type { ReasonCode } from '../imports/reasons.ts';
import { raiseAlert } from '../imports/store/connectors.ts';
import type { Held } from './begin.ts';
import { NAMED } from './stalled.ts';

const NOT_COMPARED: ReasonCode = 'not_compared';

export interface NotCompared {
  readonly connectorId: string;
  /** the connector's */
  readonly name: string;
  /** all of them: addresses, or object ids where only that is known */
  readonly mailboxes: readonly string[];
}

/**
 * Of every open alert, or of one connector's, whichever recoveries it tells of: what the first could not read, a later one does not search
 * from as long ago.
 *
 * @param client which sees what was written before
 */
export async function notCompared(
  client: Queryable,
  connectorId: string | null = null,
): Promise<readonly NotCompared[]> {
  const { rows } = await client.query<NotCompared>(
    `SELECT c.id AS "connectorId", c.name, array_agg(DISTINCT coalesce(m.address, m.user_id::text)) AS mailboxes
     FROM alert a JOIN connector c ON c.id = a.connector_id
     JOIN recovery_connector rc ON rc.connector_id = c.id AND rc.compared_at >= a.raised_at
     JOIN recovery_mailbox m ON m.recovery_id = rc.recovery_id AND m.connector_id = c.id
     WHERE a.code = $1 AND a.resolved_at IS NULL AND m.problem <> 'no_mailbox' AND ($2::uuid IS NULL OR c.id = $2)
     GROUP BY c.id ORDER BY c.name, c.id`,
    [NOT_COMPARED, connectorId],
  );
  return rows;
}

/** In the transaction that ends the comparison. An alert that is open of a recovery before names the mailboxes of both. */
export async function tellNotCompared(
  client: Queryable,
  { organizationId, connectorId }: Held,
  detail: Readonly<Record<string, number>>,
): Promise<void> {
  await raiseAlert(client, { organizationId, connectorId, importId: null, code: NOT_COMPARED, detail });
  const [{ mailboxes } = { mailboxes: [] }] = await notCompared(client, connectorId);
  const told = { unread: mailboxes.length, addresses: mailboxes.slice(0, NAMED).join(', ') };
  await client.query(
    'UPDATE alert SET detail = detail || $3 WHERE connector_id = $1 AND code = $2 AND resolved_at IS NULL',
    [connectorId, NOT_COMPARED, JSON.stringify(told)],
  );
}
