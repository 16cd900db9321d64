/** Sending again what Microsoft 365 refused. Whoever calls this has locked the items. */
import type pg from 'pg';
import { CONTENT_LOST } from '../reasons.ts';
import { ATTACHMENT_MAY_BE_TAKEN } from '../retryable.ts';
import { reopenClearing } from './clearing.ts';
import { COLLECTOR } from './counters.ts';
import { countTransitions } from './item-outcomes.ts';
import { claimTwins, type SettledCopy, settleSkipped, type TransitionRow, twinKey } from './twins.ts';
import type { UndoneKey } from './undone.ts';

export interface Retried {
  /** copies on their way again */
  readonly sent: number;
  /** of these, those that wait for a mailbox first: another mapping is in force than the one that chose theirs */
  readonly toDecide: number;
  /** copies whose place in the mailbox another phone's copy of the message has taken meanwhile */
  readonly skipped: number;
  readonly shards: readonly number[];
}

interface FailedCopy {
  readonly archived_at: Date;
  readonly id: string;
  readonly item_id: string;
  readonly user_id: string;
  readonly source_id: string;
  readonly organization_id: string;
  readonly message_key: string | null;
  /** its mailbox was chosen by another mapping than the one in force, and it was certainly never sent there */
  readonly stale: boolean;
}

type Retransition = TransitionRow & { readonly shard: number };

const arraysOf = (keys: readonly { readonly archivedAt: Date; readonly id: string }[]) => [
  keys.map((key) => key.archivedAt),
  keys.map((key) => key.id),
];

/**
 * `failed` → `pending`. A copy that failed has given its message's place in the mailbox away; it claims it again first,
 * and where another copy has it, it is skipped for that one. One that was ever in doubt is looked for before it is sent.
 * One whose mailbox another mapping chose waits, so that the mapping in force chooses: `release.ts`.
 *
 * @param versionId the mapping in force, which stays so to the end of the transaction; null: none is
 */
export async function retryFailed(
  client: pg.PoolClient,
  keys: readonly UndoneKey[],
  versionId: string | null,
): Promise<Retried> {
  const { rows: all } = await client.query<FailedCopy>(
    `SELECT d.archived_at, d.id, d.item_id, d.user_id, d.source_id, d.organization_id, i.message_key,
       $3::uuid IS NOT NULL AND d.mapping_version_id IS DISTINCT FROM $3::uuid AND d.rule <> 'fallback' AND d.doubt = 0
         AS stale
     FROM delivery d JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id
     WHERE (d.archived_at, d.id) IN (SELECT * FROM unnest($1::timestamptz[], $2::bigint[]))
       AND d.state = 'failed' AND d.sign_off_id IS NULL ORDER BY d.id FOR NO KEY UPDATE OF d`,
    [...arraysOf(keys), versionId],
  );
  const waiting = await letWait(
    client,
    all.filter(({ stale }) => stale),
  );
  const sent = await sendAgain(
    client,
    all.filter(({ stale }) => !stale),
  );
  return count(client, [...waiting, ...sent]);
}

/** `failed` → `waiting`: without a mailbox, as if nobody had chosen one yet, and so does who was skipped for it there. */
async function letWait(client: pg.PoolClient, stale: readonly FailedCopy[]): Promise<Retransition[]> {
  if (stale.length === 0) return [];
  const { rows } = await client.query<Retransition & SettledCopy>(
    `UPDATE delivery d SET state = 'waiting', reason = 'not_mapped', rule = 'none', user_id = NULL,
       mapping_version_id = NULL, mapping_row = NULL, attempts = 0, lookups = 0, not_before = now()
     FROM unnest($1::timestamptz[], $2::bigint[]) AS n (archived_at, id)
     WHERE d.archived_at = n.archived_at AND d.id = n.id
     RETURNING d.import_id, d.archived_at, d.item_id, d.shard, old.user_id, old.state AS before, new.state AS after`,
    [stale.map((copy) => copy.archived_at), stale.map((copy) => copy.id)],
  );
  await countTransitions(client, COLLECTOR, await settleSkipped(client, rows));
  return rows;
}

/** `failed` → `pending`, `sending` where it may have been sent, `skipped` where another copy has its place. */
async function sendAgain(client: pg.PoolClient, failed: readonly FailedCopy[]): Promise<Retransition[]> {
  const [first] = failed;
  if (!first) return [];
  const claims = failed.flatMap((copy) =>
    copy.message_key === null
      ? []
      : [{ messageKey: copy.message_key, userId: copy.user_id, itemId: copy.item_id, archivedAt: copy.archived_at }],
  );
  // A connector's copies are all of one source.
  const source = { sourceId: first.source_id, organizationId: first.organization_id };
  const twins = await claimTwins(client, source, claims);
  const winners = failed.map((copy) => {
    const winner = copy.message_key === null ? undefined : twins.get(twinKey(copy.message_key, copy.user_id));
    return winner === undefined || winner.itemId === copy.item_id ? null : winner;
  });
  const decided = [
    failed.map((copy) => copy.archived_at),
    failed.map((copy) => copy.id),
    winners.map((winner) => winner?.itemId ?? null),
    winners.map((winner) => winner?.archivedAt ?? null),
  ];
  const input = `unnest($1::timestamptz[], $2::bigint[], $3::bigint[], $4::timestamptz[])
    AS n (archived_at, id, twin_item_id, twin_archived_at)`;
  // Who shares the mailbox with a copy that is skipped now is skipped for the same one.
  await client.query(
    `UPDATE delivery o SET reason = 'twin', twin_item_id = n.twin_item_id, twin_archived_at = n.twin_archived_at
     FROM ${input} JOIN delivery d ON d.archived_at = n.archived_at AND d.id = n.id
     WHERE n.twin_item_id IS NOT NULL AND o.archived_at = d.archived_at AND o.item_id = d.item_id
       AND o.user_id = d.user_id AND o.state = 'skipped' AND o.reason = 'same_mailbox'`,
    decided,
  );
  const { rows } = await client.query<Retransition>(
    `UPDATE delivery d SET
       state = CASE WHEN n.twin_item_id IS NOT NULL THEN 'skipped' WHEN d.doubt > 0 THEN 'sending' ELSE 'pending' END,
       sending_until = CASE WHEN n.twin_item_id IS NULL AND d.doubt > 0 THEN now() END,
       -- Whoever reads its item from the source again finds it by this, also while it is on its way.
       reason = CASE WHEN n.twin_item_id IS NOT NULL THEN 'twin' WHEN d.reason = ANY ($5) THEN d.reason END,
       twin_item_id = n.twin_item_id, twin_archived_at = n.twin_archived_at,
       attempts = 0, lookups = 0, not_before = now()
     FROM ${input}
     WHERE d.archived_at = n.archived_at AND d.id = n.id
     RETURNING d.import_id, d.archived_at, d.item_id, d.shard, old.state AS before, new.state AS after`,
    [...decided, CONTENT_LOST],
  );
  return rows;
}

/**
 * `partially_imported` → `created`: the message is where it is, what it has is listed, and what it lacks is added. Its
 * content is another one then, and so is its hash. It keeps its place, so that no other copy is sent meanwhile.
 */
export async function retryAttachments(client: pg.PoolClient, keys: readonly UndoneKey[]): Promise<Retried> {
  const { rows } = await client.query<Retransition>(
    `UPDATE delivery d SET state = 'created', content_hash = NULL, sending_until = NULL, attempts = 0, lookups = 0, not_before = now()
     WHERE (d.archived_at, d.id) IN (SELECT * FROM unnest($1::timestamptz[], $2::bigint[]))
       AND d.state = 'partially_imported' AND d.sign_off_id IS NULL AND d.reason = ANY ($3)
     RETURNING d.import_id, d.archived_at, d.item_id, d.shard, old.state AS before, new.state AS after,
       d.rule = 'fallback' AS fallback`,
    [...arraysOf(keys), ATTACHMENT_MAY_BE_TAKEN],
  );
  return count(client, rows);
}

async function count(client: pg.PoolClient, rows: readonly Retransition[]): Promise<Retried> {
  await countTransitions(client, COLLECTOR, rows);
  await reopenClearing(client, [...new Set(rows.map((row) => row.import_id))]);
  const sent = rows.filter(({ after }) => after !== 'skipped');
  const toSend = sent.filter(({ after }) => after !== 'waiting');
  return {
    sent: sent.length,
    toDecide: sent.length - toSend.length,
    skipped: rows.length - sent.length,
    shards: [...new Set(toSend.map(({ shard }) => shard))],
  };
}
