/** PostgreSQL as an installation needs it: its version, that it keeps what it says it kept, its schema, and rights that are few. */
import pg from 'pg';
import { MIGRATIONS } from '#lib/generated/migrations.ts';
import { appliedMigrations, MigrationError, NewerSchemaError, pendingMigrations } from '#lib/schema/record.ts';
import { APP_ROLE } from '../migrations/rights.ts';
import { clockFinding } from './clock.ts';
import { codeOf, type Examination, type Finding } from './finding.ts';

const OLDEST = 15;
const PATIENCE_MS = 10_000;
/** @param connectionString a secret: DATABASE_URL */
export async function* examineDatabase(connectionString: string): Examination {
  const client = new pg.Client({
    connectionString,
    application_name: 'compliance-portal doctor',
    connectionTimeoutMillis: PATIENCE_MS,
    statement_timeout: PATIENCE_MS,
  });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    yield {
      about: 'PostgreSQL',
      result: 'wrong',
      found: `No connection (${codeOf(error)}).`,
      toDo: 'Check DATABASE_URL: host, port, database, login, password, and that the server lets this machine in.',
    };
    return;
  }
  try {
    yield await versionOf(client);
    yield await durabilityOf(client);
    yield await schemaOf(client);
    yield await rightsOf(client);
    yield await clockOf(client);
  } catch (error) {
    yield {
      about: 'PostgreSQL',
      result: 'wrong',
      found: `A question was not answered (${codeOf(error)}).`,
      toDo: 'See the log of the database for this login.',
    };
  } finally {
    await client.end();
  }
}

async function versionOf(client: pg.Client): Promise<Finding> {
  const { rows } = await client.query<{ version: string; number: number }>(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number`,
  );
  const [{ version, number } = { version: 'unknown', number: 0 }] = rows;
  const about = 'PostgreSQL, version';
  if (number >= OLDEST * 10_000) return { about, result: 'well', found: `${version}.` };
  return { about, result: 'wrong', found: `${version}.`, toDo: `Use PostgreSQL ${OLDEST} or newer.` };
}

/** "Sent" is written before a request leaves: a server that forgets what it confirmed makes doubles. */
async function durabilityOf(client: pg.Client): Promise<Finding> {
  const { rows } = await client.query<{ name: string; setting: string }>(
    `SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes') ORDER BY name`,
  );
  const found = `${rows.map(({ name, setting }) => `${name} ${setting}`).join(', ')}.`;
  const about = 'PostgreSQL, what is committed is kept';
  if (rows.every(({ setting }) => setting !== 'off')) return { about, result: 'well', found };
  const toDo = 'Switch them on: after a power cut, a copy that was sent and forgotten would be sent again.';
  return { about, result: 'wrong', found, toDo };
}

async function schemaOf(client: pg.Client): Promise<Finding> {
  const about = 'PostgreSQL, migrations';
  try {
    const pending = pendingMigrations(MIGRATIONS, await appliedMigrations(client));
    if (pending.length === 0) return { about, result: 'well', found: 'All are applied.' };
    const found = `${pending.length} are not applied yet.`;
    return {
      about,
      result: 'wrong',
      found,
      toDo: 'Run npm run migrate, which can be run while an older version serves.',
    };
  } catch (error) {
    if (!(error instanceof NewerSchemaError || error instanceof MigrationError)) throw error;
    return { about, result: 'wrong', found: error.message, toDo: 'Nothing of this version may start on it before.' };
  }
}

/** Whoever owns the tables can take away the triggers that make the audit log append-only. */
async function rightsOf(client: pg.Client): Promise<Finding> {
  const about = 'PostgreSQL, rights of this login';
  const { rows } = await client.query<{
    login: string;
    super: boolean;
    there: boolean;
    owns: boolean;
    changes: boolean | null;
  }>(
    `SELECT current_user AS login, r.rolsuper AS super, t.oid IS NOT NULL AS there,
       coalesce(pg_has_role(t.relowner, 'USAGE'), false) AS owns, has_table_privilege(t.oid, 'UPDATE, DELETE') AS changes
     FROM pg_roles r LEFT JOIN pg_class t ON t.oid = to_regclass('audit_entry') WHERE r.rolname = current_user`,
  );
  const [row] = rows;
  if (!row?.there) {
    const found = 'The audit log is not there yet.';
    return { about, result: 'not_checked', found, toDo: 'Run npm run migrate, and then this again.' };
  }
  if (!row.super && !row.owns && row.changes === false) {
    return { about, result: 'well', found: `${row.login} cannot change or delete entries of the audit log.` };
  }
  return {
    about,
    result: 'beware',
    found: `${row.login} ${row.super ? 'is a superuser' : row.owns ? 'owns the tables' : 'may change the audit log'}.`,
    toDo: `Let portal and workers use a login of their own that is a member of ${APP_ROLE} (docs/audit-log.md); the owner is for npm run migrate alone.`,
  };
}

async function clockOf(client: pg.Client): Promise<Finding> {
  const asked = Date.now();
  const { rows } = await client.query<{ ms: number }>(
    'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS ms',
  );
  const seconds = ((rows[0]?.ms ?? Number.NaN) - (asked + Date.now()) / 2) / 1_000;
  return clockFinding('Clock, against PostgreSQL', seconds);
}
