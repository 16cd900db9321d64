/** One round of an organization at a time. */
import type pg from 'pg';
import type { Queryable } from '../../db.ts';

/** Organizations in which somebody is told something, or a notice is on its way. */
export async function organizationsToTell(pool: pg.Pool): Promise<{ readonly organizationId: string }[]> {
  const { rows } = await pool.query<{ organizationId: string }>(
    'SELECT DISTINCT organization_id AS "organizationId" FROM notification_setting',
  );
  return rows;
}

/** Lets one round of an organization run at a time, to the end of the transaction: facts that are older come to nothing. */
export async function takeTurn(client: Queryable, organizationId: string): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    `SELECT pg_try_advisory_xact_lock(hashtextextended('notifications:' || $1, 0)) AS taken`,
    [organizationId],
  );
  return rows[0]?.taken === true;
}

/** As `takeTurn`, for who cannot come again: waits for the round that runs. */
export async function waitForTurn(client: Queryable, organizationId: string): Promise<void> {
  await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('notifications:' || $1, 0))`, [organizationId]);
}
