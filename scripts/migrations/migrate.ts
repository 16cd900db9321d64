/**
 * Brings a database to the schema of this checkout, also while an older version works on it. Several processes that start at
 * once wait for each other.
 *
 * The record is Prisma's own table `_prisma_migrations`, written as its command line writes it, so that
 * `prisma migrate deploy` can go on where this ends. Prisma's engine itself does not apply them: its program would have
 * to be downloaded, and its WebAssembly build cuts a script at every semicolon, also inside a function or a comment.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { appliedMigrations, checksumOf, MigrationError, pendingMigrations } from '#lib/schema/record.ts';
import { concurrentIndex } from './concurrent-index.ts';
import { type Migration, readMigrations } from './files.ts';

// Any number, but always the same: who holds this advisory lock is migrating.
const LOCK = 7_203_511;
const LOCK_MS = 200;

/**
 * Whoever waits for a lock on a table makes everybody wait who comes after. So a migration gives up soon, lets them pass, and
 * comes back.
 */
const LOCK_TIMEOUT_MS = 2_000;
const ATTEMPTS = 20;
const PAUSE_MS = 1_000;

export interface Patience {
  readonly lockTimeoutMs: number;
  readonly attempts: number;
  readonly pauseMs: number;
}

const PATIENCE: Patience = { lockTimeoutMs: LOCK_TIMEOUT_MS, attempts: ATTEMPTS, pauseMs: PAUSE_MS };

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
 * Applies what is missing, each migration in a transaction of its own, and returns the names of those it applied. An index that
 * is made concurrently is one without, and is begun anew where it was broken off.
 * @throws NewerSchemaError before anything is changed
 * @throws MigrationError when one fails; it leaves nothing behind, and those before it stay
 */
export async function migrate(
  connectionString: string,
  migrations: readonly Migration[] = readMigrations(),
  patience: Patience = PATIENCE,
): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString, application_name: 'compliance-portal migrate' });
  // A connection that breaks fails the query that is under way; the event itself must not end the process.
  client.on('error', () => {});
  await client.connect();
  try {
    // Asked again and again: a session that waits for it in one statement is one that a concurrent index waits for.
    while (!(await takeLock(client))) await sleep(LOCK_MS);
    const known = migrations.map(({ name, sql }) => ({ name, sql, checksum: checksumOf(sql) }));
    const pending = pendingMigrations(known, await appliedMigrations(client));
    if (pending.length > 0) await client.query(RECORD_TABLE);
    for (const migration of pending) await apply(client, migration, patience);
    return pending.map(({ name }) => name);
  } finally {
    // The lock belongs to this session and ends with it.
    await client.end();
  }
}

async function takeLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [LOCK]);
  return rows[0]?.locked === true;
}

async function apply(client: pg.Client, migration: Migration, patience: Patience): Promise<void> {
  const index = concurrentIndex(migration.sql);
  for (let attempt = 1; ; attempt++) {
    try {
      return await (index === null
        ? inOneTransaction(client, migration, patience)
        : concurrently(client, migration, index));
    } catch (error) {
      const isLocked = error instanceof pg.DatabaseError && error.code === '55P03';
      if (isLocked && attempt < patience.attempts) {
        await sleep(patience.pauseMs);
        continue;
      }
      const why = isLocked
        ? 'another session keeps a lock that it needs. End long transactions (pg_stat_activity), and run this again'
        : sentence(error, migration.sql);
      throw new MigrationError(`The migration ${migration.name} failed and was undone: ${why}`);
    }
  }
}

async function inOneTransaction(client: pg.Client, migration: Migration, { lockTimeoutMs }: Patience): Promise<void> {
  await client.query('begin');
  try {
    await client.query(`set local lock_timeout = ${lockTimeoutMs}`);
    await client.query(migration.sql);
    await record(client, migration);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

/** Waits for transactions that are older, and nobody waits for it. What was broken off, or not recorded, is made anew. */
async function concurrently(client: pg.Client, migration: Migration, index: string): Promise<void> {
  await client.query(`drop index concurrently if exists ${index}`);
  await client.query(migration.sql);
  await record(client, migration);
}

async function record(client: pg.Client, { name, sql }: Migration): Promise<void> {
  await client.query(
    `insert into _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
     values ($1, $2, $3, transaction_timestamp(), clock_timestamp(), 1)`,
    [randomUUID(), checksumOf(sql), name],
  );
}

/** PostgreSQL's words, with the line of the script where it names a position. */
function sentence(error: unknown, sql: string): string {
  if (!(error instanceof Error)) return String(error);
  const position = error instanceof pg.DatabaseError ? Number(error.position) : Number.NaN;
  if (Number.isNaN(position)) return error.message;
  return `${error.message} (line ${sql.slice(0, position).split('\n').length})`;
}
