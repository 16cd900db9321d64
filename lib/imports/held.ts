/**
 * Content that is kept because it is in no mailbox, or not wholly: it has no limit of age, so that it is reported every day
 * from its seventh on, until it is imported or signed off (`docs/retention.md`).
 */
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Queryable } from '../db.ts';
import { type Actor, authorize } from '../security/actor.ts';

/** The day of arrival at the source is day 0; days are those of UTC, so that a daily report has it on the day itself. */
export const REPORTED_FROM_DAY = 7;

/** What a connector has kept for so long. */
export interface HeldLong {
  /** copies; items where they are unreadable */
  readonly count: number;
  /** when the oldest reached the source, ISO 8601 in UTC */
  readonly oldest: string;
}

interface Row {
  readonly connectorId: string;
  readonly count: number;
  readonly oldest: Date;
}

// A range of the primary key of `undone` for each kind, which begins at the oldest and ends at the seventh day: what is
// read is what is reported, and the ledger's months are not. Of what is missing from a mailbox nothing is kept here.
const HELD = `
SELECT c.id AS "connectorId", sum(held.count)::float8 AS count, min(held.oldest) AS oldest
FROM connector c
CROSS JOIN unnest(ARRAY['waiting', 'failed', 'unreadable', 'partial']) AS of (kind)
CROSS JOIN LATERAL (
  SELECT count(*) AS count, min(u.archived_at) AS oldest FROM undone u
  WHERE u.connector_id = c.id AND u.kind = of.kind AND u.archived_at < $3) held
WHERE c.organization_id = $1 AND ($2::uuid[] IS NULL OR c.id = ANY ($2))
GROUP BY c.id HAVING sum(held.count) > 0 ORDER BY c.id`;

/**
 * Of an organization's connectors those that keep something for seven days or longer, by id.
 *
 * @param connectorIds only these; null for all
 */
export async function heldLong(
  client: Queryable,
  organizationId: string,
  connectorIds: readonly string[] | null,
  now: Date,
): Promise<ReadonlyMap<string, HeldLong>> {
  const { rows } = await client.query<Row>(HELD, [organizationId, connectorIds, reportedBefore(now)]);
  return new Map(
    rows.map(({ connectorId, count, oldest }) => [connectorId, { count, oldest: oldest.toISOString() }] as const),
  );
}

/** The same of one connector, for its pages; null where it keeps nothing for so long, or is not the actor's. @throws NotAllowed */
export async function heldLongOf(
  pool: pg.Pool,
  actor: Actor,
  connectorId: string,
  now: Date,
): Promise<HeldLong | null> {
  authorize(actor, 'connectors.read');
  return (await heldLong(pool, actor.organizationId, [connectorId], now)).get(connectorId) ?? null;
}

/** A line for each such connector in the worker's log, also where nobody is named for the daily summary. */
export async function logHeldLong(pool: pg.Pool, log: Logger, now: Date): Promise<void> {
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM organization ORDER BY id');
  for (const { id: organizationId } of rows) {
    for (const [connectorId, held] of await heldLong(pool, organizationId, null, now)) {
      log.warn({ organizationId, connectorId, ...held }, 'content has been in no mailbox for seven days or longer');
    }
  }
}

/** The beginning of the first day whose arrivals are not reported yet. */
function reportedBefore(now: Date): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() - REPORTED_FROM_DAY + 1));
}
