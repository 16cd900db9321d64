/**
 * Copies that are not on their way yet, when another mapping version comes into force: read, and given to the mailboxes
 * that it names. Nothing of a source is claimed while its connector's version in force is not the one by which its
 * copies were decided (`claims.ts`), so nothing of this races with a request.
 */
import type pg from 'pg';
import { inTransaction } from '../../db.ts';
import type { E164, Region } from '../../mapping/number.ts';
import { versionInForce as readVersionInForce, staysInForce } from '../../mapping/store/in-force.ts';
import { startOfUtcDay } from '../windows.ts';
import { MAY_DELIVER, type RunningConnector } from './connectors.ts';
import { COLLECTOR } from './counters.ts';
import { countTransitions } from './item-outcomes.ts';
import { lockWithTwins, type SettledCopy, settleSkipped } from './twins.ts';
import {
  type Chosen,
  type Decided,
  type Decision,
  giveMailboxesIn,
  type WaitingCopy,
  type WaitingPlace,
} from './waiting.ts';

/** Connectors that may deliver and whose version in force is not the one by which their copies were decided. Paused ones too. */
export async function undecidedConnectors(
  pool: pg.Pool,
): Promise<{ readonly organizationId: string; readonly connectorId: string }[]> {
  const { rows } = await pool.query<{ organization_id: string; id: string }>(
    `SELECT c.organization_id, c.id FROM connector c
     LEFT JOIN mapping_version v ON v.connector_id = c.id AND v.status = 'in_force'
     WHERE c.status = 'live' AND ${MAY_DELIVER} AND v.id IS DISTINCT FROM c.decided_version_id`,
  );
  return rows.map((row) => ({ organizationId: row.organization_id, connectorId: row.id }));
}

type Whose = Pick<RunningConnector, 'id' | 'organizationId' | 'sourceId'>;

/** The version in force, and whether a connector's copies were decided by another; null for the version: none. */
export async function undecidedVersion(
  pool: pg.Pool,
  { organizationId, id }: Whose,
): Promise<{ readonly versionId: string | null; readonly decided: boolean }> {
  const version = await readVersionInForce(pool, organizationId, id);
  const { rows } = await pool.query<{ decided: string | null }>(
    'SELECT decided_version_id AS decided FROM connector WHERE organization_id = $1 AND id = $2',
    [organizationId, id],
  );
  const versionId = version?.id ?? null;
  return { versionId, decided: (rows[0]?.decided ?? null) === versionId };
}

/**
 * Whether copies of a source were claimed and may still come back unsent: their deadline is not over, or who claimed them
 * still holds the shard and may hand them back after it, having been slow to prepare them. While no claim is made, a *no*
 * lasts.
 */
export async function isOnItsWay(pool: pg.Pool, { organizationId, sourceId }: Whose): Promise<boolean> {
  const { rows } = await pool.query<{ found: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM delivery d WHERE d.organization_id = $1 AND d.source_id = $2
       AND d.state = 'sending' AND d.doubt <> 1
       AND (d.sending_until > now() OR EXISTS (SELECT 1 FROM shard_lease l WHERE l.organization_id = d.organization_id
         AND l.shard = d.shard AND l.epoch = d.epoch AND l.expires_at > now()))) AS found`,
    [organizationId, sourceId],
  );
  return rows[0]?.found ?? false;
}

/** An import of which copies are not on their way, and where they lie. */
export interface UndecidedImport {
  readonly importId: string;
  readonly from: Date;
  readonly to: Date;
}

/** Imports of a source of which copies are not settled, by their counters. */
export async function undecidedImports(pool: pg.Pool, { organizationId, sourceId }: Whose): Promise<UndecidedImport[]> {
  const { rows } = await pool.query<{ id: string; starts_at: Date; ends_at: Date }>(
    `SELECT i.id, w.starts_at, w.ends_at FROM import i JOIN import_window w ON w.id = i.window_id
     WHERE i.organization_id = $1 AND i.source_id = $2
       AND (SELECT sum(count) FROM import_counter c WHERE c.import_id = i.id AND c.outcome = 'copies.pending') > 0
     ORDER BY w.starts_at, i.number`,
    [organizationId, sourceId],
  );
  // A window that was split since begins later than what was collected for it; both lie in its day.
  return rows.map((row) => ({ importId: row.id, from: startOfUtcDay(row.starts_at), to: row.ends_at }));
}

/** A copy with a mailbox into which it was not sent. */
export interface UndecidedCopy extends WaitingCopy {
  readonly user_id: string;
  /** not sent itself, but skipped in favour of one that is not sent yet either */
  readonly skipped: boolean;
}

/**
 * The next copies of an import that are not on their way, each with those that were skipped for it. One that was ever in
 * doubt is not among them: it may lie in its mailbox already. Nor is one for the fallback mailbox: no mapping names it.
 */
export async function undecidedCopies(
  pool: pg.Pool,
  { importId, from, to }: UndecidedImport,
  after: WaitingPlace,
  limit: number,
): Promise<UndecidedCopy[]> {
  const { rows } = await pool.query<UndecidedCopy>(
    `WITH pending AS MATERIALIZED (
       SELECT d.archived_at, d.id, d.item_id, d.user_id FROM delivery d
       WHERE d.import_id = $1 AND d.archived_at >= $2 AND d.archived_at < $3 AND (d.archived_at, d.id) > ($4, $5)
         AND d.state = 'pending' AND d.doubt <> 1 AND d.rule <> 'fallback'
       ORDER BY d.archived_at, d.id LIMIT $6),
     places AS (
       SELECT archived_at, item_id, user_id FROM pending
       UNION SELECT s.archived_at, s.item_id, s.user_id FROM pending p
         JOIN delivery s ON s.twin_item_id = p.item_id AND s.user_id = p.user_id AND s.state = 'skipped'),
     undecided AS (
       SELECT archived_at, id FROM pending
       UNION SELECT s.archived_at, s.id FROM places p JOIN delivery s ON s.archived_at = p.archived_at
         AND s.item_id = p.item_id AND s.user_id = p.user_id AND s.state = 'skipped' AND s.rule <> 'fallback')
     SELECT d.archived_at, d.id, d.item_id, d.organization_id, i.message_key, d.participant, d.number, d.written, d.region,
       d.region_assumed, d.email,
       coalesce(i.message_time, i.archived_at) AS at, d.user_id, d.state = 'skipped' AS skipped
     FROM undecided u JOIN delivery d ON d.archived_at = u.archived_at AND d.id = u.id
     JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id
     ORDER BY skipped, d.archived_at, d.id`,
    [importId, from, to, after.archivedAt, after.id, limit],
  );
  return rows;
}

/** A copy that is not on its way, and what the mapping in force says of it. */
export type DecidedAgain = Decided & { readonly row: UndecidedCopy };

/**
 * Gives copies to other mailboxes than they were meant for, or lets them wait, in one transaction with what was skipped
 * for them. A copy that was claimed meanwhile goes where it was going.
 *
 * @param decided those of which the mailbox changes, and those that were skipped for one of them
 * @returns how many were taken back
 */
export async function moveCopies(
  pool: pg.Pool,
  { connector, versionId }: Decision,
  decided: readonly DecidedAgain[],
): Promise<number> {
  return inTransaction(pool, async (client) => {
    if (!(await staysInForce(client, connector.organizationId, connector.id, versionId))) return 0;
    await lockWithTwins(
      client,
      decided.map(({ row }) => row),
    );
    const changed = decided.filter(isChanged);
    const { rows } = await client.query<SettledCopy & { id: string }>(
      `UPDATE delivery d SET state = 'waiting', reason = n.reason, rule = 'none', user_id = NULL,
         mapping_version_id = NULL, mapping_row = NULL, twin_item_id = NULL, twin_archived_at = NULL
       FROM unnest($1::timestamptz[], $2::bigint[], $3::uuid[], $4::text[]) AS n (archived_at, id, user_id, reason)
       WHERE d.archived_at = n.archived_at AND d.id = n.id AND d.user_id = n.user_id
         AND (d.state = 'pending' AND d.doubt <> 1 OR d.state = 'skipped')
       RETURNING d.import_id, d.archived_at, d.id, d.item_id, old.user_id, old.state AS before, new.state AS after`,
      [
        changed.map(({ row }) => row.archived_at),
        changed.map(({ row }) => row.id),
        changed.map(({ row }) => row.user_id),
        changed.map(({ choice }) => (choice.kind === 'waiting' ? choice.reason : 'not_mapped')),
      ],
    );
    // Who was skipped for a copy that goes elsewhere waits now, and is given a mailbox with it.
    const further = await settleSkipped(
      client,
      rows.filter(({ before }) => before === 'pending'),
    );
    await countTransitions(client, COLLECTOR, [...rows, ...further]);
    await giveMailboxesIn(client, connector, decided.filter(hasMailbox));
    return rows.length;
  });
}

/**
 * Notes for copies that keep their mailbox what chose it now: it is sent by the mapping in force, and its evidence names
 * the rule, the row and the version of that one. A copy that was claimed meanwhile keeps what sent it.
 */
export async function noteChoices(
  pool: pg.Pool,
  { connector, versionId }: Decision,
  decided: readonly DecidedAgain[],
): Promise<void> {
  const staying = decided.filter(hasMailbox).filter((one) => !isChanged(one));
  const mapped = staying.map(({ choice }) => (choice.candidate.rule === 'mapping' ? choice.candidate : null));
  await inTransaction(pool, async (client) => {
    if (!(await staysInForce(client, connector.organizationId, connector.id, versionId))) return;
    await client.query(
      `WITH staying AS MATERIALIZED (
         SELECT d.archived_at, d.id, n.rule, n.version_id, n.mapping_row
         FROM unnest($1::timestamptz[], $2::bigint[], $3::uuid[], $4::text[], $5::uuid[], $6::int[])
           AS n (archived_at, id, user_id, rule, version_id, mapping_row)
         JOIN delivery d ON d.archived_at = n.archived_at AND d.id = n.id AND d.user_id = n.user_id
         WHERE (d.state = 'pending' AND d.doubt <> 1 OR d.state = 'skipped')
           AND (d.rule, d.mapping_version_id, d.mapping_row) IS DISTINCT FROM (n.rule, n.version_id, n.mapping_row)
         ORDER BY d.id FOR NO KEY UPDATE OF d)
       UPDATE delivery d SET rule = n.rule, mapping_version_id = n.version_id, mapping_row = n.mapping_row
       FROM staying n WHERE d.archived_at = n.archived_at AND d.id = n.id`,
      [
        staying.map(({ row }) => row.archived_at),
        staying.map(({ row }) => row.id),
        staying.map(({ row }) => row.user_id),
        staying.map(({ choice }) => choice.candidate.rule),
        mapped.map((candidate) => candidate?.versionId ?? null),
        mapped.map((candidate) => candidate?.row ?? null),
      ],
    );
  });
}

/** What a copy's national number is in another region than the one that it was read in. */
export interface Reading {
  readonly row: Pick<WaitingCopy, 'archived_at' | 'id' | 'item_id'>;
  readonly region: Region;
  /** null: it is none there */
  readonly number: E164 | null;
}

/**
 * Notes how the numbers of copies that are not on their way are read by the version in force. What was sent keeps the
 * number by which its mailbox was found.
 */
export async function noteReadings(
  pool: pg.Pool,
  { connector, versionId }: Decision,
  readings: readonly Reading[],
): Promise<void> {
  await inTransaction(pool, async (client) => {
    if (!(await staysInForce(client, connector.organizationId, connector.id, versionId))) return;
    await client.query(
      `WITH again AS MATERIALIZED (
         SELECT d.archived_at, d.id, n.region, n.number
         FROM unnest($1::timestamptz[], $2::bigint[], $3::text[], $4::text[]) AS n (archived_at, id, region, number)
         JOIN delivery d ON d.archived_at = n.archived_at AND d.id = n.id
         WHERE d.state IN ('waiting', 'pending', 'skipped') AND d.doubt <> 1 AND d.region_assumed
         ORDER BY d.id FOR NO KEY UPDATE OF d)
       UPDATE delivery d SET region = n.region, number = n.number
       FROM again n WHERE d.archived_at = n.archived_at AND d.id = n.id`,
      [
        readings.map(({ row }) => row.archived_at),
        readings.map(({ row }) => row.id),
        readings.map(({ region }) => region),
        readings.map(({ number }) => number),
      ],
    );
  });
}

/** Notes by which version a connector's copies were decided. */
export async function noteDecided(
  pool: pg.Pool,
  { organizationId, id }: Whose,
  versionId: string | null,
): Promise<void> {
  await pool.query('UPDATE connector SET decided_version_id = $3 WHERE organization_id = $1 AND id = $2', [
    organizationId,
    id,
    versionId,
  ]);
}

/** Whether a copy goes elsewhere than it was meant to. */
export function isChanged({ row, choice }: DecidedAgain): boolean {
  return choice.kind === 'waiting' || choice.userId !== row.user_id;
}

const hasMailbox = (decided: DecidedAgain): decided is DecidedAgain & Chosen => decided.choice.kind === 'mailbox';
