/**
 * Copies on their way into mailboxes: due, claimed in sets to be sent or looked up, and their deadlines moved. Every claim is
 * conditional on the epoch of a shard's lease.
 */
import type pg from 'pg';
import type { Queryable } from '../../db.ts';
import { SHARDS } from '../shards.ts';
import { MAY_DELIVER } from './connectors.ts';
import type { ShardLease } from './leases.ts';
import { inMonths, type Months } from './months.ts';
import { lostLifeIsQuiet, TO_BE_SOUGHT } from './sought.ts';

/** A copy that this worker holds. */
export interface ClaimedDelivery {
  readonly archivedAt: Date;
  readonly id: string;
  readonly itemId: string;
  readonly organizationId: string;
  readonly sourceId: string;
  readonly sourceItemId: string;
  readonly connectorId: string;
  readonly importId: string;
  readonly participant: string;
  readonly userId: string;
  readonly mailboxAddress: string;
  readonly messageId: string | null;
  /** in hex, of that message as it was made; null where nobody noted it */
  readonly contentHash: string | null;
  readonly attempts: number;
  readonly lookups: number;
  readonly page: number;
  readonly frameOffset: number;
  readonly frameLength: number;
  readonly attachments: number;
  /** other phones may have archived the same message, and the source says so */
  readonly mayHaveTwins: boolean;
}

/** A copy whose sender died or lost its answer. */
export interface DoubtfulDelivery extends ClaimedDelivery {
  readonly doubt: 'sending' | 'created';
}

/** Of the copy `d` and its item `i`. */
const CLAIMED = `d.archived_at, d.id, d.item_id, d.organization_id, d.source_id, d.connector_id, d.import_id,
  d.participant, d.user_id, d.mailbox_address, d.message_id, encode(d.content_hash, 'hex') AS content_hash, d.attempts, d.lookups, d.page, d.frame_offset,
  d.frame_length, d.attachments, i.source_item_id, i.message_key IS NOT NULL AS may_have_twins`;

interface ClaimedRow {
  archived_at: Date;
  id: string;
  item_id: string;
  organization_id: string;
  source_id: string;
  source_item_id: string;
  connector_id: string;
  import_id: string;
  participant: string;
  user_id: string;
  mailbox_address: string;
  message_id: string | null;
  content_hash: string | null;
  attempts: number;
  lookups: number;
  page: number;
  frame_offset: number;
  frame_length: number;
  attachments: number;
  may_have_twins: boolean;
}

const claimedOf = (row: ClaimedRow): ClaimedDelivery => ({
  archivedAt: row.archived_at,
  id: row.id,
  itemId: row.item_id,
  organizationId: row.organization_id,
  sourceId: row.source_id,
  sourceItemId: row.source_item_id,
  connectorId: row.connector_id,
  importId: row.import_id,
  participant: row.participant,
  userId: row.user_id,
  mailboxAddress: row.mailbox_address,
  messageId: row.message_id,
  contentHash: row.content_hash,
  attempts: row.attempts,
  lookups: row.lookups,
  page: row.page,
  frameOffset: row.frame_offset,
  frameLength: row.frame_length,
  attachments: row.attachments,
  mayHaveTwins: row.may_have_twins,
});

const LEASE_IS_OURS = `EXISTS (SELECT 1 FROM shard_lease
  WHERE organization_id = $1 AND shard = $2 AND epoch = $3 AND expires_at > now())`;

/**
 * Where the source's connector is paused, gone, or stopped by Microsoft 365, nothing is sent. It need not be the one that collected: what a
 * deleted connector left behind is delivered by the one that was added for the same account.
 */
const sourceRuns = (
  organizationId: '$1' | 'o.id',
  also = '',
): string => `d.source_id IN (SELECT source_id FROM connector
  WHERE organization_id = ${organizationId} AND status = 'live' AND paused_at IS NULL AND ${MAY_DELIVER} ${also})`;

/**
 * While a mapping is in force by which its copies were not decided yet, nothing new is sent: a copy that it gives to
 * another mailbox must not go to the old one meanwhile. What was claimed before goes where it was going.
 */
const IS_DECIDED = `AND decided_version_id IS NOT DISTINCT FROM (SELECT v.id FROM mapping_version v
  WHERE v.connector_id = connector.id AND v.status = 'in_force')`;

/** Whether what is new of the source of a `connector` may be sent. */
export const MAY_SEND_NEW = `status = 'live' AND paused_at IS NULL AND ${MAY_DELIVER} ${IS_DECIDED}`;

/**
 * Where one user is imported first, the copies of the others wait until somebody lets them follow. Sets of few rows, which
 * do not depend on the copy: they are read once a statement.
 */
const mayFollow = (organizationId: '$1' | 'o.id'): string => {
  const first = `FROM connector
    WHERE organization_id = ${organizationId} AND status = 'live' AND first_user_id IS NOT NULL`;
  return `(d.source_id NOT IN (SELECT source_id ${first})
    OR (d.source_id, d.user_id) IN (SELECT source_id, first_user_id ${first}))`;
};

/** No request for it can take effect any more. `$7`: the late-commit allowance in seconds. */
const IS_QUIET = `(d.sending_until IS NULL OR d.sending_until <= now() - make_interval(secs => $7))`;

export interface Claim {
  /** copies at most */
  readonly limit: number;
  /** staged bytes after which no further copy is taken; the one that reaches them is, so a large one is never left */
  readonly bytes: number;
  /** how long the requests of this claim may live */
  readonly seconds: number;
  /** mailboxes that Graph asked us to leave alone for now */
  readonly exceptUserIds: readonly string[];
  /** in which copies may be on their way: `AcquiredShard.months` */
  readonly months: Months;
}

/** Of `due`, in its order, what comes before `bytes` are reached. A window function does not go with FOR UPDATE. */
const fitting = (bytes: '$7' | '$8'): string => `fitting AS (
       SELECT archived_at, id FROM (
         SELECT archived_at, id, sum(frame_length) OVER (ROWS UNBOUNDED PRECEDING) - frame_length AS before FROM due) AS t
       WHERE before < ${bytes})`;

/** Whether there may be more that is due: a claim that filled neither measure was the last. */
export function mayHaveLeft({ limit, bytes }: Claim, claimed: readonly ClaimedDelivery[]): boolean {
  return claimed.length >= limit || claimed.reduce((sum, { frameLength }) => sum + frameLength, 0) >= bytes;
}

/**
 * Claims copies to send: `sending` and its deadline are committed before this returns, and so before any request.
 *
 * @returns in the order in which their frames lie in staging
 */
export async function claimToSend(pool: Queryable, lease: ShardLease, claim: Claim): Promise<ClaimedDelivery[]> {
  const { rows } = await pool.query<ClaimedRow>(
    `WITH due AS MATERIALIZED (
       SELECT d.archived_at, d.id, d.frame_length FROM delivery d
       WHERE d.organization_id = $1 AND d.shard = $2 AND d.state = 'pending' AND d.not_before <= now()
         AND d.user_id <> ALL ($6::uuid[]) AND ${inMonths('d.archived_at', '$8', '$9')}
         AND ${TO_BE_SOUGHT} IS NOT TRUE
         AND ${sourceRuns('$1', IS_DECIDED)} AND ${mayFollow('$1')} AND ${LEASE_IS_OURS}
       ORDER BY d.not_before LIMIT $4 FOR UPDATE SKIP LOCKED), ${fitting('$7')}
     UPDATE delivery d SET state = 'sending', epoch = $3, attempts = d.attempts + 1, lookups = 0,
       sending_until = now() + make_interval(secs => $5)
     FROM fitting JOIN item i ON i.archived_at = fitting.archived_at
     WHERE d.archived_at = fitting.archived_at AND d.id = fitting.id AND i.id = d.item_id
       AND ${inMonths('d.archived_at', '$8', '$9')} AND ${inMonths('i.archived_at', '$8', '$9')}
     RETURNING ${CLAIMED}`,
    [
      lease.organizationId,
      lease.shard,
      lease.epoch,
      claim.limit,
      claim.seconds,
      claim.exceptUserIds,
      claim.bytes,
      ...claim.months,
    ],
  );
  const order = (a: ClaimedDelivery, b: ClaimedDelivery): number => {
    if (a.importId !== b.importId) return a.importId < b.importId ? -1 : 1;
    return a.page - b.page || a.frameOffset - b.frameOffset;
  };
  return rows.map(claimedOf).sort(order);
}

/**
 * Takes over copies whose sender died or lost its answer: `sending` whose deadline and late-commit allowance have
 * passed, and `created` whose completion broke off as long ago. They stay in their state; nothing is sent for them before a look-up.
 * Copies that were sent perhaps before the database was restored (`sought.ts`) come into doubt by this, once.
 */
export async function claimToLookUp(
  pool: Queryable,
  lease: ShardLease,
  claim: Claim & { readonly lateCommitSeconds: number },
): Promise<DoubtfulDelivery[]> {
  const { rows } = await pool.query<ClaimedRow & { doubt: DoubtfulDelivery['doubt'] }>(
    `WITH in_doubt AS MATERIALIZED (
       SELECT d.archived_at, d.id, d.frame_length FROM delivery d
       WHERE d.organization_id = $1 AND d.shard = $2 AND d.state IN ('sending', 'created')
         AND d.not_before <= now() AND ${IS_QUIET}
         AND d.user_id <> ALL ($6::uuid[]) AND ${inMonths('d.archived_at', '$9', '$10')}
         AND ${sourceRuns('$1')} AND ${LEASE_IS_OURS}
       ORDER BY d.sending_until NULLS FIRST LIMIT $4 FOR UPDATE SKIP LOCKED),
     perhaps_sent AS MATERIALIZED (
       SELECT d.archived_at, d.id, d.frame_length FROM delivery d
       WHERE d.organization_id = $1 AND d.shard = $2 AND d.state = 'pending' AND d.not_before <= now()
         AND d.user_id <> ALL ($6::uuid[]) AND ${inMonths('d.archived_at', '$9', '$10')}
         AND ${TO_BE_SOUGHT} AND ${lostLifeIsQuiet('$7')}
         AND ${sourceRuns('$1', IS_DECIDED)} AND ${mayFollow('$1')} AND ${LEASE_IS_OURS}
       ORDER BY d.not_before LIMIT $4 FOR UPDATE SKIP LOCKED),
     due AS MATERIALIZED (
       SELECT * FROM (SELECT * FROM in_doubt UNION ALL SELECT * FROM perhaps_sent) AS t LIMIT $4), ${fitting('$8')}
     UPDATE delivery d SET epoch = $3, doubt = CASE WHEN d.state IN ('sending', 'pending') THEN 1 ELSE d.doubt END,
       state = CASE WHEN d.state = 'pending' THEN 'sending' ELSE d.state END,
       lookups = CASE WHEN d.state = 'pending' THEN 0 ELSE d.lookups END,
       sending_until = CASE WHEN d.state = 'pending' THEN now() - make_interval(secs => $7) ELSE d.sending_until END,
       not_before = now() + make_interval(secs => $5)
     FROM fitting JOIN item i ON i.archived_at = fitting.archived_at
     WHERE d.archived_at = fitting.archived_at AND d.id = fitting.id AND i.id = d.item_id
       AND ${inMonths('d.archived_at', '$9', '$10')} AND ${inMonths('i.archived_at', '$9', '$10')}
     RETURNING ${CLAIMED}, d.state AS doubt`,
    [
      lease.organizationId,
      lease.shard,
      lease.epoch,
      claim.limit,
      claim.seconds,
      claim.exceptUserIds,
      claim.lateCommitSeconds,
      claim.bytes,
      ...claim.months,
    ],
  );
  return rows.map((row) => ({ ...claimedOf(row), doubt: row.doubt }));
}

/**
 * Moves the deadline of a claimed copy, before another request for it is sent.
 *
 * @returns false where the lease is lost or another worker took the copy over
 */
export async function extendDeadline(
  pool: pg.Pool,
  lease: ShardLease,
  delivery: ClaimedDelivery,
  seconds: number,
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `UPDATE delivery SET sending_until = now() + make_interval(secs => $6)
     WHERE archived_at = $4 AND id = $5 AND state IN ('sending', 'created') AND epoch = $3 AND delivery.shard = $2
       AND ${LEASE_IS_OURS}`,
    [lease.organizationId, lease.shard, lease.epoch, delivery.archivedAt, delivery.id, seconds],
  );
  return rowCount === 1;
}

/** Shards of any organization that have something due and nobody at work on it. */
export async function dueShards(
  pool: pg.Pool,
  lateCommitSeconds: number,
): Promise<{ organizationId: string; shard: number }[]> {
  // One probe a shard: with millions of rows due, listing them to find 32 numbers would cost seconds every minute.
  const { rows } = await pool.query<{ organization_id: string; shard: number }>(
    `SELECT o.id AS organization_id, s.shard::int AS shard
     FROM organization o CROSS JOIN generate_series(0, $2 - 1) AS s (shard)
     WHERE NOT EXISTS (SELECT 1 FROM shard_lease l
         WHERE l.organization_id = o.id AND l.shard = s.shard AND l.expires_at > now())
       AND (EXISTS (SELECT 1 FROM delivery d WHERE d.organization_id = o.id AND d.shard = s.shard
           AND d.state = 'pending' AND d.not_before <= now() AND ${sourceRuns('o.id', IS_DECIDED)}
           AND ${mayFollow('o.id')})
         OR EXISTS (SELECT 1 FROM delivery d WHERE d.organization_id = o.id AND d.shard = s.shard
           AND d.state IN ('sending', 'created') AND d.not_before <= now()
           AND (d.sending_until IS NULL OR d.sending_until <= now() - make_interval(secs => $1)) AND ${sourceRuns('o.id')}))`,
    [lateCommitSeconds, SHARDS],
  );
  return rows.map((row) => ({ organizationId: row.organization_id, shard: row.shard }));
}
