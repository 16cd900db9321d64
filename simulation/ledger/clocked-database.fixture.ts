/**
 * For the comparison with the model: a database in which `now()` is what the test says. A function of that name stands
 * before PostgreSQL's own in the search path; defaults of columns, which were bound when the tables were made, are set anew.
 */
import pg from 'pg';
import { testDatabase } from '#testing/services.ts';

export interface ClockedDatabase {
  readonly pool: pg.Pool;
  /** Sets the time of every statement from now on. */
  setNow(now: Date): Promise<void>;
  close(): Promise<void>;
}

export async function clockedDatabase(now: Date): Promise<ClockedDatabase> {
  const pool = new pg.Pool({
    connectionString: await testDatabase(),
    max: 4,
    options: '-c search_path=public,clock,pg_catalog',
  });
  await pool.query(`
    CREATE SCHEMA clock;
    CREATE TABLE clock.instant (at timestamptz NOT NULL);
    INSERT INTO clock.instant VALUES ('epoch');
    CREATE FUNCTION clock.now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM clock.instant';
    CREATE FUNCTION clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM clock.instant'`);
  const { rows } = await pool.query<{ table: string; column: string }>(
    `SELECT c.relname AS table, a.attname AS column
     FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.adnum
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
       AND pg_get_expr(d.adbin, d.adrelid) ~ '^(pg_catalog\\.)?now\\(\\)$'`,
  );
  for (const { table, column } of rows)
    await pool.query(`ALTER TABLE public.${table} ALTER COLUMN ${column} SET DEFAULT clock.now()`);
  const setNow = async (at: Date): Promise<void> => {
    await pool.query('UPDATE clock.instant SET at = $1', [at]);
  };
  await setNow(now);
  return { pool, setNow, close: () => pool.end() };
}
