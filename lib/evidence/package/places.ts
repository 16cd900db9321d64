/**
 * How many packages of an organization are made at a time: each reads whatever its period holds, on a connection of its
 * own. A place is an advisory lock of that connection, so that all portals share them, and one that dies gives its own back.
 */
import type { Queryable } from '../../db.ts';

export const PACKAGES_AT_ONCE = 2;

/** @param client of which nobody else has the connection; the place ends with it @returns false where all are taken */
export async function takePlace(client: Queryable, organizationId: string): Promise<boolean> {
  for (let place = 1; place <= PACKAGES_AT_ONCE; place++) {
    const { rows } = await client.query<{ taken: boolean }>(
      'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken',
      [`evidence package ${place} of ${organizationId}`],
    );
    if (rows[0]?.taken === true) return true;
  }
  return false;
}
