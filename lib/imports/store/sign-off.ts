/** Marks rows of the ledger as signed off, which no later change can take back (constraints of the tables). */
import type pg from 'pg';
import type { SignedOffKind, UndoneKind } from '../counts.ts';
import type { SignOffReason } from '../sign-off-reasons.ts';
import { reopenClearing } from './clearing.ts';
import { COLLECTOR, CounterChanges } from './counters.ts';
import type { UndoneKey } from './undone.ts';

export interface SignOff {
  readonly organizationId: string;
  readonly connectorId: string;
  readonly kind: Exclude<UndoneKind, 'stopped'>;
  readonly reason: SignOffReason;
  readonly comment: string;
  readonly by: { readonly userId: string; readonly name: string };
}

const PLACES: Readonly<Record<SignOff['kind'], string>> = {
  waiting: `UPDATE delivery d SET sign_off_id = $3 WHERE d.state = 'waiting'`,
  failed: `UPDATE delivery d SET sign_off_id = $3 WHERE d.state = 'failed'`,
  partial: `UPDATE delivery d SET sign_off_id = $3 WHERE d.state = 'partially_imported'
    AND d.reason IS DISTINCT FROM 'missing_in_mailbox'`,
  // Of the missing, those that were not whole: what they lacked is kept. Of an imported one nothing is.
  missing: `UPDATE delivery d SET sign_off_id = $3 WHERE d.state = 'partially_imported' AND d.reason = 'missing_in_mailbox'`,
  unreadable: `UPDATE item d SET sign_off_id = $3 WHERE d.outcome = 'unreadable'`,
};

/**
 * Signs rows off whose items the caller has locked, and counts them beside their outcomes. Their content is looked
 * through again, and goes where nothing else needs it.
 *
 * @returns how many were signed off, and the sign-off's id; null where none was left to sign off
 */
export async function markSignedOff(
  client: pg.PoolClient,
  signOff: SignOff,
  keys: readonly UndoneKey[],
): Promise<{ readonly id: string; readonly count: number } | null> {
  const { organizationId, connectorId, kind, reason, comment, by } = signOff;
  const counted: SignedOffKind = kind === 'missing' ? 'partial' : kind;
  const { rows: numbers } = await client.query<{ id: string }>(
    `SELECT nextval(pg_get_serial_sequence('sign_off', 'id')) AS id`,
  );
  const id = numbers[0]?.id;
  if (id === undefined) throw new Error('no number for a sign-off');
  const { rows } = await client.query<{ import_id: string }>(
    `${PLACES[kind]} AND d.sign_off_id IS NULL
       AND (d.archived_at, d.id) IN (SELECT * FROM unnest($1::timestamptz[], $2::bigint[])) RETURNING d.import_id`,
    [keys.map((key) => key.archivedAt), keys.map((key) => key.id), id],
  );
  if (rows.length === 0) return null;
  await client.query(
    `INSERT INTO sign_off (id, organization_id, connector_id, kind, reason, comment, signed_count, signed_by, signed_by_name)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [id, organizationId, connectorId, counted, reason, comment, rows.length, by.userId, by.name],
  );
  const changes = new CounterChanges();
  for (const row of rows) changes.add(row.import_id, `signed_off.${counted}`, 1);
  await changes.write(client, COLLECTOR);
  await reopenClearing(client, changes.importIds);
  return { id, count: rows.length };
}
