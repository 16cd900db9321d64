/** Which mailboxes are to be listed after a restore, which are, and what was found in them. SQL only. */
import type pg from 'pg';
import type { ReasonCode } from '../imports/reasons.ts';
import type { RunningConnector } from '../imports/store/connectors.ts';
import { itemIdOfProperty } from '../mail/identity.ts';
import type { WrittenCopy } from '../mailbox/list-written.ts';

/** A connector whose mapping is confirmed, and whose mailboxes are not listed yet. */
export interface Comparing {
  readonly recoveryId: number;
  readonly organizationId: string;
  readonly connectorId: string;
  /** up to when the ledger knows everything; null: nobody can say */
  readonly since: Date | null;
  /** its mailboxes are known (`nameMailboxes`) */
  readonly isNamed: boolean;
}

/**
 * Those that are due. What the life that was lost has sent takes effect within the late-commit allowance, and a listing
 * before that might not have it.
 */
export async function dueComparisons(pool: pg.Pool, lateCommitSeconds: number): Promise<Comparing[]> {
  const { rows } = await pool.query<Comparing>(
    `SELECT r.id AS "recoveryId", rc.organization_id AS "organizationId", rc.connector_id AS "connectorId", r.since,
       rc.named_at IS NOT NULL AS "isNamed"
     FROM recovery r JOIN recovery_connector rc ON rc.recovery_id = r.id JOIN connector c ON c.id = rc.connector_id
     WHERE r.ended_at IS NULL AND rc.ended_at IS NULL AND rc.confirmed_at IS NOT NULL AND rc.compared_at IS NULL
       AND coalesce(rc.compare_at, rc.confirmed_at) <= now() AND c.status = 'live' AND r.found_at <= now() - make_interval(secs => $1)`,
    [lateCommitSeconds],
  );
  return rows;
}

/** Addresses that any version of the mapping names, whatever became of it, and of the connectors before it of the same account. */
export async function addressesOfMappings(
  pool: pg.Pool,
  { organizationId, sourceId }: RunningConnector,
  after: string,
  limit: number,
): Promise<string[]> {
  const { rows } = await pool.query<{ address: string }>(
    `WITH own AS (SELECT id, fallback_mailbox FROM connector WHERE organization_id = $1 AND source_id = $2)
     SELECT address FROM (
       SELECT r.mailbox AS address FROM mapping_row r JOIN mapping_version v ON v.id = r.version_id
       WHERE v.connector_id IN (SELECT id FROM own)
       UNION SELECT lower(fallback_mailbox) FROM own WHERE fallback_mailbox IS NOT NULL
       UNION SELECT lower(u.email) FROM source_user u JOIN organization o ON o.id = u.organization_id
       WHERE u.source_id = $2 AND lower(split_part(u.email, '@', 2)) = ANY (o.verified_domains)) AS named
     WHERE address > $3 ORDER BY address LIMIT $4`,
    [organizationId, sourceId, after, limit],
  );
  return rows.map(({ address }) => address);
}

/** Notes mailboxes to list. @param problem why they cannot be; null: they are to be */
export async function noteMailboxes(
  pool: pg.Pool,
  { recoveryId, organizationId, connectorId }: Comparing,
  mailboxes: readonly { readonly userId: string; readonly address: string }[],
  problem: ReasonCode | null,
): Promise<void> {
  if (mailboxes.length === 0) return;
  await pool.query(
    `INSERT INTO recovery_mailbox (recovery_id, connector_id, organization_id, user_id, address, listed_at, copies, problem)
     SELECT $1, $2, $3, *, CASE WHEN $6::text IS NOT NULL THEN now() END, CASE WHEN $6 IS NOT NULL THEN 0 END, $6
     FROM unnest($4::uuid[], $5::text[]) ON CONFLICT DO NOTHING`,
    [
      recoveryId,
      connectorId,
      organizationId,
      mailboxes.map(({ userId }) => userId),
      mailboxes.map(({ address }) => address),
      problem,
    ],
  );
}

/** Beside those, every mailbox in which the archive's folder is remembered: whoever got a copy before the backup. */
export async function noteFormerOwners(pool: pg.Pool, comparing: Comparing, folderName: string): Promise<void> {
  const { recoveryId, organizationId, connectorId } = comparing;
  await pool.query(
    `INSERT INTO recovery_mailbox (recovery_id, connector_id, organization_id, user_id, address)
     SELECT $1, $2, $3, f.user_id, (SELECT e.mailbox_address FROM directory_entry e
       WHERE e.organization_id = $3 AND e.user_id = f.user_id LIMIT 1)
     FROM mailbox_folder f WHERE f.organization_id = $3 AND f.folder_name = $4 ON CONFLICT DO NOTHING`,
    [recoveryId, connectorId, organizationId, folderName],
  );
  await pool.query('UPDATE recovery_connector SET named_at = now() WHERE recovery_id = $1 AND connector_id = $2', [
    recoveryId,
    connectorId,
  ]);
}

/** Some that are not listed yet: those that were never asked, then those that were not for longest. Those that never answer hide none. */
export async function mailboxesToList(
  pool: pg.Pool,
  { recoveryId, connectorId }: Comparing,
  limit: number,
): Promise<string[]> {
  const { rows } = await pool.query<{ user_id: string }>(
    `SELECT user_id FROM recovery_mailbox WHERE recovery_id = $1 AND connector_id = $2 AND listed_at IS NULL
     ORDER BY asked_at NULLS FIRST, random() LIMIT $3`,
    [recoveryId, connectorId, limit],
  );
  return rows.map((row) => row.user_id);
}

/** Mailboxes that were asked, and are not through: they gave no answer. */
export async function noteAsked(
  pool: pg.Pool,
  { recoveryId, connectorId }: Comparing,
  userIds: readonly string[],
): Promise<void> {
  await pool.query(
    `UPDATE recovery_mailbox SET asked_at = now()
     WHERE recovery_id = $1 AND connector_id = $2 AND user_id = ANY ($3) AND listed_at IS NULL`,
    [recoveryId, connectorId, userIds],
  );
}

/** Keeps what a page of a mailbox had. One that goes on answering, however long its list is, does not stand still. */
export async function keepListed(
  pool: pg.Pool,
  { recoveryId, organizationId, connectorId }: Comparing,
  sourceId: string,
  userId: string,
  copies: readonly WrittenCopy[],
): Promise<void> {
  await pool.query(
    'UPDATE recovery_mailbox SET answered_at = now() WHERE recovery_id = $1 AND connector_id = $2 AND user_id = $3',
    [recoveryId, connectorId, userId],
  );
  if (copies.length === 0) return;
  await pool.query(
    `INSERT INTO recovery_copy (source_id, user_id, organization_id, recovery_id, property, message_id, source_item_id)
     SELECT $1, $2, $3, $4, * FROM unnest($5::text[], $6::text[], $7::text[])
     ON CONFLICT (source_id, property, user_id, message_id) DO UPDATE SET recovery_id = excluded.recovery_id,
       archived_at = NULL, delivery_id = NULL, refused = false`,
    [
      sourceId,
      userId,
      organizationId,
      recoveryId,
      copies.map(({ value }) => value),
      copies.map(({ messageId }) => messageId),
      copies.map(({ value }) => itemIdOfProperty(value)),
    ],
  );
}

/** A mailbox is through. @param problem why it could not be listed; null: it was */
export async function endMailbox(
  pool: pg.Pool,
  { recoveryId, connectorId }: Comparing,
  userId: string,
  { copies, problem }: { readonly copies: number; readonly problem: ReasonCode | null },
): Promise<void> {
  await pool.query(
    `UPDATE recovery_mailbox SET listed_at = now(), copies = $4, problem = $5
     WHERE recovery_id = $1 AND connector_id = $2 AND user_id = $3`,
    [recoveryId, connectorId, userId, copies, problem],
  );
}

/**
 * Listed further after some seconds; at once where nothing is left to list, as when the operator has gone on without it meanwhile.
 *
 * @param inVain Microsoft 365 was asked, and the run got no further
 */
export async function postponeComparison(
  pool: pg.Pool,
  { recoveryId, connectorId }: Comparing,
  seconds: number,
  inVain: boolean,
): Promise<void> {
  await pool.query(
    `UPDATE recovery_connector rc SET tried_at = CASE WHEN $4 THEN now() ELSE tried_at END,
       compare_at = CASE WHEN named_at IS NULL OR EXISTS (SELECT FROM recovery_mailbox m
         WHERE m.recovery_id = rc.recovery_id AND m.connector_id = rc.connector_id AND m.listed_at IS NULL)
         THEN now() + make_interval(secs => $3) ELSE now() END
     WHERE recovery_id = $1 AND connector_id = $2`,
    [recoveryId, connectorId, seconds, inVain],
  );
}
