/** For the comparison with the model: what the portal writes beside the engine, in PostgreSQL. Ids are the model's. */
import type pg from 'pg';
import { requestImport } from '#lib/imports/store/import-requests.ts';
import type { NewConnector } from './set-up.ts';

export async function insertOrganization(pool: pg.Pool, id: string, verifiedDomains: readonly string[]): Promise<void> {
  await pool.query(`INSERT INTO organization (id, name, verified_domains) VALUES ($1, 'Name', $2)`, [
    id,
    verifiedDomains,
  ]);
}

export async function insertSource(pool: pg.Pool, id: string, organizationId: string, account: string): Promise<void> {
  await pool.query(
    `INSERT INTO source (id, organization_id, kind, account_id, account_name) VALUES ($1, $2, 'android-archiver', $3, '')`,
    [id, organizationId, account],
  );
}

export async function insertLiveConnector(pool: pg.Pool, id: string, connector: NewConnector): Promise<void> {
  await pool.query(
    `INSERT INTO connector (id, organization_id, kind, name, status, terms_accepted_at, source_id, username,
       password_sealed, source_connector_id, mapping_confirmed_at, consent_proven_at, first_import_from, created_by,
       finished_at)
     VALUES ($1, $2, 'android-archiver', 'Connector', 'live', now(), $3, 'user', 'sealed', 'registered', now(), now(),
       $4, 'test', now())`,
    [id, connector.organizationId, connector.sourceId, connector.firstImportFrom],
  );
}

export async function insertMapping(
  pool: pg.Pool,
  versionId: string,
  connectorId: string,
  rows: readonly { readonly number: string; readonly mailbox: string; readonly from: Date; readonly to: Date | null }[],
): Promise<void> {
  await pool.query(`UPDATE mapping_version SET status = 'superseded' WHERE connector_id = $1 AND status = 'in_force'`, [
    connectorId,
  ]);
  await pool.query(
    `INSERT INTO mapping_version (id, organization_id, connector_id, number, status, origin, created_by)
     SELECT $1, c.organization_id, c.id, 1 + (SELECT count(*) FROM mapping_version v WHERE v.connector_id = c.id),
       'in_force', 'file', 'test' FROM connector c WHERE c.id = $2`,
    [versionId, connectorId],
  );
  await pool.query(
    `INSERT INTO mapping_row (version_id, organization_id, number, row_number, mailbox, valid_from, valid_to)
     SELECT v.id, v.organization_id, t.number, t.position + 1, t.mailbox, t.valid_from, coalesce(t.valid_to, 'infinity')
     FROM mapping_version v, unnest($2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[]) WITH ORDINALITY
       AS t (number, mailbox, valid_from, valid_to, position) WHERE v.id = $1`,
    [
      versionId,
      rows.map(({ number }) => number),
      rows.map(({ mailbox }) => mailbox),
      rows.map(({ from }) => from),
      rows.map(({ to }) => to),
    ],
  );
}

const CHANGES = {
  pauseConnector: 'paused_at = now()',
  resumeConnector: 'paused_at = NULL',
  restartConnector: 'stopped_at = NULL, stopped_reason = NULL',
  deleteConnector: `status = 'deleted', deleted_at = now()`,
} as const;

export type ConnectorCommand = keyof typeof CHANGES;

export async function commandConnector(pool: pg.Pool, command: ConnectorCommand, connectorId: string): Promise<void> {
  await pool.query(`UPDATE connector SET ${CHANGES[command]} WHERE id = $1`, [connectorId]);
}

export async function importFirst(
  pool: pg.Pool,
  connectorId: string,
  first: { readonly userId: string; readonly address: string } | null,
): Promise<void> {
  await pool.query('UPDATE connector SET first_user_id = $2, first_mailbox = $3 WHERE id = $1', [
    connectorId,
    first?.userId ?? null,
    first?.address ?? null,
  ]);
}

export async function commandImport(pool: pg.Pool, connectorId: string, by: string): Promise<void> {
  const { rows } = await pool.query<{ organization_id: string }>(
    'SELECT organization_id FROM connector WHERE id = $1',
    [connectorId],
  );
  if (rows[0]) await requestImport(pool, rows[0].organization_id, connectorId, by);
}
