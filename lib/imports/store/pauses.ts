/** For how long Microsoft asked us to leave a mailbox alone, or the organization as a whole: by the database's clock. */
import type pg from 'pg';
import type { ShardLease } from './leases.ts';

export interface GraphPause {
  /** null: nothing is to be sent for the whole organization */
  readonly userId: string | null;
  readonly seconds: number;
}

type OfShard = Pick<ShardLease, 'organizationId' | 'shard'>;

/** Notes pauses of mailboxes of a shard, or of its organization. A longer one that is known stays. */
export async function notePauses(
  pool: pg.Pool,
  { organizationId, shard }: OfShard,
  pauses: readonly GraphPause[],
): Promise<void> {
  const mailboxes = pauses.filter(({ userId }) => userId !== null);
  if (mailboxes.length > 0) {
    await pool.query(
      `INSERT INTO mailbox_pause AS p (organization_id, shard, user_id, until)
       SELECT $1, $2, user_id, now() + make_interval(secs => max(secs))
       FROM unnest($3::uuid[], $4::float8[]) AS t (user_id, secs) GROUP BY user_id ORDER BY user_id
       ON CONFLICT (organization_id, user_id) DO UPDATE SET until = greatest(p.until, excluded.until)`,
      [organizationId, shard, mailboxes.map(({ userId }) => userId), mailboxes.map(({ seconds }) => seconds)],
    );
  }
  const whole = pauses.filter(({ userId }) => userId === null).map(({ seconds }) => seconds);
  if (whole.length > 0) {
    await pool.query(
      `UPDATE organization SET graph_paused_until = greatest(graph_paused_until, now() + make_interval(secs => $2))
       WHERE id = $1`,
      [organizationId, Math.max(...whole)],
    );
  }
}

/** The pauses of a shard's mailboxes and of its organization that are not over, and what is left of each. */
export async function currentPauses(pool: pg.Pool, { organizationId, shard }: OfShard): Promise<GraphPause[]> {
  const { rows } = await pool.query<GraphPause>(
    `SELECT user_id AS "userId", extract(epoch FROM until - now())::float8 AS seconds FROM mailbox_pause
     WHERE organization_id = $1 AND shard = $2 AND until > now()
     UNION ALL
     SELECT NULL, extract(epoch FROM graph_paused_until - now())::float8 FROM organization
     WHERE id = $1 AND graph_paused_until > now()`,
    [organizationId, shard],
  );
  return rows;
}
