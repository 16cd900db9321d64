/** Copies that wait for a mailbox: read, given another reason, or given a mailbox and sent on their way. */
import type pg from 'pg';
import { inTransaction } from '../../db.ts';
import type { Choice } from '../../mapping/choose-mailbox.ts';
import type { Region } from '../../mapping/number.ts';
import { staysInForce } from '../../mapping/store/in-force.ts';
import type { FallbackChoice } from '../fallback.ts';
import { shardOf } from '../shards.ts';
import { reopenClearing } from './clearing.ts';
import type { RunningConnector } from './connectors.ts';
import { COLLECTOR } from './counters.ts';
import { countTransitions } from './item-outcomes.ts';
import { claimTwins, type TransitionRow, twinKey } from './twins.ts';

/** A copy that waits for a mailbox, as it lies in the ledger. */
export interface WaitingCopy {
  readonly archived_at: Date;
  readonly id: string;
  readonly item_id: string;
  readonly organization_id: string;
  readonly message_key: string | null;
  readonly participant: string;
  readonly number: string | null;
  readonly written: string;
  readonly region: Region;
  /** the connector's stood in for it when it was read */
  readonly region_assumed: boolean;
  readonly email: string | null;
  readonly at: Date;
}

/** Where a reading of the waiting copies stands: after this one. */
export interface WaitingPlace {
  readonly archivedAt: Date;
  readonly id: string;
}

/** The next copies of a source that wait and were not signed off, whichever of its connectors collected them. */
export async function waitingCopies(
  pool: pg.Pool,
  organizationId: string,
  sourceId: string,
  after: WaitingPlace,
  limit: number,
): Promise<WaitingCopy[]> {
  const { rows } = await pool.query<WaitingCopy>(
    // Each connector's by the index, which has them in this order; the time by itself as well, for the partitions.
    `WITH next AS MATERIALIZED (
       SELECT d.* FROM connector c CROSS JOIN LATERAL (
         SELECT * FROM delivery w WHERE w.connector_id = c.id AND w.state = 'waiting' AND w.sign_off_id IS NULL
           AND w.archived_at >= $3 AND (w.archived_at, w.id) > ($3, $4) ORDER BY w.archived_at, w.id LIMIT $5) AS d
       WHERE c.organization_id = $1 AND c.source_id = $2 ORDER BY d.archived_at, d.id LIMIT $5)
     SELECT d.archived_at, d.id, d.item_id, d.organization_id, i.message_key, d.participant, d.number, d.written, d.region,
       d.region_assumed, d.email,
       coalesce(i.message_time, i.archived_at) AS at
     FROM next d JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id
     ORDER BY d.archived_at, d.id`,
    [organizationId, sourceId, after.archivedAt, after.id, limit],
  );
  return rows;
}

/** A waiting copy and what the mapping and the directory say of it now. */
export interface Decided {
  readonly row: WaitingCopy;
  readonly choice: Choice | FallbackChoice;
}
/** Somebody whose mailbox is known now. */
export type Chosen = Decided & { readonly choice: Extract<Choice, { kind: 'mailbox' }> | FallbackChoice };
/** Somebody who goes on waiting, for the reason of the choice. */
export type StillWaiting = Decided & { readonly choice: Extract<Choice, { kind: 'waiting' }> };

/** Who goes on waiting may do so for another reason than before: what an administrator has to mend is another thing now. */
export async function updateReasons(pool: pg.Pool, waiting: readonly StillWaiting[]): Promise<void> {
  const mapped = waiting.map(({ choice: { candidate } }) => (candidate?.rule === 'mapping' ? candidate : null));
  await pool.query(
    `WITH waiting AS MATERIALIZED (
       SELECT d.archived_at, d.id, n.reason, n.version_id, n.mapping_row
       FROM unnest($1::timestamptz[], $2::bigint[], $3::text[], $4::uuid[], $5::int[])
         AS n (archived_at, id, reason, version_id, mapping_row)
       JOIN delivery d ON d.archived_at = n.archived_at AND d.id = n.id
       WHERE d.state = 'waiting' AND (d.reason, d.mapping_version_id, d.mapping_row)
         IS DISTINCT FROM (n.reason, n.version_id, n.mapping_row)
       ORDER BY d.id FOR NO KEY UPDATE OF d)
     UPDATE delivery d SET reason = n.reason, mapping_version_id = n.version_id, mapping_row = n.mapping_row
     FROM waiting n WHERE d.archived_at = n.archived_at AND d.id = n.id AND d.state = 'waiting'`,
    [
      waiting.map(({ row }) => row.archived_at),
      waiting.map(({ row }) => row.id),
      waiting.map(({ choice }) => choice.reason),
      mapped.map((candidate) => candidate?.versionId ?? null),
      mapped.map((candidate) => candidate?.row ?? null),
    ],
  );
}

/** Whose copies, and by which mapping version their mailboxes were chosen; null where none was in force. */
export interface Decision {
  readonly connector: Pick<RunningConnector, 'id' | 'organizationId' | 'sourceId'>;
  readonly versionId: string | null;
}

/**
 * Gives copies a mailbox each: they are sent, or skipped where it holds a copy of the message already. Where another
 * mapping came into force since they were chosen, nothing is given: whoever decides by that one sees them waiting.
 *
 * @returns how many of them were still waiting
 */
export async function giveMailboxes(pool: pg.Pool, decision: Decision, chosen: readonly Chosen[]): Promise<number> {
  const { connector, versionId } = decision;
  return inTransaction(pool, async (client) => {
    if (!(await staysInForce(client, connector.organizationId, connector.id, versionId))) return 0;
    return giveMailboxesIn(client, connector, chosen);
  });
}

/** As `giveMailboxes`, in a transaction in which the mapping is known to stay in force. */
export async function giveMailboxesIn(
  client: pg.PoolClient,
  { organizationId, sourceId }: Pick<RunningConnector, 'organizationId' | 'sourceId'>,
  chosen: readonly Chosen[],
): Promise<number> {
  // Items first and in order: who finishes a copy of the same item meanwhile waits, or is waited for.
  await client.query(
    `SELECT 1 FROM item WHERE (archived_at, id) IN (SELECT * FROM unnest($1::timestamptz[], $2::bigint[]))
     ORDER BY id FOR NO KEY UPDATE`,
    [chosen.map(({ row }) => row.archived_at), chosen.map(({ row }) => row.item_id)],
  );
  const still = await stillWaiting(client, chosen);
  if (still.length === 0) return 0;
  const failedThere = await failedOfTheItem(client, still);
  const claims = still.flatMap(({ row, choice: { userId } }) =>
    // Skipped below for that other copy, it would take the place of a twin that can still arrive.
    row.message_key === null || failedThere.has(placeKey(row.item_id, userId))
      ? []
      : [{ messageKey: row.message_key, userId, itemId: row.item_id, archivedAt: row.archived_at }],
  );
  const twins = await claimTwins(client, { sourceId, organizationId }, claims);
  const twinOf = ({ row, choice }: Chosen) => {
    const winner = row.message_key === null ? undefined : twins.get(twinKey(row.message_key, choice.userId));
    return winner === undefined || winner.itemId === row.item_id ? null : winner;
  };
  const { rows } = await client.query<TransitionRow>(
    `WITH input AS (
       SELECT t.*, d.item_id, row_number() OVER (PARTITION BY d.item_id, t.user_id ORDER BY d.id) AS turn
       FROM unnest($1::timestamptz[], $2::bigint[], $3::uuid[], $4::text[], $5::smallint[], $6::text[], $7::uuid[],
         $8::int[], $9::bigint[], $10::timestamptz[])
         AS t (archived_at, id, user_id, mailbox_address, shard, rule, mapping_version_id, mapping_row,
           twin_item_id, twin_archived_at)
       JOIN delivery d ON d.archived_at = t.archived_at AND d.id = t.id),
     decided AS (
       SELECT input.*, CASE
         WHEN input.twin_item_id IS NOT NULL THEN 'twin'
         WHEN input.turn > 1 OR EXISTS (SELECT 1 FROM delivery other
           WHERE other.archived_at = input.archived_at AND other.item_id = input.item_id
             AND other.user_id = input.user_id AND other.state <> 'skipped') THEN 'same_mailbox'
         END AS skipped_for,
         EXISTS (SELECT 1 FROM delivery any_of WHERE any_of.archived_at = input.archived_at
           AND any_of.item_id = input.item_id AND any_of.doubt > 0) AS doubted
       FROM input)
     UPDATE delivery d SET
       -- What was ever in doubt may lie in this very mailbox, whichever participant it was meant for: it is looked for
       -- before it is sent.
       state = CASE WHEN n.skipped_for IS NOT NULL THEN 'skipped' WHEN n.doubted THEN 'sending' ELSE 'pending' END,
       sending_until = CASE WHEN n.skipped_for IS NULL AND n.doubted THEN now() ELSE d.sending_until END,
       lookups = 0, reason = n.skipped_for,
       twin_item_id = n.twin_item_id, twin_archived_at = n.twin_archived_at,
       user_id = n.user_id, mailbox_address = n.mailbox_address, shard = n.shard, rule = n.rule,
       mapping_version_id = n.mapping_version_id, mapping_row = n.mapping_row, not_before = now()
     FROM decided n
     WHERE d.archived_at = n.archived_at AND d.id = n.id
     RETURNING d.import_id, d.archived_at, d.item_id, old.state AS before, new.state AS after`,
    [
      still.map(({ row }) => row.archived_at),
      still.map(({ row }) => row.id),
      still.map(({ choice }) => choice.userId),
      still.map(({ choice }) => choice.address),
      still.map(({ choice }) => shardOf(choice.userId)),
      still.map(({ choice }) => choice.candidate.rule),
      still.map(({ choice }) => (choice.candidate.rule === 'mapping' ? choice.candidate.versionId : null)),
      still.map(({ choice }) => (choice.candidate.rule === 'mapping' ? choice.candidate.row : null)),
      still.map((one) => twinOf(one)?.itemId ?? null),
      still.map((one) => twinOf(one)?.archivedAt ?? null),
    ],
  );
  await countTransitions(client, COLLECTOR, rows);
  await reopenClearing(client, [...new Set(rows.map((row) => row.import_id))]);
  return rows.length;
}

const placeKey = (itemId: string, userId: string): string => `${itemId} ${userId}`;

/** Of the chosen mailboxes those to which another participant's copy of the same item failed, by `placeKey`. */
async function failedOfTheItem(client: pg.PoolClient, chosen: readonly Chosen[]): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ item_id: string; user_id: string }>(
    `SELECT DISTINCT d.item_id, d.user_id
     FROM delivery d JOIN unnest($1::timestamptz[], $2::bigint[], $3::uuid[]) AS k (archived_at, item_id, user_id)
       ON d.archived_at = k.archived_at AND d.item_id = k.item_id AND d.user_id = k.user_id
     WHERE d.state = 'failed'`,
    [
      chosen.map(({ row }) => row.archived_at),
      chosen.map(({ row }) => row.item_id),
      chosen.map(({ choice }) => choice.userId),
    ],
  );
  return new Set(rows.map((row) => placeKey(row.item_id, row.user_id)));
}

/** Locks the copies that nobody released meanwhile. */
async function stillWaiting(client: pg.PoolClient, chosen: readonly Chosen[]): Promise<Chosen[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT d.id FROM delivery d
     WHERE (d.archived_at, d.id) IN (SELECT * FROM unnest($1::timestamptz[], $2::bigint[])) AND d.state = 'waiting'
       AND d.sign_off_id IS NULL
     ORDER BY d.id FOR NO KEY UPDATE`,
    [chosen.map(({ row }) => row.archived_at), chosen.map(({ row }) => row.id)],
  );
  const waiting = new Set(rows.map(({ id }) => id));
  return chosen.filter(({ row }) => waiting.has(row.id));
}
