/**
 * *Suspend deletion*, for a legal hold: while an organization has said so nothing of it is purged, whatever was kept long
 * enough, and nothing that is kept here alone is given up. `docs/retention.md` has what that stops and what goes on.
 */
import type pg from 'pg';
import { auditOrganizationIn, SYSTEM } from '../audit/entries.ts';
import { inTransaction, type Queryable } from '../db.ts';
import { type Actor, authorize } from '../security/actor.ts';
import { isStorable } from '../storable-text.ts';

export const REASON_LIMIT = 500;

export interface DeletionState {
  /** null: records go when they were kept long enough */
  readonly suspended: Suspension | null;
}

export interface Suspension {
  /** ISO 8601 in UTC */
  readonly since: string;
  /** null: the operator, by the command */
  readonly by: string | null;
  readonly reason: string;
}

export interface SetSuspended {
  readonly suspended: boolean;
  readonly reason: string;
}

/** `unchanged`: somebody was faster, and it is so already. */
export type SetSuspendedResult = 'done' | 'unchanged' | 'bad_reason';

/** @throws NotAllowed */
export async function deletionState(pool: pg.Pool, actor: Actor): Promise<DeletionState> {
  authorize(actor, 'history.read');
  const { rows } = await pool.query<{ since: Date | null; by: string | null; reason: string | null }>(
    `SELECT deletion_suspended_at AS since, deletion_suspended_by AS by, deletion_suspended_reason AS reason
     FROM organization WHERE id = $1`,
    [actor.organizationId],
  );
  const { since = null, by = null, reason = null } = rows[0] ?? {};
  return { suspended: since === null || reason === null ? null : { since: since.toISOString(), by, reason } };
}

/** An administrator's act, with a reason for either direction. Needs `retention.manage`. @throws NotAllowed */
export async function setDeletionSuspended(
  pool: pg.Pool,
  actor: Actor,
  { suspended, reason: written }: SetSuspended,
): Promise<SetSuspendedResult> {
  authorize(actor, 'retention.manage');
  const reason = written.trim();
  if (reason === '' || reason.length > REASON_LIMIT || !isStorable(reason)) return 'bad_reason';
  return (await change(pool, actor, suspended, reason, actor.name)) ? 'done' : 'unchanged';
}

/** The operator's command. @returns false where there is no such organization, or it is so already */
export function suspendDeletion(pool: pg.Pool, organizationId: string, reason: string): Promise<boolean> {
  return change(pool, { ...SYSTEM, organizationId }, true, reason, null);
}

/** The operator's command. @returns false where there is no such organization, or it was not suspended */
export function resumeDeletion(pool: pg.Pool, organizationId: string, reason: string): Promise<boolean> {
  return change(pool, { ...SYSTEM, organizationId }, false, reason, null);
}

/** Whether an organization keeps everything now; asked in the transaction that would give something up. */
export async function isDeletionSuspended(client: Queryable, organizationId: string): Promise<boolean> {
  const { rowCount } = await client.query(
    'SELECT FROM organization WHERE id = $1 AND deletion_suspended_at IS NOT NULL',
    [organizationId],
  );
  return rowCount === 1;
}

function change(
  pool: pg.Pool,
  who: Pick<Actor, 'organizationId' | 'userId' | 'name' | 'clientAddress'>,
  suspends: boolean,
  reason: string,
  by: string | null,
): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `UPDATE organization SET deletion_suspended_at = CASE WHEN $2 THEN now() END,
         deletion_suspended_reason = CASE WHEN $2 THEN $3 END, deletion_suspended_by = CASE WHEN $2 THEN $4 END
       WHERE id = $1 AND (deletion_suspended_at IS NULL) = $2`,
      [who.organizationId, suspends, reason, by],
    );
    if (rowCount !== 1) return false;
    const action = suspends ? 'organization.deletion-suspended' : 'organization.deletion-resumed';
    await auditOrganizationIn(client, who, { action, detail: { reason } });
    return true;
  });
}
