/** Corrections as pages show them. Numbers and mailboxes are for those who may manage the mapping. */
import type pg from 'pg';
import { type Actor, authorize } from '../security/actor.ts';
import type { CopyState, CorrectionPhase } from './correction.ts';

/** Times are ISO 8601. */
export interface CorrectionSummary {
  readonly id: string;
  /** E.164 */
  readonly number: string;
  readonly from: string;
  /** exclusive */
  readonly to: string;
  readonly reason: string;
  readonly phase: CorrectionPhase;
  /** of the last failed attempt, where it does not go on: a code of `imports/reasons.ts` */
  readonly problem: string | null;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly confirmedBy: string | null;
  readonly confirmedAt: string | null;
  readonly removalConfirmedBy: string | null;
  readonly removalConfirmedAt: string | null;
  readonly endedAt: string | null;
}

/** Copies with the same fate. */
export interface CorrectionGroup {
  readonly fromMailbox: string;
  /** null: the mapping gives none */
  readonly toMailbox: string | null;
  readonly state: CopyState;
  readonly reason: string | null;
  readonly count: number;
}

export interface OpenedCorrection extends CorrectionSummary {
  readonly groups: readonly CorrectionGroup[];
  /** messages that a confirmation would remove */
  readonly removable: number;
}

/** A message in a wrong mailbox. */
export interface WrongMessageRow {
  readonly key: string;
  readonly sourceItemId: string;
  readonly messageTime: string;
  readonly fromMailbox: string;
  readonly toMailbox: string;
  readonly state: CopyState;
  readonly reason: string | null;
}

const COLUMNS = `id, number, period_from, period_to, reason, phase, problem, created_by_name, created_at, confirmed_by_name,
  confirmed_at, removal_confirmed_by_name, removal_confirmed_at, ended_at`;

interface Row {
  id: string;
  number: string;
  period_from: Date;
  period_to: Date;
  reason: string;
  phase: CorrectionPhase;
  problem: string | null;
  created_by_name: string;
  created_at: Date;
  confirmed_by_name: string | null;
  confirmed_at: Date | null;
  removal_confirmed_by_name: string | null;
  removal_confirmed_at: Date | null;
  ended_at: Date | null;
}

const summaryOf = (row: Row): CorrectionSummary => ({
  id: row.id,
  number: row.number,
  from: row.period_from.toISOString(),
  to: row.period_to.toISOString(),
  reason: row.reason,
  phase: row.phase,
  problem: row.problem,
  createdBy: row.created_by_name,
  createdAt: row.created_at.toISOString(),
  confirmedBy: row.confirmed_by_name,
  confirmedAt: row.confirmed_at?.toISOString() ?? null,
  removalConfirmedBy: row.removal_confirmed_by_name,
  removalConfirmedAt: row.removal_confirmed_at?.toISOString() ?? null,
  endedAt: row.ended_at?.toISOString() ?? null,
});

/** A connector's corrections, newest first. @throws NotAllowed */
export async function listCorrections(
  pool: pg.Pool,
  actor: Actor,
  connectorId: string,
  limit: number,
): Promise<CorrectionSummary[]> {
  authorize(actor, 'mapping.manage');
  const { rows } = await pool.query<Row>(
    `SELECT ${COLUMNS} FROM correction WHERE organization_id = $1 AND connector_id = $2
     ORDER BY created_at DESC, id LIMIT $3`,
    [actor.organizationId, connectorId, limit],
  );
  return rows.map(summaryOf);
}

/** One correction with its numbers; null where it is not the organization's. @throws NotAllowed */
export async function openCorrection(
  pool: pg.Pool,
  actor: Actor,
  connectorId: string,
  correctionId: string,
): Promise<OpenedCorrection | null> {
  authorize(actor, 'mapping.manage');
  const { rows } = await pool.query<Row>(
    `SELECT ${COLUMNS} FROM correction WHERE organization_id = $1 AND connector_id = $2 AND id = $3`,
    [actor.organizationId, connectorId, correctionId],
  );
  const [row] = rows;
  if (!row) return null;
  const { rows: groups } = await pool.query<CorrectionGroup>(
    `SELECT from_mailbox AS "fromMailbox", to_mailbox AS "toMailbox", state, reason, count(*)::int AS count
     FROM correction_copy WHERE correction_id = $1 AND organization_id = $2
     GROUP BY 1, 2, 3, 4 ORDER BY count DESC, 1, 2, 3, 4`,
    [correctionId, actor.organizationId],
  );
  const removable = groups.reduce((sum, { state, count }) => sum + (state === 'verified' ? count : 0), 0);
  return { ...summaryOf(row), groups, removable };
}

/**
 * Messages in wrong mailboxes that are verified in the right ones, and what became of them, by arrival.
 *
 * @param after the key of the row before; null for the first
 * @throws NotAllowed
 */
export async function wrongMessageRows(
  pool: pg.Pool,
  actor: Actor,
  correctionId: string,
  after: string | null,
  limit: number,
): Promise<WrongMessageRow[]> {
  authorize(actor, 'mapping.manage');
  const { rows } = await pool.query<Omit<WrongMessageRow, 'messageTime'> & { messageTime: Date }>(
    `SELECT delivery_id AS key, source_item_id AS "sourceItemId", message_time AS "messageTime",
       from_mailbox AS "fromMailbox", to_mailbox AS "toMailbox", state, reason
     FROM correction_copy
     WHERE organization_id = $1 AND correction_id = $2 AND state IN ('verified', 'removing', 'removed', 'left')
       AND from_message_id IS NOT NULL AND delivery_id > $3
     ORDER BY delivery_id LIMIT $4`,
    [actor.organizationId, correctionId, after ?? '0', limit],
  );
  return rows.map((row) => ({ ...row, messageTime: row.messageTime.toISOString() }));
}
