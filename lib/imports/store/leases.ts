/**
 * Leases in PostgreSQL, on PostgreSQL's clock. BullMQ does not fence: a worker that slept through its lock wakes up
 * beside its successor. Here every claim names the epoch of its lease, and a successor has a higher one.
 */
import type pg from 'pg';

export interface ShardLease {
  readonly organizationId: string;
  readonly shard: number;
  readonly epoch: string;
}

/** `inDoubt`: whether copies of the shard were being sent or completed when it was taken, whoever did that. */
export interface AcquiredShard extends ShardLease {
  readonly inDoubt: boolean;
}

/** Takes a shard that is free or whose owner let it run out. Null where somebody else holds it. */
export async function acquireShard(
  pool: pg.Pool,
  organizationId: string,
  shard: number,
  owner: string,
  seconds: number,
): Promise<AcquiredShard | null> {
  const { rows } = await pool.query<{ epoch: string; in_doubt: boolean }>(
    `INSERT INTO shard_lease AS lease (organization_id, shard, owner, expires_at)
     VALUES ($1, $2, $3, now() + make_interval(secs => $4))
     ON CONFLICT (organization_id, shard) DO UPDATE
       SET epoch = lease.epoch + 1, owner = excluded.owner, expires_at = excluded.expires_at
       WHERE lease.expires_at <= now()
     RETURNING epoch, EXISTS (SELECT 1 FROM delivery WHERE organization_id = $1 AND shard = $2
       AND state IN ('sending', 'created')) AS in_doubt`,
    [organizationId, shard, owner, seconds],
  );
  const [row] = rows;
  return row ? { organizationId, shard, epoch: row.epoch, inDoubt: row.in_doubt } : null;
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
    'UPDATE shard_lease SET expires_at = now() WHERE organization_id = $1 AND shard = $2 AND epoch = $3',
    [lease.organizationId, lease.shard, lease.epoch],
  );
}
