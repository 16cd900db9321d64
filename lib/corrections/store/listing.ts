/** The copies of a number that are in mailboxes, and what the mapping in force says of each. */
import type pg from 'pg';
import { inTransaction } from '../../db.ts';
import type { WaitingCopy } from '../../imports/store/waiting.ts';
import type { CopyKey, CopyReason, CopyState } from '../correction.ts';
import { goTo, type HeldCorrection, lockHeld } from './corrections.ts';

/** An archived copy: delivered, or served by another copy's message in the same mailbox. */
export interface ArchivedCopy extends WaitingCopy {
  readonly source_item_id: string;
  readonly user_id: string;
  readonly mailbox_address: string | null;
  readonly message_id: string | null;
  readonly signed_off: boolean;
  /** is being sent to that mailbox, or was sent and is not whole or not sure yet */
  readonly under_way: boolean;
}

/** What a mailbox's owner has of an item by the ledger, or may have in a moment. `d` is the copy. */
const IS_ARCHIVED = `d.state IN ('imported', 'partially_imported', 'skipped', 'sending', 'created') AND d.user_id IS NOT NULL
  AND d.rule <> 'fallback'`;

/** A phone's clock may be ahead of the source's by a day at most; what is further ahead counts as impossible. */
const AHEAD = `interval '1 day'`;

/** The next archived copies of a correction's number in its period of message time, oldest arrival first. */
export async function archivedCopies(
  pool: pg.Pool,
  correction: HeldCorrection,
  after: CopyKey | null,
  limit: number,
): Promise<ArchivedCopy[]> {
  const { rows } = await pool.query<ArchivedCopy>(
    `SELECT d.archived_at, d.id, d.item_id, d.organization_id, i.message_key, d.participant, d.number, d.written,
       d.region, d.region_assumed, d.email, coalesce(i.message_time, i.archived_at) AS at, i.source_item_id, d.user_id, d.mailbox_address,
       CASE WHEN d.state <> 'skipped' THEN d.message_id END AS message_id, d.sign_off_id IS NOT NULL AS signed_off,
       d.state IN ('sending', 'created') AS under_way
     FROM delivery d JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id
     WHERE d.organization_id = $1 AND d.source_id = $2 AND d.number = $3 AND ${IS_ARCHIVED}
       AND d.archived_at >= $4::timestamptz - ${AHEAD} AND (d.archived_at, d.id) > ($6, $7)
       AND coalesce(i.message_time, i.archived_at) >= $4 AND coalesce(i.message_time, i.archived_at) < $5
     ORDER BY d.archived_at, d.id LIMIT $8`,
    [
      correction.organizationId,
      correction.sourceId,
      correction.number,
      correction.from,
      correction.to,
      after?.archivedAt ?? '-infinity',
      after?.deliveryId ?? '0',
      limit,
    ],
  );
  return rows;
}

/** What the mapping in force says of an archived copy. */
export interface ListedCopy {
  readonly copy: ArchivedCopy;
  readonly to: { readonly userId: string; readonly address: string } | null;
  readonly state: Extract<CopyState, 'right' | 'nowhere' | 'listed' | 'kept_back'>;
  readonly reason: CopyReason | null;
}

/**
 * Writes what a set of copies came to, with the place up to which the number is listed. Where they were decided by another
 * mapping version than those before, everything is listed anew.
 *
 * @returns false where the listing begins anew
 * @throws CorrectionLostError
 */
export async function writeListed(
  pool: pg.Pool,
  held: HeldCorrection,
  versionId: string | null,
  listed: readonly ListedCopy[],
): Promise<boolean> {
  const last = listed.at(-1)?.copy;
  if (!last) return true;
  return inTransaction(pool, async (client) => {
    await lockHeld(client, held);
    const { rows } = await client.query<{ begun: boolean; same: boolean }>(
      `SELECT listed_archived_at IS NOT NULL AS begun, mapping_version_id IS NOT DISTINCT FROM $2::uuid AS same
       FROM correction WHERE id = $1`,
      [held.id, versionId],
    );
    if (rows[0]?.begun === true && !rows[0].same) {
      await forgetListed(client, held.id);
      return false;
    }
    await client.query(
      `INSERT INTO correction_copy (correction_id, organization_id, archived_at, delivery_id, item_id, source_item_id,
         message_time, from_user_id, from_mailbox, from_message_id, to_user_id, to_mailbox, state, reason)
       SELECT $1, $2, * FROM unnest($3::timestamptz[], $4::bigint[], $5::bigint[], $6::text[], $7::timestamptz[],
         $8::uuid[], $9::text[], $10::text[], $11::uuid[], $12::text[], $13::text[], $14::text[])
       ON CONFLICT DO NOTHING`,
      [
        held.id,
        held.organizationId,
        listed.map(({ copy }) => copy.archived_at),
        listed.map(({ copy }) => copy.id),
        listed.map(({ copy }) => copy.item_id),
        listed.map(({ copy }) => copy.source_item_id),
        listed.map(({ copy }) => copy.at),
        listed.map(({ copy }) => copy.user_id),
        listed.map(({ copy }) => copy.mailbox_address ?? copy.user_id),
        listed.map(({ copy }) => copy.message_id),
        listed.map(({ to }) => to?.userId ?? null),
        listed.map(({ to }) => to?.address ?? null),
        listed.map(({ state }) => state),
        listed.map(({ reason }) => reason),
      ],
    );
    await client.query(
      `UPDATE correction SET mapping_version_id = $2, listed_archived_at = $3, listed_delivery_id = $4 WHERE id = $1`,
      [held.id, versionId, last.archived_at, last.id],
    );
    return true;
  });
}

/** Everything is listed: an administrator is next. @throws CorrectionLostError */
export async function endListing(pool: pg.Pool, held: HeldCorrection): Promise<void> {
  await inTransaction(pool, async (client) => {
    await lockHeld(client, held);
    await goTo(client, held, 'listed');
  });
}

/** Takes back what was listed, before anything of it was moved. */
export async function forgetListed(client: pg.PoolClient, correctionId: string): Promise<void> {
  await client.query('DELETE FROM correction_copy WHERE correction_id = $1', [correctionId]);
  await client.query(
    `UPDATE correction SET mapping_version_id = NULL, listed_archived_at = NULL, listed_delivery_id = NULL WHERE id = $1`,
    [correctionId],
  );
}
