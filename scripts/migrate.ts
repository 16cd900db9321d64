/** `npm run migrate`: brings the database of DATABASE_URL to the schema of this version. Safe to run at every start. */
import pg from 'pg';
import { EnvError, readSecret } from '#lib/env.ts';
import { isSchemaRefusal } from '#lib/schema/record.ts';
import { migrate } from './migrations/migrate.ts';
import { APP_ROLE, grantRights } from './migrations/rights.ts';

try {
  const connectionString = await readSecret('DATABASE_URL');
  if (!connectionString) {
    console.error('DATABASE_URL is not set. See .env.example.');
    process.exitCode = 1;
  } else {
    // Of two files and an environment that may name one, it is said which was taken; never with its password.
    const { database, host, port } = new pg.Client({ connectionString });
    console.log(`Database ${database} on ${host}:${port}`);
    const applied = await migrate(connectionString);
    const granted = await grantRights(connectionString);
    console.log(applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.join(', ')}.`);
    console.log(
      granted
        ? `Rights of the role ${APP_ROLE} are set.`
        : `There is no role ${APP_ROLE}, and this login may not create it: portal and workers run as the owner of the tables.`,
    );
  }
} catch (error) {
  console.error(isSchemaRefusal(error) || error instanceof EnvError ? error.message : error);
  process.exitCode = 1;
}
