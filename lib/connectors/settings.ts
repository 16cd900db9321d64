/** What the *Settings* tab shows of a connector. Never the password. */
import type pg from 'pg';
import { type Actor, authorize } from '../security/actor.ts';
import { dailyMinute } from './schedule.ts';
import { timeOfDay } from './set-schedule.ts';

export interface ConnectorSettings {
  /** of the account at the source */
  readonly accountName: string;
  readonly schedule: {
    /** UTC; null: left to the portal */
    readonly hour: number | null;
    /** when it starts, by its hour (`06:14 UTC`); the last one where the portal chooses */
    readonly times: readonly string[];
  };
  readonly automaticMapping: boolean;
  /** ISO 3166 */
  readonly defaultRegion: string;
  /** another rule that somebody proposed and nobody applied, the newest; null: none */
  readonly ruleProposal: { readonly id: string; readonly number: number; readonly by: string } | null;
}

/** Null where the organization has no such live connector. @throws NotAllowed */
export async function connectorSettings(
  pool: pg.Pool,
  actor: Actor,
  connectorId: string,
): Promise<ConnectorSettings | null> {
  authorize(actor, 'connectors.read');
  const { rows } = await pool.query<Omit<ConnectorSettings, 'schedule'> & { hour: number | null }>(
    `SELECT coalesce(s.account_name, '') AS "accountName", c.schedule_hour AS hour,
       c.automatic_mapping AS "automaticMapping", c.default_region AS "defaultRegion",
       (SELECT json_build_object('id', v.id, 'number', v.number, 'by', v.created_by) FROM mapping_version v
         WHERE v.organization_id = $1 AND v.connector_id = c.id AND v.status = 'proposed' AND v.mode = 'rule'
         ORDER BY v.number DESC LIMIT 1) AS "ruleProposal"
     FROM connector c LEFT JOIN source s ON s.id = c.source_id AND s.organization_id = c.organization_id
     WHERE c.organization_id = $1 AND c.id = $2 AND c.status = 'live'`,
    [actor.organizationId, connectorId],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const { hour, ...settings } = row;
  const hours = [...Array.from({ length: 24 }, (_none, index) => index), null];
  return { ...settings, schedule: { hour, times: hours.map((one) => timeOfDay(dailyMinute(connectorId, one))) } };
}
