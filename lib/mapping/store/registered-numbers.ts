/** Phones of registered users, as their source listed them. */
import type { Queryable } from '../../db.ts';
import { type E164, isE164 } from '../number.ts';

/** Which of the numbers are phones of registered users of a source: everybody whom the source has not deleted. */
export async function registeredNumbers(
  client: Queryable,
  organizationId: string,
  sourceId: string,
  numbers: readonly E164[],
): Promise<ReadonlySet<E164>> {
  if (numbers.length === 0) return new Set();
  const { rows } = await client.query<{ number: string }>(
    `SELECT DISTINCT number FROM source_user
      WHERE source_id = $1 AND organization_id = $2 AND number = ANY ($3::text[]) AND status <> 'deleted'`,
    [sourceId, organizationId, numbers],
  );
  return new Set(rows.map(({ number }) => number).filter(isE164));
}
