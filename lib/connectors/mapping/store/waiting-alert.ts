/** The alert that a program's version waits for a person: one a connector, until none waits any more. */
import type pg from 'pg';
import type { ReasonCode } from '../../../imports/reasons.ts';
import { raiseAlert } from '../../../imports/store/connectors.ts';

const CODE: ReasonCode = 'mapping_waits';

/** In the transaction that holds the proposal. */
export function raiseWaitingAlert(
  client: pg.PoolClient,
  about: { readonly organizationId: string; readonly connectorId: string; readonly version: number },
): Promise<void> {
  const { organizationId, connectorId, version } = about;
  return raiseAlert(client, { organizationId, connectorId, importId: null, code: CODE, detail: { version } });
}

/** In the transaction that ended a proposal, or put it in force. */
export async function endWaitingAlert(client: pg.PoolClient, connectorId: string): Promise<void> {
  await client.query(
    `UPDATE alert SET resolved_at = now() WHERE connector_id = $1 AND code = $2 AND resolved_at IS NULL
       AND NOT EXISTS (SELECT 1 FROM mapping_version v
         WHERE v.connector_id = $1 AND v.status = 'proposed' AND v.origin = 'api' AND v.mode <> 'restore')`,
    [connectorId, CODE],
  );
}
