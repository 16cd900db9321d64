import pg from 'pg';

/** Stops a connector as the worker does after a refused password. */
export function stopConnector(name: string): Promise<void> {
  return update(name, `stopped_at = now(), stopped_reason = 'invalid_credentials'`);
}

/** Sets it going again, as the right password does. */
export function startConnector(name: string): Promise<void> {
  return update(name, 'stopped_at = NULL, stopped_reason = NULL');
}

async function update(name: string, set: string): Promise<void> {
  const client = new pg.Client({ connectionString: process.env.E2E_DATABASE_URL });
  await client.connect();
  try {
    await client.query(`UPDATE connector SET ${set} WHERE name = $1 AND status = 'live'`, [name]);
  } finally {
    await client.end();
  }
}
