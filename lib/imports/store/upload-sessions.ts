/** Upload sessions that are under way: where they are and how far they got. Their addresses are sealed by the caller. */
import type pg from 'pg';
import type { ClaimedDelivery } from './claims.ts';
import type { ShardLease } from './leases.ts';

type DeliveryKey = Pick<ClaimedDelivery, 'archivedAt' | 'id'>;

export interface UploadSessionRow {
  readonly urlSealed: string;
  /** bytes that Graph has said it has */
  readonly sent: number;
}

/** How long a session that nobody finished is kept after its end. */
const FORGET_AFTER = `interval '1 day'`;

const IS_OURS = `EXISTS (SELECT 1 FROM shard_lease
    WHERE organization_id = $1 AND shard = $2 AND epoch = $3 AND expires_at > now())
  AND EXISTS (SELECT 1 FROM delivery
    WHERE archived_at = $4 AND id = $5 AND state IN ('sending', 'created') AND epoch = $3)`;

/** The session of a delivery's attachment; null where none is under way. */
export async function recallUploadSession(
  pool: pg.Pool,
  delivery: DeliveryKey,
  attachment: string,
): Promise<UploadSessionRow | null> {
  const { rows } = await pool.query<{ url_sealed: string; sent: string }>(
    'SELECT url_sealed, sent FROM upload_session WHERE archived_at = $1 AND delivery_id = $2 AND attachment = $3',
    [delivery.archivedAt, delivery.id, attachment],
  );
  const [row] = rows;
  return row ? { urlSealed: row.url_sealed, sent: Number(row.sent) } : null;
}

/**
 * Remembers a new session, and forgets those that expired long ago.
 *
 * @returns false where the lease is lost or another worker took the copy over: nothing may be sent into it
 */
export async function rememberUploadSession(
  pool: pg.Pool,
  lease: ShardLease,
  delivery: DeliveryKey,
  session: { readonly attachment: string; readonly urlSealed: string; readonly expiresAt: Date },
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `WITH expired AS (DELETE FROM upload_session WHERE expires_at < now() - ${FORGET_AFTER}
       AND NOT (archived_at = $4 AND delivery_id = $5 AND attachment = $6))
     INSERT INTO upload_session (archived_at, delivery_id, attachment, organization_id, url_sealed, expires_at)
     SELECT $4, $5, $6, $1, $7, $8 WHERE ${IS_OURS}
     ON CONFLICT (archived_at, delivery_id, attachment) DO UPDATE
       SET url_sealed = excluded.url_sealed, sent = 0, expires_at = excluded.expires_at`,
    [
      lease.organizationId,
      lease.shard,
      lease.epoch,
      delivery.archivedAt,
      delivery.id,
      session.attachment,
      session.urlSealed,
      session.expiresAt,
    ],
  );
  return rowCount === 1;
}

/** Notes how far a session got. @returns false where the lease is lost or another worker took the copy over */
export async function noteUploaded(
  pool: pg.Pool,
  lease: ShardLease,
  delivery: DeliveryKey,
  attachment: string,
  sent: number,
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `UPDATE upload_session SET sent = $7
     WHERE archived_at = $4 AND delivery_id = $5 AND attachment = $6 AND ${IS_OURS}`,
    [lease.organizationId, lease.shard, lease.epoch, delivery.archivedAt, delivery.id, attachment, sent],
  );
  return rowCount === 1;
}

/** Forgets a session that is done, refused or gone. One that another worker has begun meanwhile stays. */
export async function forgetUploadSession(
  pool: pg.Pool,
  lease: ShardLease,
  delivery: DeliveryKey,
  attachment: string,
): Promise<void> {
  await pool.query(
    `DELETE FROM upload_session WHERE archived_at = $4 AND delivery_id = $5 AND attachment = $6 AND ${IS_OURS}`,
    [lease.organizationId, lease.shard, lease.epoch, delivery.archivedAt, delivery.id, attachment],
  );
}
