/** `npm run migrate`: brings the database of DATABASE_URL to the schema of this version. Safe to run at every start. */
import { MigrationError, migrate, NewerSchemaError } from './migrations/migrate.ts';

const connectionString = process.env.DATABASE_URL;
if (!connectionString) {
  console.error('DATABASE_URL is not set. See .env.example.');
  process.exitCode = 1;
} else {
  try {
    const applied = await migrate(connectionString);
    console.log(applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.join(', ')}.`);
  } catch (error) {
    console.error(error instanceof MigrationError || error instanceof NewerSchemaError ? error.message : error);
    process.exitCode = 1;
  }
}
