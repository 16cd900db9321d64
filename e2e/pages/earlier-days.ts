/** Days before a connector's first one, as 40 days of imports would have left them: nobody waits for so many in a test. */
import pg from 'pg';

/** Whole days before the first window, beside the hours of its own day. */
const DAYS = 40;

async function inDatabase(statements: readonly string[], name: string): Promise<void> {
  const client = new pg.Client({ connectionString: process.env.E2E_DATABASE_URL });
  await client.connect();
  try {
    await client.query('BEGIN');
    // The chain of windows has no moment at which it is whole while its beginning is moved.
    await client.query(`SET LOCAL session_replication_role = 'replica'`);
    for (const statement of statements) await client.query(statement.replaceAll('$name', client.escapeLiteral(name)));
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
}

const CONNECTOR = `(SELECT id FROM connector WHERE name = $name AND status = 'live')`;
// Imports of the product count from 1 on.
const SEEDED = `(SELECT window_id FROM import WHERE connector_id = ${CONNECTOR} AND number <= 0)`;

/** Some days wait, failed, were lost, had nothing or do not add up. */
export function seedEarlierDays(name: string): Promise<void> {
  return inDatabase(
    [
      `CREATE TEMP TABLE earlier ON COMMIT DROP AS
       WITH first AS (SELECT * FROM import_window WHERE connector_id = ${CONNECTOR} AND follows IS NULL),
       day AS (SELECT date_trunc('day', starts_at, 'UTC') AS at FROM first)
       SELECT n, gen_random_uuid() AS import_id, first.organization_id, first.connector_id,
              day.at - n * interval '1 day' AS starts_at,
              least(day.at - (n - 1) * interval '1 day', first.starts_at) AS ends_at
       FROM first, day, generate_series(0, ${DAYS}) AS n WHERE n > 0 OR first.starts_at > day.at`,
      `UPDATE import_window SET follows = starts_at WHERE connector_id = ${CONNECTOR} AND follows IS NULL`,
      `INSERT INTO import_window (organization_id, connector_id, starts_at, ends_at, follows, state, closed_at)
       SELECT organization_id, connector_id, starts_at, ends_at, CASE WHEN n < ${DAYS} THEN starts_at END,
              CASE WHEN n = 6 THEN 'lost' ELSE 'closed' END, now() FROM earlier`,
      `INSERT INTO import (id, organization_id, connector_id, source_id, window_id, number, trigger, phase, started_at,
         collected_at, completed_at, staging_cleared_at, balanced)
       SELECT e.import_id, e.organization_id, e.connector_id, c.source_id, w.id, -e.n, 'scheduled', 'completed',
              e.ends_at, e.ends_at, e.ends_at + (40 + e.n * 17 % 50) * interval '1 second', now(), true
       FROM earlier e JOIN connector c ON c.id = e.connector_id
       JOIN import_window w ON w.connector_id = e.connector_id AND w.ends_at = e.ends_at`,
      `INSERT INTO import_counter (import_id, shard, outcome, count)
       SELECT import_id, 0, outcome, count FROM (
         SELECT *, CASE WHEN n % 13 = 5 THEN 0 ELSE 1400 + n * 137 % 900 END AS listed,
                CASE WHEN n % 7 = 3 AND n % 13 <> 5 THEN 180 ELSE 0 END AS waiting,
                CASE WHEN n % 9 = 4 AND n % 13 <> 5 THEN 90 ELSE 0 END AS failed FROM earlier) d,
       LATERAL (VALUES ('items.listed', listed), ('items.imported', listed - waiting - failed - (n = 9)::int),
         ('items.waiting', waiting), ('items.failed', failed), ('copies.available', listed - waiting),
         ('copies.imported', listed - waiting - failed), ('copies.failed', failed), ('copies.waiting', waiting)
       ) AS v (outcome, count)`,
    ],
    name,
  );
}

/**
 * The last imports of a connector, which only its charts and its list of imports read, cannot be read until what is returned
 * is called. No other connector and no worker meets what was broken: an import that is completed is not begun again.
 */
export async function breakImports(name: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: process.env.E2E_DATABASE_URL });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string; started: string }>(
      `SELECT i.id, i.started_at::text AS started FROM import i JOIN connector c ON c.id = i.connector_id
        WHERE c.name = $1 AND c.status = 'live' AND i.phase = 'completed' AND i.started_at IS NOT NULL
        ORDER BY i.number DESC LIMIT 1`,
      [name],
    );
    const [broken] = rows;
    if (broken === undefined) throw new Error(`${name} has no completed import`);
    await client.query(`UPDATE import SET started_at = '-infinity' WHERE id = $1`, [broken.id]);
    return () => mend(broken);
  } finally {
    await client.end();
  }
}

async function mend({ id, started }: { readonly id: string; readonly started: string }): Promise<void> {
  const client = new pg.Client({ connectionString: process.env.E2E_DATABASE_URL });
  await client.connect();
  try {
    await client.query('UPDATE import SET started_at = $2::timestamptz WHERE id = $1', [id, started]);
  } finally {
    await client.end();
  }
}

export function removeEarlierDays(name: string): Promise<void> {
  return inDatabase(
    [
      `DELETE FROM import_counter WHERE import_id IN (
         SELECT id FROM import WHERE connector_id = ${CONNECTOR} AND number <= 0)`,
      `DELETE FROM alert WHERE window_id IN ${SEEDED}`,
      `DELETE FROM import_window WHERE id IN ${SEEDED}`,
      `DELETE FROM import WHERE connector_id = ${CONNECTOR} AND number <= 0`,
      `UPDATE import_window SET follows = NULL WHERE id = (
         SELECT id FROM import_window WHERE connector_id = ${CONNECTOR} ORDER BY starts_at LIMIT 1)`,
    ],
    name,
  );
}
