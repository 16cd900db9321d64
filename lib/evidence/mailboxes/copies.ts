/** The copies that mailboxes are to hold by the ledger: read in sets by their key, so that a month of them needs no memory. */
import type pg from 'pg';
import { inMonths, monthsOf } from '../../imports/store/months.ts';

/** Whose copies are verified: of a connector, and of what reached its source in this time (half-open). */
export interface Range {
  readonly organizationId: string;
  readonly connectorId: string;
  readonly from: Date;
  readonly to: Date;
}

export interface LedgerCopy {
  readonly archivedAt: Date;
  readonly id: string;
  readonly sourceItemId: string;
  readonly state: 'imported' | 'partially_imported';
  readonly userId: string;
  readonly mailbox: string | null;
  readonly messageId: string;
  /** in hex; null where it is not kept */
  readonly contentHash: string | null;
}

/** Literals, as the partial indexes have them. */
const IS_THERE = `d.state IN ('imported', 'partially_imported')`;
const COLUMNS = `d.archived_at AS "archivedAt", d.id, i.source_item_id AS "sourceItemId", d.state, d.user_id AS "userId",
  d.mailbox_address AS mailbox, d.message_id AS "messageId", encode(d.content_hash, 'hex') AS "contentHash"`;

/** All of them, oldest first. @param size of a set */
export async function* ledgerCopies(
  pool: pg.Pool,
  { organizationId, connectorId, from, to }: Range,
  size: number,
): AsyncGenerator<LedgerCopy> {
  let after = { archivedAt: from, id: '0' };
  for (;;) {
    const { rows } = await pool.query<LedgerCopy>(
      `SELECT ${COLUMNS} FROM delivery d JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id
       WHERE d.organization_id = $1 AND d.connector_id = $2 AND ${IS_THERE}
         AND d.archived_at >= $3 AND d.archived_at < $4 AND (d.archived_at, d.id) > ($3, $5::bigint)
         AND ${inMonths('d.archived_at', '$6', '$7')} AND ${inMonths('i.archived_at', '$6', '$7')}
       ORDER BY d.archived_at, d.id LIMIT $8`,
      [
        organizationId,
        connectorId,
        after.archivedAt,
        to,
        after.id,
        ...monthsOf([after.archivedAt, new Date(to.getTime() - 1)]),
        size,
      ],
    );
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < size) return;
    after = last;
  }
}

/** Whether the ledger still says of a copy what it said when it was listed: a correction moves copies meanwhile. */
export async function isAsListed(pool: pg.Pool, organizationId: string, copy: LedgerCopy): Promise<boolean> {
  const { rowCount } = await pool.query(
    `SELECT 1 FROM delivery WHERE organization_id = $1 AND archived_at = $2 AND id = $3 AND state = $4 AND user_id = $5
       AND message_id = $6 AND encode(content_hash, 'hex') IS NOT DISTINCT FROM $7`,
    [organizationId, copy.archivedAt, copy.id, copy.state, copy.userId, copy.messageId, copy.contentHash],
  );
  return rowCount === 1;
}

export interface VerifiedConnector {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly kind: string;
  readonly accountId: string;
}

/** Connectors of these organizations with this id or this name, also deleted ones: their copies are in mailboxes. */
export async function connectorsCalled(
  pool: pg.Pool,
  organizationIds: readonly string[],
  called: string,
): Promise<VerifiedConnector[]> {
  const { rows } = await pool.query<VerifiedConnector>(
    `SELECT c.id, c.organization_id AS "organizationId", c.name, c.kind, s.account_id AS "accountId"
     FROM connector c JOIN source s ON s.id = c.source_id
     WHERE c.organization_id = ANY ($1::uuid[]) AND c.status <> 'draft' AND (c.id::text = lower($2) OR c.name = $2)
     ORDER BY c.name, c.id`,
    [organizationIds, called],
  );
  return rows;
}
