/**
 * Copies that were skipped for another one: two phones archive one message (`twin`), or two participants share a mailbox
 * (`same_mailbox`). Whoever was skipped depends on that other copy, and is owed one again where it does not arrive.
 *
 * Locks are taken in one order by all who write here: items by id, twins, copies, imports.
 */
import type pg from 'pg';
import type { DeliveryState } from '../transitions.ts';
import { reopenClearing } from './clearing.ts';
import { inMonths, monthsOf } from './months.ts';

/** The item whose copy a mailbox gets of a message. */
export interface TwinItem {
  readonly itemId: string;
  readonly archivedAt: Date;
}

/** By `twinKey`. */
export type Twins = ReadonlyMap<string, TwinItem>;

export const twinKey = (messageKey: string, userId: string): string => `${userId} ${messageKey}`;

export interface TwinClaim extends TwinItem {
  readonly messageKey: string;
  readonly userId: string;
}

/**
 * Claims mailboxes for items: the first copy of a message wins. The rows stay locked, so that a winner cannot give up
 * between this and the moment at which another copy is skipped for it.
 *
 * @returns the winner of every claim
 */
export async function claimTwins(
  client: pg.PoolClient,
  source: { readonly sourceId: string; readonly organizationId: string },
  claims: readonly TwinClaim[],
): Promise<Twins> {
  if (claims.length === 0) return new Map();
  const { rows } = await client.query<{ message_key: string; user_id: string; item_id: string; archived_at: Date }>(
    `INSERT INTO message_twin AS m (source_id, organization_id, message_key, user_id, item_id, archived_at, skips)
     SELECT $1, $2, message_key, user_id, (array_agg(item_id ORDER BY position))[1],
       (array_agg(archived_at ORDER BY position))[1], count(DISTINCT item_id) > 1
     FROM unnest($3::text[], $4::uuid[], $5::bigint[], $6::timestamptz[]) WITH ORDINALITY
       AS t (message_key, user_id, item_id, archived_at, position)
     GROUP BY message_key, user_id ORDER BY message_key, user_id
     ON CONFLICT (source_id, message_key, user_id)
       DO UPDATE SET skips = m.skips OR excluded.skips OR m.item_id <> excluded.item_id
     RETURNING m.message_key, m.user_id, m.item_id, m.archived_at`,
    [
      source.sourceId,
      source.organizationId,
      claims.map((claim) => claim.messageKey),
      claims.map((claim) => claim.userId),
      claims.map((claim) => claim.itemId),
      claims.map((claim) => claim.archivedAt),
    ],
  );
  return new Map(
    rows.map((row) => [twinKey(row.message_key, row.user_id), { itemId: row.item_id, archivedAt: row.archived_at }]),
  );
}

/** A change of a copy, as counters and items want to know it. */
export interface TransitionRow {
  readonly import_id: string;
  readonly archived_at: Date;
  readonly item_id: string;
  readonly before: DeliveryState;
  readonly after: DeliveryState;
  /** a copy for the fallback mailbox */
  readonly fallback?: boolean;
}

/** A copy of an item for a mailbox. */
export interface MailboxCopy {
  readonly archived_at: Date;
  readonly item_id: string;
  readonly user_id: string;
}

/** A copy that was settled, with the mailbox that it was meant for. */
export interface SettledCopy extends TransitionRow, MailboxCopy {
  /** false: the source says of its item that no other phone archived it */
  readonly mayHaveTwins?: boolean;
}

/** A skipped copy whose turn it is. */
interface NextTwin {
  readonly archived_at: Date;
  readonly id: string;
  readonly item_id: string;
  readonly user_id: string;
  readonly twin_item_id: string;
}

/** The copies in `$1, $2, $3` (archived_at, item_id, user_id). */
const INPUT = `unnest($1::timestamptz[], $2::bigint[], $3::uuid[]) AS k (archived_at, item_id, user_id)`;
const valuesOf = (copies: readonly MailboxCopy[]) => [
  copies.map((copy) => copy.archived_at),
  copies.map((copy) => copy.item_id),
  copies.map((copy) => copy.user_id),
];

/**
 * Carries what became of copies over to those that were skipped for them:
 * - *waiting*: the mailbox is gone, so all who were skipped for it wait as well, each for a mailbox of their own;
 * - *failed*: the next twin takes its place;
 * - *imported*: the twins' content is needed no more.
 *
 * @returns the further changes
 */
export async function settleSkipped(
  client: pg.PoolClient,
  settled: readonly SettledCopy[],
): Promise<readonly TransitionRow[]> {
  const of = (...states: DeliveryState[]) => settled.filter(({ after }) => states.includes(after));
  const further: TransitionRow[] = [];
  const [gone, failed] = [of('waiting'), of('failed')];
  if (gone.length + failed.length > 0) await lockWithTwins(client, [...gone, ...failed]);
  if (gone.length > 0) further.push(...(await waitToo(client, gone)));
  if (failed.length > 0) further.push(...(await nextTwins(client, failed)));
  const imported = of('imported', 'partially_imported').filter(({ mayHaveTwins }) => mayHaveTwins !== false);
  if (imported.length > 0) await reopenTwins(client, imported);
  return further;
}

/** Locks the items of copies, and of those that were skipped for them, with their places among the twins. */
export async function lockWithTwins(client: pg.PoolClient, copies: readonly MailboxCopy[]): Promise<void> {
  await client.query(
    `SELECT 1 FROM item WHERE (archived_at, id) IN (
       SELECT k.archived_at, k.item_id FROM ${INPUT}
       UNION ALL SELECT d.archived_at, d.item_id FROM delivery d JOIN ${INPUT}
         ON d.twin_item_id = k.item_id AND d.user_id = k.user_id)
     ORDER BY id FOR NO KEY UPDATE`,
    valuesOf(copies),
  );
  await client.query(
    `SELECT 1 FROM message_twin m WHERE (m.source_id, m.message_key, m.user_id) IN (
       SELECT i.source_id, i.message_key, k.user_id FROM ${INPUT}
       JOIN item i ON i.archived_at = k.archived_at AND i.id = k.item_id)
     ORDER BY m.message_key, m.user_id FOR UPDATE`,
    valuesOf(copies),
  );
}

/** Items of which a copy to the same mailbox was skipped for one of the input, and the input itself. */
const DEPENDENT = `SELECT k.archived_at, k.item_id, k.user_id FROM ${INPUT}
  UNION SELECT d.archived_at, d.item_id, d.user_id FROM delivery d JOIN ${INPUT}
    ON d.twin_item_id = k.item_id AND d.user_id = k.user_id`;

async function waitToo(client: pg.PoolClient, gone: readonly SettledCopy[]): Promise<TransitionRow[]> {
  await client.query(
    `DELETE FROM message_twin m USING ${INPUT} JOIN item i ON i.archived_at = k.archived_at AND i.id = k.item_id
     WHERE m.source_id = i.source_id AND m.message_key = i.message_key AND m.user_id = k.user_id AND m.item_id = k.item_id`,
    valuesOf(gone),
  );
  const { rows } = await client.query<TransitionRow>(
    `WITH dependent AS (${DEPENDENT})
     UPDATE delivery d SET state = 'waiting', reason = 'no_mailbox', rule = 'none', user_id = NULL,
       twin_item_id = NULL, twin_archived_at = NULL
     FROM dependent k
     WHERE d.archived_at = k.archived_at AND d.item_id = k.item_id AND d.user_id = k.user_id AND d.state = 'skipped'
     RETURNING d.import_id, d.archived_at, d.item_id, old.state AS before, new.state AS after`,
    valuesOf(gone),
  );
  return rows;
}

/**
 * One twin of each becomes `pending`, or `sending` where its item was ever in doubt and may lie in a mailbox already; the
 * others are skipped for it from now on.
 */
async function nextTwins(client: pg.PoolClient, failed: readonly SettledCopy[]): Promise<TransitionRow[]> {
  // An item that has a copy of its own for the mailbox, by another participant, needs no turn.
  await client.query(
    `UPDATE delivery d SET reason = 'same_mailbox', twin_item_id = NULL, twin_archived_at = NULL
     FROM ${INPUT} WHERE d.twin_item_id = k.item_id AND d.user_id = k.user_id AND d.state = 'skipped' AND EXISTS (
       SELECT 1 FROM delivery own WHERE own.archived_at = d.archived_at AND own.item_id = d.item_id
         AND own.user_id = d.user_id AND own.state <> 'skipped')`,
    valuesOf(failed),
  );
  const { rows: next } = await client.query<NextTwin>(
    `SELECT DISTINCT ON (d.twin_item_id, d.user_id) d.archived_at, d.id, d.item_id, d.user_id, d.twin_item_id
     FROM delivery d JOIN ${INPUT} ON d.twin_item_id = k.item_id AND d.user_id = k.user_id
     WHERE d.state = 'skipped' AND d.reason = 'twin' ORDER BY d.twin_item_id, d.user_id, d.item_id, d.id`,
    valuesOf(failed),
  );
  // Two that failed may have the same item next, skipped for each of them: it gets one copy.
  const turns = [...new Map(next.map((row) => [`${row.item_id} ${row.user_id}`, row])).values()];
  const { rows } = await client.query<TransitionRow>(
    `WITH turn AS (
       SELECT d.archived_at, d.id, EXISTS (SELECT 1 FROM delivery any_of WHERE any_of.archived_at = d.archived_at
         AND any_of.item_id = d.item_id AND any_of.doubt > 0) AS doubted
       FROM unnest($1::timestamptz[], $2::bigint[]) AS t (archived_at, id)
       JOIN delivery d ON d.archived_at = t.archived_at AND d.id = t.id)
     UPDATE delivery d SET state = CASE WHEN t.doubted THEN 'sending' ELSE 'pending' END,
       sending_until = CASE WHEN t.doubted THEN now() ELSE d.sending_until END, lookups = 0, reason = NULL,
       not_before = now(), twin_item_id = NULL, twin_archived_at = NULL
     FROM turn t WHERE d.archived_at = t.archived_at AND d.id = t.id
     RETURNING d.import_id, d.archived_at, d.item_id, old.state AS before, new.state AS after`,
    [turns.map((row) => row.archived_at), turns.map((row) => row.id)],
  );
  const chosen = `unnest($1::bigint[], $2::uuid[], $3::bigint[], $4::timestamptz[]) AS k (failed_id, user_id, item_id, archived_at)`;
  const values = [
    next.map((row) => row.twin_item_id),
    next.map((row) => row.user_id),
    next.map((row) => row.item_id),
    next.map((row) => row.archived_at),
  ];
  // A second copy of the chosen item to this mailbox is skipped for the first.
  await client.query(
    `UPDATE delivery d SET reason = CASE WHEN d.item_id = k.item_id THEN 'same_mailbox' ELSE 'twin' END,
       twin_item_id = CASE WHEN d.item_id <> k.item_id THEN k.item_id END,
       twin_archived_at = CASE WHEN d.item_id <> k.item_id THEN k.archived_at END
     FROM ${chosen} WHERE d.twin_item_id = k.failed_id AND d.user_id = k.user_id AND d.state = 'skipped'`,
    values,
  );
  await client.query(
    `UPDATE message_twin m SET item_id = k.item_id, archived_at = k.archived_at
     FROM ${chosen} JOIN item i ON i.archived_at = k.archived_at AND i.id = k.item_id
     WHERE m.source_id = i.source_id AND m.message_key = i.message_key AND m.user_id = k.user_id AND m.item_id = k.failed_id`,
    values,
  );
  // Where there was none, the next phone that archives the message has its turn.
  await client.query(
    `DELETE FROM message_twin m USING ${INPUT} JOIN item i ON i.archived_at = k.archived_at AND i.id = k.item_id
     WHERE m.source_id = i.source_id AND m.message_key = i.message_key AND m.user_id = k.user_id AND m.item_id = k.item_id`,
    valuesOf(failed),
  );
  await reopenClearing(client, [...new Set(rows.map((row) => row.import_id))]);
  return rows;
}

/** Twins of what is imported now: their content was kept for the case that it would not be. They may lie in any month. */
async function reopenTwins(client: pg.PoolClient, imported: readonly SettledCopy[]): Promise<void> {
  const { rows: skipping } = await client.query<{ item_id: string; user_id: string }>(
    `SELECT m.item_id, m.user_id FROM ${INPUT}
     JOIN item i ON i.archived_at = k.archived_at AND i.id = k.item_id AND i.message_key IS NOT NULL
     JOIN message_twin m ON m.source_id = i.source_id AND m.message_key = i.message_key AND m.user_id = k.user_id
       AND m.item_id = k.item_id AND m.skips
     WHERE ${inMonths('i.archived_at', '$4', '$5')}`,
    [...valuesOf(imported), ...monthsOf(imported.map((copy) => copy.archived_at))],
  );
  if (skipping.length === 0) return;
  const { rows } = await client.query<{ import_id: string }>(
    `SELECT DISTINCT d.import_id FROM unnest($1::bigint[], $2::uuid[]) AS s (item_id, user_id)
     JOIN delivery d ON d.twin_item_id = s.item_id AND d.user_id = s.user_id WHERE d.state = 'skipped'`,
    [skipping.map((row) => row.item_id), skipping.map((row) => row.user_id)],
  );
  if (rows.length > 0)
    await reopenClearing(
      client,
      rows.map((row) => row.import_id),
    );
}
