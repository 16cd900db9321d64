/** The rows of what is set: a connector's each. */
import type { Queryable } from '../../db.ts';

export interface SettingRow {
  readonly connectorId: string;
  readonly addresses: readonly string[];
  readonly waitingAbove: number;
  readonly dailySummary: boolean;
  readonly summaryHour: number;
  readonly summaryDueAt: Date;
  readonly webhookHost: string | null;
  /** another one whenever another address is set */
  readonly webhookId: string | null;
  readonly webhookUrlSealed: string | null;
  readonly webhookSecretSealed: string | null;
  readonly heartbeatHost: string | null;
  readonly heartbeatId: string | null;
  readonly heartbeatUrlSealed: string | null;
  readonly heartbeatNumber: number;
}

const SETTING = `s.connector_id AS "connectorId", s.addresses, s.waiting_above AS "waitingAbove",
  s.daily_summary AS "dailySummary", s.summary_hour AS "summaryHour", s.summary_due_at AS "summaryDueAt",
  s.webhook_host AS "webhookHost", s.webhook_id AS "webhookId", s.webhook_url_sealed AS "webhookUrlSealed",
  s.webhook_secret_sealed AS "webhookSecretSealed", s.heartbeat_host AS "heartbeatHost",
  s.heartbeat_id AS "heartbeatId", s.heartbeat_url_sealed AS "heartbeatUrlSealed",
  s.heartbeat_number AS "heartbeatNumber"`;

/** Settings of the live connectors of an organization. */
export async function settingsOf(client: Queryable, organizationId: string): Promise<SettingRow[]> {
  const { rows } = await client.query<SettingRow>(
    `SELECT ${SETTING} FROM notification_setting s JOIN connector c ON c.id = s.connector_id
     WHERE s.organization_id = $1 AND c.organization_id = $1 AND c.status = 'live' ORDER BY c.name, c.id`,
    [organizationId],
  );
  return rows;
}

export async function settingOf(
  client: Queryable,
  organizationId: string,
  connectorId: string,
): Promise<SettingRow | null> {
  const { rows } = await client.query<SettingRow>(
    `SELECT ${SETTING} FROM notification_setting s WHERE s.organization_id = $1 AND s.connector_id = $2`,
    [organizationId, connectorId],
  );
  return rows[0] ?? null;
}

/** Nobody is told of a deleted connector, and nothing that is sealed is kept. In the transaction that deletes it. */
export async function forgetChannels(client: Queryable, organizationId: string, connectorId: string): Promise<void> {
  await client.query(
    `UPDATE notification_setting SET addresses = '{}', webhook_host = NULL, webhook_id = NULL, webhook_url_sealed = NULL,
       webhook_secret_sealed = NULL, heartbeat_host = NULL, heartbeat_id = NULL, heartbeat_url_sealed = NULL,
       updated_at = now()
     WHERE organization_id = $1 AND connector_id = $2`,
    [organizationId, connectorId],
  );
}

/** Tests that an organization may ask for in a minute, over all its connectors. */
const MOST_TESTS = 10;

/** Notes that a test is sent. @returns false: one of this connector, or too many of the organization, in the last minute */
export async function claimTest(client: Queryable, organizationId: string, connectorId: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE notification_setting SET tested_at = now() WHERE organization_id = $1 AND connector_id = $2
       AND (tested_at IS NULL OR tested_at <= now() - interval '1 minute')
       AND (SELECT count(*) FROM notification_setting other WHERE other.organization_id = $1
         AND other.tested_at > now() - interval '1 minute') < ${MOST_TESTS}`,
    [organizationId, connectorId],
  );
  return rowCount === 1;
}
