/**
 * Brings a database to the schema of this checkout. Several processes that start at once wait for each other.
 *
 * The record is Prisma's own table `_prisma_migrations`, written as its command line writes it, so that
 * `prisma migrate deploy` can go on where this ends. Prisma's engine itself does not apply them: its program would have
 * to be downloaded, and its WebAssembly build cuts a script at every semicolon, also inside a function or a comment.
 */
import { createHash, randomUUID } from 'node:crypto';
import pg from 'pg';
import { type Migration, readMigrations } from './files.ts';

/** The database was migrated by a newer version of this program, which may rely on what this one does not know. */
export class NewerSchemaError extends Error {
  override name = 'NewerSchemaError';
}

/** A migration cannot be applied. The message carries PostgreSQL's words, or says what to do. */
export class MigrationError extends Error {
  override name = 'MigrationError';
}

// Any number, but always the same: who holds this advisory lock is migrating.
const LOCK = 7_203_511;

// As `prisma migrate` creates it.
const RECORD_TABLE = `create table if not exists _prisma_migrations (
  id                  varchar(36)  primary key not null,
  checksum            varchar(64)  not null,
  finished_at         timestamptz,
  migration_name      varchar(255) not null,
  logs                text,
  rolled_back_at      timestamptz,
  started_at          timestamptz  not null default now(),
  applied_steps_count integer      not null default 0
)`;

/**
 * Applies what is missing, each migration in a transaction of its own, and returns the names of those it applied.
 * @throws NewerSchemaError before anything is changed
 * @throws MigrationError when one fails; it leaves nothing behind, and those before it stay
 */
export async function migrate(
  connectionString: string,
  migrations: readonly Migration[] = readMigrations(),
): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString, application_name: 'compliance-portal migrate' });
  // A connection that breaks fails the query that is under way; the event itself must not end the process.
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    const pending = pendingMigrations(migrations, await appliedMigrations(client));
    if (pending.length > 0) await client.query(RECORD_TABLE);
    for (const migration of pending) await apply(client, migration);
    return pending.map(({ name }) => name);
  } finally {
    // The lock belongs to this session and ends with it.
    await client.end();
  }
}

export interface AppliedMigration {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

/** What Prisma records of a migration's text: SHA-256, hexadecimal. */
export function checksumOf(sql: string): string {
  return createHash('sha256').update(sql).digest('hex');
}

/**
 * Those of `known` that are not yet in `applied`.
 * @throws NewerSchemaError when `applied` holds a name that is not known
 * @throws MigrationError when one of `applied` was never finished, or was another text
 */
export function pendingMigrations(
  known: readonly Migration[],
  applied: readonly AppliedMigration[],
): readonly Migration[] {
  const texts = new Map(known.map(({ name, sql }) => [name, checksumOf(sql)]));
  const unknown = applied.filter(({ name }) => !texts.has(name)).map(({ name }) => name);
  if (unknown.length > 0) {
    throw new NewerSchemaError(
      `The database belongs to a newer version of the portal: it has ${unknown.join(', ')}. Start that version, or restore a backup from before the update.`,
    );
  }
  const broken = applied.find(({ finished }) => !finished);
  if (broken) {
    throw new MigrationError(
      `The migration ${broken.name} was begun by another program and never finished. Repair the database and run "prisma migrate resolve", or restore a backup.`,
    );
  }
  const edited = applied.find(({ name, checksum }) => texts.get(name) !== checksum);
  if (edited) {
    throw new MigrationError(
      `The migration ${edited.name} is not the text that was applied to this database. Migrations are never edited once applied: add a new one. (Data of a demo that is not needed any more: delete the folder .data.)`,
    );
  }
  const names = new Set(applied.map(({ name }) => name));
  return known.filter(({ name }) => !names.has(name));
}

/** What the database's record says, in the order in which they were begun; empty where there is none yet. */
export async function appliedMigrations(client: pg.Client): Promise<AppliedMigration[]> {
  const table = await client.query<{ present: boolean }>(
    `select to_regclass('_prisma_migrations') is not null as present`,
  );
  if (!table.rows[0]?.present) return [];
  const { rows } = await client.query<AppliedMigration>(
    `select migration_name as name, checksum, finished_at is not null as finished
       from _prisma_migrations where rolled_back_at is null order by started_at, migration_name`,
  );
  return rows;
}

async function apply(client: pg.Client, { name, sql }: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(sql);
    await client.query(
      `insert into _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       values ($1, $2, $3, transaction_timestamp(), clock_timestamp(), 1)`,
      [randomUUID(), checksumOf(sql), name],
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw new MigrationError(`The migration ${name} failed and was undone: ${sentence(error, sql)}`);
  }
}

/** PostgreSQL's words, with the line of the script where it names a position. */
function sentence(error: unknown, sql: string): string {
  if (!(error instanceof Error)) return String(error);
  const position = error instanceof pg.DatabaseError ? Number(error.position) : Number.NaN;
  if (Number.isNaN(position)) return error.message;
  return `${error.message} (line ${sql.slice(0, position).split('\n').length})`;
}
