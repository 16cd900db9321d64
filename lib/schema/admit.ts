/**
 * A process starts on the schema that it knows, and on no older or newer one. While it runs, a newer version may expand the
 * schema under it; only what takes away something that it uses, or a schema that lacks something, makes it unready.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isDatabaseAway, type Queryable } from '../db.ts';
import { MIGRATIONS, VERSION } from '../generated/migrations.ts';
import { contractedFor, isOlder, parseVersion } from './contract.ts';
import { appliedMigrations, pendingMigrations, SchemaBehindError } from './record.ts';

const AGAIN_MS = 2_000;

/**
 * Looks once.
 *
 * @throws NewerSchemaError, SchemaBehindError or MigrationError, each a sentence that says what to do; whatever PostgreSQL says
 */
export async function admitSchema(client: Queryable, known = MIGRATIONS): Promise<void> {
  const pending = pendingMigrations(known, await appliedMigrations(client));
  if (pending.length === 0) return;
  const missing = pending.length === 1 ? `the migration ${pending[0]?.name}` : `${pending.length} migrations`;
  throw new SchemaBehindError(
    `The database lacks ${missing} of this version. Run "npm run migrate" of this version, then start this again.`,
  );
}

/** Looks until the database has answered. @throws as `admitSchema`, but where the database is away */
export async function admitSchemaOnceThere(client: Queryable, log: Pick<Logger, 'warn'>): Promise<void> {
  for (let isSaid = false; ; isSaid = true) {
    try {
      return await admitSchema(client);
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      if (!isSaid) log.warn('the schema is looked at when the database answers');
      await sleep(AGAIN_MS);
    }
  }
}

/**
 * How the schema stands to a process that runs.
 * - `fits`: all that this version needs is there, and maybe more
 * - `behind`: something is missing, as after the restore of an old backup
 * - `outgrown`: a newer version took something away that this one may still use
 */
export type SchemaStanding = 'fits' | 'behind' | 'outgrown';

/** Asks the database. @throws whatever PostgreSQL says */
export async function schemaStanding(
  client: Queryable,
  known = MIGRATIONS,
  version: string = VERSION,
): Promise<SchemaStanding> {
  const applied = await appliedMigrations(client);
  const finished = new Set(applied.filter((migration) => migration.finished).map(({ name }) => name));
  if (known.some(({ name }) => !finished.has(name))) return 'behind';
  const names = new Set(known.map(({ name }) => name));
  const own = parseVersion(version);
  const isOutgrown = applied.some(({ name }) => {
    const oldest = names.has(name) ? null : contractedFor(name);
    return oldest !== null && isOlder(own, oldest);
  });
  return isOutgrown ? 'outgrown' : 'fits';
}

/** What readiness says, in words for whoever asks at night. */
export const STANDING_WORDS: Readonly<Record<SchemaStanding, string>> = {
  fits: 'ready',
  behind: 'the database lacks migrations of this version: run npm run migrate',
  outgrown: 'a newer version has taken away what this one uses: start the newer version',
};
