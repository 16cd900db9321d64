/**
 * Leases in PostgreSQL, on PostgreSQL's clock. BullMQ does not fence: a worker that slept through its lock wakes up
 * beside its successor. Here every claim names the epoch of its lease, and a successor has a higher one.
 */
import type pg from 'pg';
import type { Queryable } from '../../db.ts';
import { inMonths, type Months, monthsToDoOf, WINDOWS_TO_DO, type WindowsToDo } from './months.ts';
import { TO_BE_SOUGHT } from './sought.ts';

export interface ShardLease {
  readonly organizationId: string;
  readonly shard: number;
  readonly epoch: string;
}

export interface AcquiredShard extends ShardLease {
  /** in which copies may be on their way; null: in none */
  readonly months: Months | null;
  /** whether copies of the shard were being sent or completed when it was taken, or sent perhaps before a restore, whoever did that */
  readonly inDoubt: boolean;
}

/** Takes a shard that is free or whose owner let it run out. Null where somebody else holds it. */
export async function acquireShard(
  pool: Queryable,
  organizationId: string,
  shard: number,
  owner: string,
  seconds: number,
): Promise<AcquiredShard | null> {
  const { rows } = await pool.query<{ epoch: string } & WindowsToDo>(
    `WITH lease AS (
       INSERT INTO shard_lease AS lease (organization_id, shard, owner, expires_at)
       VALUES ($1, $2, $3, now() + make_interval(secs => $4))
       ON CONFLICT (organization_id, shard) DO UPDATE
         SET epoch = lease.epoch + 1, owner = excluded.owner, expires_at = excluded.expires_at
         WHERE lease.expires_at <= now()
       RETURNING epoch)
     SELECT lease.epoch, w.first, w.last FROM lease, (${WINDOWS_TO_DO}) AS w`,
    [organizationId, shard, owner, seconds],
  );
  const [row] = rows;
  if (!row) return null;
  const months = monthsToDoOf(row);
  // The lease is ours by now: where the question cannot be answered, whoever works on the shard asks what is to be looked up.
  const inDoubt = months !== null && (await isInDoubt(pool, organizationId, shard, months).catch(() => true));
  return { organizationId, shard, epoch: row.epoch, months, inDoubt };
}

/** Asked when the shard is ours: nobody else brings copies of it into this state, or out of it. */
async function isInDoubt(pool: Queryable, organizationId: string, shard: number, months: Months): Promise<boolean> {
  const { rows } = await pool.query<{ in_doubt: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM delivery d WHERE d.organization_id = $1 AND d.shard = $2
       AND d.state IN ('sending', 'created') AND ${inMonths('d.archived_at', '$3', '$4')})
     -- Where no restore concerns these months, not one of the copies that wait is read to find that.
     OR EXISTS (SELECT 1 FROM recovery WHERE doubtful_until > $3) AND EXISTS (SELECT 1 FROM delivery d
       WHERE d.organization_id = $1 AND d.shard = $2 AND d.state = 'pending' AND ${TO_BE_SOUGHT}
         AND ${inMonths('d.archived_at', '$3', '$4')}) AS in_doubt`,
    [organizationId, shard, ...months],
  );
  return rows[0]?.in_doubt === true;
}

/** Prolongs a lease that has not run out. False: it is lost, and nothing more may be sent under it. */
export async function renewShard(pool: pg.Pool, lease: ShardLease, seconds: number): Promise<boolean> {
  const { rowCount } = await pool.query(
    `UPDATE shard_lease SET expires_at = now() + make_interval(secs => $4)
     WHERE organization_id = $1 AND shard = $2 AND epoch = $3 AND expires_at > now()`,
    [lease.organizationId, lease.shard, lease.epoch, seconds],
  );
  return rowCount === 1;
}

/** Lets a shard go, so that the next worker need not wait. */
export async function releaseShard(pool: pg.Pool, lease: ShardLease): Promise<void> {
  await pool.query(
    // The column has milliseconds: now() may be rounded to what is still to come, and the next worker would find it taken.
    `UPDATE shard_lease SET expires_at = now() - interval '1 millisecond'
     WHERE organization_id = $1 AND shard = $2 AND epoch = $3`,
    [lease.organizationId, lease.shard, lease.epoch],
  );
}
