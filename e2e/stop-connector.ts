import pg from 'pg';

/** Stops a connector as the worker does after a refused password. */
export async function stopConnector(name: string): Promise<void> {
  const client = new pg.Client({ connectionString: process.env.E2E_DATABASE_URL });
  await client.connect();
  await client.query(
    `UPDATE connector SET stopped_at = now(), stopped_reason = 'invalid_credentials' WHERE name = $1 AND status = 'live'`,
    [name],
  );
  await client.end();
}
