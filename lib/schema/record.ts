/**
 * Which migrations a database has and which ones this version knows. The record is Prisma's own table `_prisma_migrations`.
 * Applying them is left to `scripts/migrations`, and whether a process may run on what is there to `admit.ts`.
 */
import { createHash } from 'node:crypto';
import type { Queryable } from '../db.ts';

/** The database was migrated by a newer version of this program, which may rely on what this one does not know. */
export class NewerSchemaError extends Error {
  override name = 'NewerSchemaError';
}

/** A migration cannot be applied. The message carries PostgreSQL's words, or says what to do. */
export class MigrationError extends Error {
  override name = 'MigrationError';
}

/** The database was not migrated to what this version needs. */
export class SchemaBehindError extends Error {
  override name = 'SchemaBehindError';
}

/** Whether `error` is one of these: its message is a sentence that says what to do. */
export function isSchemaRefusal(error: unknown): error is Error {
  return error instanceof NewerSchemaError || error instanceof SchemaBehindError || error instanceof MigrationError;
}

export interface KnownMigration {
  readonly name: string;
  /** `checksumOf` its text */
  readonly checksum: string;
}

export interface AppliedMigration extends KnownMigration {
  readonly finished: boolean;
}

/** What Prisma records of a migration's text: SHA-256, hexadecimal. */
export function checksumOf(sql: string): string {
  return createHash('sha256').update(sql).digest('hex');
}

/** What the database's record says, in the order in which they were begun; empty where there is none yet. */
export async function appliedMigrations(client: Queryable): Promise<AppliedMigration[]> {
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

/**
 * Those of `known` that are not yet in `applied`.
 * @throws NewerSchemaError when `applied` holds a name that is not known
 * @throws MigrationError when one of `applied` was never finished, or was another text
 */
export function pendingMigrations<Known extends KnownMigration>(
  known: readonly Known[],
  applied: readonly AppliedMigration[],
): readonly Known[] {
  const checksums = new Map(known.map(({ name, checksum }) => [name, checksum]));
  const unknown = applied.filter(({ name }) => !checksums.has(name)).map(({ name }) => name);
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
  const edited = applied.find(({ name, checksum }) => checksums.get(name) !== checksum);
  if (edited) {
    throw new MigrationError(
      `The migration ${edited.name} is not the text that was applied to this database. Migrations are never edited once applied: add a new one. (Data of a demo that is not needed any more: delete the folder .data.)`,
    );
  }
  const names = new Set(applied.map(({ name }) => name));
  return known.filter(({ name }) => !names.has(name));
}
