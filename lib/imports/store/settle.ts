/** What became of claimed copies, written in sets together with the numbers of their imports, under the epoch of a lease. */
import type pg from 'pg';
import { withLiterals } from '../../array-literal.ts';
import { inTransaction } from '../../db.ts';
import type { ReasonCode } from '../reasons.ts';
import type { DeliveryState } from '../transitions.ts';
import type { ClaimedDelivery } from './claims.ts';
import { forgetMailboxes } from './directory.ts';
import { countTransitions } from './item-outcomes.ts';
import type { ShardLease } from './leases.ts';
import { inMonths, monthsOf } from './months.ts';
import { SOUGHT_NOW } from './sought.ts';
import { type SettledCopy, settleSkipped } from './twins.ts';

/**
 * The content hash of the message that is in the mailbox, in hex. Null where only the message itself can say it: it was found
 * by a look-up, and may have been made of what was known at another time.
 */
export type ContentHash = string | null;

/** What became of a claimed copy. */
export type Settlement =
  | {
      readonly state: 'imported' | 'partially_imported';
      readonly messageId: string;
      readonly contentHash: ContentHash;
      readonly reason: ReasonCode | null;
    }
  /** the message is there, its attachments are not; looked at again after `inSeconds`, where a request for it may still
   * be under way not before its deadline and the late-commit allowance */
  | {
      readonly state: 'created';
      readonly messageId: string;
      readonly contentHash: ContentHash;
      readonly inSeconds: number;
      readonly perhapsUnderWay: boolean;
    }
  /** certainly not sent */
  | { readonly state: 'pending'; readonly inSeconds: number; readonly reason: ReasonCode | null }
  /** perhaps sent: looked up after `inSeconds`, and where the request may still be under way (nobody answered: we gave it
   * up ourselves) not before its deadline and the late-commit allowance. `absent` counts a look-up that did not find it */
  | {
      readonly state: 'sending';
      readonly inSeconds: number;
      readonly absent: boolean;
      readonly perhapsUnderWay?: true;
    }
  | { readonly state: 'failed'; readonly reason: ReasonCode }
  /** its mailbox is gone: the participant waits for another */
  /** `created`: its message lies in that mailbox, which may come back */
  | { readonly state: 'waiting'; readonly reason: ReasonCode; readonly created?: true };

export interface SettledDelivery {
  readonly delivery: ClaimedDelivery;
  readonly settlement: Settlement;
}

export interface Settled {
  /** imports whose numbers changed */
  readonly importIds: string[];
  /** of the copies that were ours to settle, what each became; no order is promised */
  readonly states: readonly DeliveryState[];
  /** whether others of this shard, skipped for one that failed, are to be sent now */
  readonly othersDue: boolean;
}

/**
 * Writes what became of claimed copies, and the numbers with it, in one transaction. A copy that another epoch has taken
 * meanwhile is left alone.
 */
export async function settle(pool: pg.Pool, lease: ShardLease, settled: readonly SettledDelivery[]): Promise<Settled> {
  if (settled.length === 0) return { importIds: [], states: [], othersDue: false };
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<SettledCopy>(
      `WITH input AS (SELECT * FROM unnest($2::timestamptz[], $3::bigint[], $4::text[], $5::text[], $6::text[],
           $7::double precision[], $8::boolean[], $9::boolean[], $10::boolean[], $14::bytea[])
           AS t (archived_at, id, state, message_id, reason, secs, absent, under_way, created, content_hash))
       UPDATE delivery d SET
         -- No participant waits for another fallback mailbox: somebody has to see to this one.
         state = CASE WHEN i.state = 'waiting' AND d.rule = 'fallback' THEN 'failed' ELSE i.state END,
         message_id = CASE WHEN i.state = 'waiting' THEN NULL ELSE coalesce(i.message_id, d.message_id) END,
         content_hash = CASE WHEN i.message_id IS NOT NULL OR i.state = 'waiting' THEN i.content_hash ELSE d.content_hash END,
         -- What is being asked for at the source is still lost here.
         reason = CASE WHEN d.reason = 'content_sought' AND i.reason IN ('content_missing', 'content_damaged')
           THEN d.reason ELSE i.reason END,
         user_id = CASE WHEN i.state = 'waiting' AND d.rule <> 'fallback' THEN NULL ELSE d.user_id END,
         rule = CASE WHEN i.state = 'waiting' AND d.rule <> 'fallback' THEN 'none' ELSE d.rule END,
         imported_at = CASE WHEN i.state IN ('imported', 'partially_imported') THEN now() ELSE d.imported_at END,
         -- An attempt that was certainly not made is not counted.
         attempts = CASE WHEN i.state = 'pending' THEN greatest(d.attempts - 1, 0) ELSE d.attempts END,
         -- Claimed to be sent, it has none; handed back with one, it was looked for twice.
         sought = CASE WHEN i.state = 'pending' AND d.lookups > 0 THEN ${SOUGHT_NOW} ELSE d.sought END,
         lookups = CASE WHEN i.state <> 'sending' THEN 0 WHEN i.absent THEN d.lookups + 1 ELSE d.lookups END,
         doubt = CASE WHEN i.state = 'sending' OR i.created THEN 1 ELSE d.doubt END,
         -- Where it may lie all the same: looked into once more a day later.
         doubt_user_ids = CASE WHEN i.state = 'waiting' AND d.rule <> 'fallback' AND (d.doubt = 1 OR i.created)
           THEN array_append(array_remove(d.doubt_user_ids, d.user_id), d.user_id) ELSE d.doubt_user_ids END,
         not_before = CASE WHEN i.state IN ('pending', 'sending', 'created')
           THEN now() + make_interval(secs => i.secs) ELSE d.not_before END,
         sending_until = CASE WHEN i.under_way THEN d.sending_until
           WHEN i.state = 'sending' THEN least(d.sending_until, now()) END
       FROM input i
       WHERE d.archived_at = i.archived_at AND d.id = i.id AND ${inMonths('d.archived_at', '$11', '$12')}
         -- Within CASE, so that the rows are found by their key: the index of what is in flight holds all shards' rows.
         AND CASE WHEN d.state IN ('sending', 'created') THEN d.epoch = $1 AND d.shard = $13 END
       RETURNING d.import_id, d.archived_at, d.item_id, old.user_id, old.state AS before, new.state AS after,
         new.rule = 'fallback' AS fallback`,
      withLiterals([
        lease.epoch,
        settled.map(({ delivery }) => delivery.archivedAt),
        settled.map(({ delivery }) => delivery.id),
        settled.map(({ settlement }) => settlement.state),
        settled.map(({ settlement }) => ('messageId' in settlement ? settlement.messageId : null)),
        settled.map(({ settlement }) => ('reason' in settlement ? settlement.reason : null)),
        settled.map(({ settlement }) => ('inSeconds' in settlement ? settlement.inSeconds : 0)),
        settled.map(({ settlement }) => settlement.state === 'sending' && settlement.absent),
        settled.map(({ settlement }) => 'perhapsUnderWay' in settlement && settlement.perhapsUnderWay === true),
        settled.map(({ settlement }) => settlement.state === 'waiting' && settlement.created === true),
        ...monthsOf(settled.map(({ delivery }) => delivery.archivedAt)),
        lease.shard,
        settled.map(({ settlement }) => ('contentHash' in settlement ? bytesOfHash(settlement.contentHash) : null)),
      ]),
    );
    const gone = rows.filter(({ after }) => after === 'waiting').map((row) => row.user_id);
    if (gone.length > 0) await forgetMailboxes(client, lease.organizationId, gone);
    const twinned = new Set(
      settled.filter(({ delivery }) => delivery.mayHaveTwins).map(({ delivery }) => delivery.itemId),
    );
    const copies = rows.map((row) => ({ ...row, mayHaveTwins: twinned.has(row.item_id) }));
    const further = await settleSkipped(client, copies);
    const importIds = await countTransitions(client, lease.shard, [...rows, ...further]);
    return {
      importIds,
      states: rows.map(({ after }) => after),
      othersDue: further.some(({ after }) => after === 'pending'),
    };
  });
}

const bytesOfHash = (hash: ContentHash): Buffer | null => (hash === null ? null : Buffer.from(hash, 'hex'));
