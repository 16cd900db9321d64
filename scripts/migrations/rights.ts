/**
 * Rights for portal and workers that are fewer than those of who migrates. A trigger refuses a change of the audit log,
 * but an owner can take triggers away; a member of `portal_app` owns nothing and may change nothing of what is append-only.
 *
 * The operator makes a login that is a member of it (docs/audit-log.md). Where the migration may not create roles and
 * nobody else did, nothing is granted.
 */
import pg from 'pg';

export const APP_ROLE = 'portal_app';

/** What is only ever added to. */
const APPEND_ONLY = ['audit_entry', 'audit_link', 'audit_anchor', 'audit_checkpoint', 'sign_off'] as const;

/**
 * Grants what the product needs and no more, on the schema as it is now: after every migration.
 * @returns whether the role is there
 */
export async function grantRights(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString, application_name: 'compliance-portal migrate' });
  await client.connect();
  try {
    return await grant(client);
  } finally {
    await client.end();
  }
}

async function grant(client: pg.Client): Promise<boolean> {
  if (!(await hasRole(client))) {
    try {
      await client.query(`CREATE ROLE ${APP_ROLE} NOLOGIN`);
    } catch {
      // Not allowed to; or somebody else made it meanwhile.
      if (!(await hasRole(client))) return false;
    }
  }
  const partitions = await client.query<{ name: string }>(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'audit_entry'::regclass`,
  );
  const appendOnly = APPEND_ONLY.join(', ');
  await client.query('BEGIN');
  await client.query(`GRANT USAGE ON SCHEMA public TO ${APP_ROLE}`);
  await client.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${APP_ROLE}`);
  await client.query(`GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ${APP_ROLE}`);
  await client.query(`REVOKE UPDATE, DELETE ON ${appendOnly} FROM ${APP_ROLE}`);
  await client.query(`REVOKE INSERT, UPDATE, DELETE ON _prisma_migrations FROM ${APP_ROLE}`);
  for (const { name } of partitions.rows) await client.query(`REVOKE ALL ON ${name} FROM ${APP_ROLE}`);
  await client.query('COMMIT');
  return true;
}

async function hasRole(client: pg.Client): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [APP_ROLE]);
  return (rowCount ?? 0) > 0;
}
