/** For integration tests: a connector that is live, as the wizard would have left it. */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { administrationAccounts } from '#sandbox/telemessage/accounts.ts';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import type { SandboxAddresses } from '#scripts/services/environment.ts';

export const [account] = administrationAccounts;

export interface ConnectorOptions {
  /** default: 24 hours ago */
  readonly firstImportFrom?: Date;
  readonly automaticMapping?: boolean;
  /** the password, sealed to the connector's row; by default something that opens with no key */
  readonly sealed?: (connectorId: string) => string;
}

/** Inserts the organization, its source and the connector. @returns the connector's id */
export async function insertConnector(pool: pg.Pool, options: ConnectorOptions = {}): Promise<string> {
  const { id: organizationId, displayName, domains } = alderByrne;
  const connectorId = randomUUID();
  await pool.query(
    `INSERT INTO organization (id, name, verified_domains) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`,
    [organizationId, displayName, domains],
  );
  const source = await pool.query<{ id: string }>(
    `INSERT INTO source (organization_id, kind, account_id, account_name) VALUES ($1, 'android-archiver', $2, $3)
     ON CONFLICT (organization_id, kind, account_id) DO UPDATE SET account_name = excluded.account_name RETURNING id`,
    [organizationId, account.account.id, account.account.name],
  );
  await pool.query(
    `INSERT INTO connector (id, organization_id, kind, name, status, terms_accepted_at, source_id, username,
       password_sealed, source_connector_id, mapping_confirmed_at, consent_proven_at, first_import_from, created_by,
       finished_at, automatic_mapping)
     VALUES ($1, $2, 'android-archiver', 'Android Archiver', 'live', now(), $3, $4, $5, 'registered', now(), now(),
       $6, 'test', now(), $7)`,
    [
      connectorId,
      organizationId,
      source.rows[0]?.id,
      account.username,
      options.sealed?.(connectorId) ?? 'sealed',
      options.firstImportFrom ?? new Date(Date.now() - 24 * 3_600_000),
      options.automaticMapping ?? true,
    ],
  );
  return connectorId;
}

/** Everything that an administrator of the organization would grant, by the sandbox's control API. */
export async function grantConsent(sandbox: Pick<SandboxAddresses, 'http'>): Promise<void> {
  await control(sandbox, 'PUT', `consents/${alderByrne.id}`, {});
}

/** The sandbox's control API. Throws where it refuses. */
export async function control(
  sandbox: Pick<SandboxAddresses, 'http'>,
  method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<unknown> {
  const response = await fetch(`${sandbox.http}/sandbox/control/${path}`, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`the sandbox refused ${method} ${path}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
